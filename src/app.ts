import { Hono, type Context as HonoContext } from "hono";
import { cors } from "hono/cors";
import { authenticate } from "./access/authenticate.ts";
import { oauth } from "./access/oauth.ts";
import type { RevocationSource } from "./access/revocations.ts";
import { codes } from "./codes/route.ts";
import { type Context, createContext } from "./context.ts";
import { type Database, type OpenDatabase, openDatabase } from "./database/client.ts";
import { type Bindings, type Environment, readEnvironment } from "./environment.ts";
import { answerRequest } from "./graphql/answer-request.ts";
import { readJobHealth } from "./jobs/health.ts";
import { parseLocales } from "./locales.ts";
import { admission } from "./overload.ts";

/** Every request is answered within this time, also when the database does not answer. */
const DEADLINE_MS = 10_000;

export interface Route {
  Bindings: Bindings;
  Variables: { environment: Environment };
}

/** The routes. */
export const app = new Hono<Route>();

app.options(
  "*",
  cors({ origin: "*", allowHeaders: ["authorization", "content-type", "accept-language"], maxAge: 86_400 }),
);

// Headers that are set before there is an answer make Hono copy the answer: a tenth of a kept one's time.
app.use(async (c, next) => {
  c.set("environment", await readEnvironment(c.env));
  await next();
  c.res.headers.set("access-control-allow-origin", "*");
  c.res.headers.set("access-control-expose-headers", "retry-after");
});

const admit = admission(Date.now);
for (const path of ["/graphql", "/oauth/token"]) app.use(path, admit);

app.get("/health", async (c) => {
  const { database } = openFor(c);
  const now = Date.now();
  const jobs = await readJobHealth(database, now).catch(() => undefined);
  const status = jobs ? "ok" : "database does not answer";
  return c.json({ status, ms: Date.now() - now, ...(jobs ? { jobs } : {}) }, jobs ? 200 : 503);
});

app.get("/.well-known/jwks.json", (c) => {
  c.header("cache-control", "public, max-age=300");
  return c.json(c.var.environment.signingKeys.jwks);
});

app.route("/", oauth);
app.route("/", codes);

app.all("/graphql", async (c) => {
  const { environment } = c.var;
  const now = Date.now();
  // Opened when it is first wanted: a kept answer wants none.
  let opened: OpenDatabase | undefined;
  const database = () => {
    opened ??= openFor(c, now);
    return opened.database;
  };
  const response = await answerRequest(c.req.raw, {
    development: environment.development,
    ...{ now, database },
    open: () => contextFor(c, database(), now),
  });
  if (!environment.development) return response;
  const counted = new Response(response.body, response);
  counted.headers.set("server-timing", `db;desc="${opened?.requestCount() ?? 0} requests"`);
  return counted;
});

app.notFound((c) => c.json({ error: "There is nothing here. The API is POST /graphql." }, 404));

app.onError((error, c) => {
  const id = crypto.randomUUID();
  console.error(JSON.stringify({ level: "error", id, kind: error.name, message: error.message }));
  // Also where it was the settings that could not be read.
  c.header("access-control-allow-origin", "*");
  return c.json({ error: `Something went wrong on our side. Tell us this id: ${id}` }, 500);
});

const revocationsFor = (c: HonoContext<Route>, database: Database): RevocationSource => ({
  name: c.var.environment.database.url,
  database,
  openAnother: () => openFor(c).database,
  background: (work) => c.executionCtx.waitUntil(work),
});

/** What a request is given: who sends it, by its token, and what its operation needs. */
export async function contextFor(c: HonoContext<Route>, database: Database, now: number): Promise<Context> {
  const { environment } = c.var;
  return createContext({
    ...{ environment, database, now },
    actor: await authenticate(environment, c.req.header("authorization"), revocationsFor(c, database), now),
    deadline: now + DEADLINE_MS,
    locales: parseLocales(c.req.header("accept-language")),
  });
}

/** A database client for one request. */
export function openFor(c: HonoContext<Route>, now = Date.now()) {
  const { url, authToken } = c.var.environment.database;
  return openDatabase({ url, authToken, deadline: now + DEADLINE_MS, clock: Date.now });
}
