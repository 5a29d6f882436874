import { Hono, type Context as HonoContext, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { authenticate } from "./access/authenticate.ts";
import { formTooLarge, LARGEST_FORM, oauth } from "./access/oauth.ts";
import type { RevocationSource } from "./access/revocations.ts";
import { codes } from "./codes/route.ts";
import { type Context, createContext } from "./context.ts";
import { type Database, type OpenDatabase, openDatabase } from "./database/client.ts";
import { describeError } from "./database/failures.ts";
import { type Bindings, type Environment, readEnvironment } from "./environment.ts";
import { answerRequest, LARGEST_BODY, tooLarge } from "./graphql/answer-request.ts";
import { readJobHealth } from "./jobs/health.ts";
import { parseLocales } from "./locales.ts";
import { admission } from "./overload.ts";

/** Every request is answered within this time, also when the database does not answer. */
const DEADLINE_MS = 10_000;

export interface Route {
  Bindings: Bindings;
  Variables: { environment: Environment };
}

/** Waits until a body is there, which Hono keeps in the form that it was read in. */
const arrived =
  (form: "text" | "arrayBuffer"): MiddlewareHandler<Route> =>
  async (c, next) => {
    if (c.req.method === "POST") await c.req[form]();
    await next();
  };

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
// The body comes before the place among those at once, and before the moment: who is slow to send has neither.
app.use("/graphql", bodyLimit({ maxSize: LARGEST_BODY, onError: tooLarge }), arrived("text"), admit);
app.use(
  "/oauth/token",
  bodyLimit({ maxSize: LARGEST_FORM, onError: formTooLarge }),
  arrived("arrayBuffer"),
  admit,
);

/** That all is well is said again for so long unasked: nobody is turned away here, and anyone may ask. */
const WELL_MS = 1_000;
let well: { at: number; told: object } | undefined;

app.get("/health", async (c) => {
  const now = Date.now();
  if (well && Math.abs(now - well.at) < WELL_MS) return c.json(well.told);
  // Meanwhile others are told what was.
  if (well) well.at = now;
  const jobs = await readJobHealth(openFor(c).database, now).catch(() => undefined);
  const ms = Date.now() - now;
  well = jobs && { at: now, told: { status: "ok", ms, jobs } };
  return well ? c.json(well.told) : c.json({ status: "database does not answer", ms }, 503);
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
  const text = c.req.method === "POST" ? await c.req.text() : "";
  const response = await answerRequest(c.req.raw, text, {
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
  console.error(JSON.stringify({ level: "error", id, ...describeError(error) }));
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
