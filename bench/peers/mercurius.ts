/** Mercurius on Fastify, with its JIT from the first request on. */
import Fastify from "fastify";
import mercurius, { type IResolvers } from "mercurius";
import { contextFor, resolvers, typeDefs } from "./schema.ts";

const app = Fastify();
app.register(mercurius, {
  ...{ schema: typeDefs, resolvers: resolvers as IResolvers, jit: 1 },
  context: (request: { headers: { authorization?: string } }) => contextFor(request.headers.authorization),
});
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
