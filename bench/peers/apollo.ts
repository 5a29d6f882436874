/** Apollo Server as its documentation starts it. */
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { type Context, contextFor, resolvers, typeDefs } from "./schema.ts";

const server = new ApolloServer<Context>({ typeDefs, resolvers });
await startStandaloneServer(server, {
  listen: { port: Number(process.env.PORT), host: "127.0.0.1" },
  context: ({ req }) => contextFor(req.headers.authorization),
});
