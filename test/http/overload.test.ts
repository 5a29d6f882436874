import { Hono, type MiddlewareHandler } from "hono";
import { expect, test } from "vitest";
import { app, type Route } from "../../src/app.ts";
import { admission } from "../../src/overload.ts";
import { bindings, environment } from "../support/caller.ts";

const MOST = 64;
const JSON_TYPE = { "content-type": "application/json" };
const narrow = { ...bindings, MOST_AT_ONCE: String(MOST) };

/** A request whose body comes when it is told to; until then it is being answered. */
function slowRequest() {
  let finish = () => {};
  const body = new ReadableStream({
    start: (controller) => {
      finish = () => {
        controller.enqueue(new TextEncoder().encode('{"query":"{ __typename }"}'));
        controller.close();
      };
    },
  });
  const init = { method: "POST", headers: JSON_TYPE, body, duplex: "half" };
  return { answer: Promise.resolve(app.request("/graphql", init as RequestInit, narrow)), finish };
}

const ask = async (path = "/graphql") =>
  app.request(path, { method: "POST", headers: JSON_TYPE, body: '{"query":"{ __typename }"}' }, narrow);

test("what is more than can be answered at once is told so at once, and those before it are answered", async () => {
  expect((await ask()).status).toBe(200);
  const admitted = Array.from({ length: MOST }, slowRequest);
  const refused = await ask();
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(refused.headers.get("access-control-expose-headers")).toContain("retry-after");
  expect(await refused.json()).toEqual({
    errors: [{ message: expect.stringContaining("nothing was done"), extensions: { code: "OVERLOADED" } }],
  });
  const token = await ask("/oauth/token");
  expect([token.status, token.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await token.json()).toMatchObject({ error: "temporarily_unavailable" });
  // Whoever watches, and whoever verifies a card, is not turned away.
  expect((await app.request("/health", {}, narrow)).status).toBe(200);
  expect((await app.request("/.well-known/jwks.json", {}, narrow)).status).toBe(200);

  for (const { finish } of admitted) finish();
  const answers = await Promise.all(admitted.map(({ answer }) => answer));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect((await ask()).status).toBe(200);
});

/** A route behind a gate for three, with three requests that never end, as of clients that left. */
async function abandoned(gate: MiddlewareHandler<Route>) {
  const three = { ...(await environment()), mostAtOnce: 3 };
  const route = new Hono<Route>();
  route.use(async (c, next) => {
    c.set("environment", three);
    await next();
  });
  route.use(gate);
  route.get("/stays", (c) => c.json({}));
  route.get("/leaves", () => new Promise<never>(() => undefined));
  for (let left = 0; left < 3; left += 1) void route.request("/leaves");
  await new Promise((resolve) => setTimeout(resolve, 10));
  return async () => (await route.request("/stays")).status;
}

test("requests whose end is never seen are forgotten, also when the clock goes back", async () => {
  let now = 1_000_000_000;
  const status = await abandoned(admission(() => now));
  expect(await status()).toBe(503);
  now += 14_000;
  expect(await status()).toBe(503);
  now += 1_000;
  expect(await status()).toBe(200);
  const later = await abandoned(admission(() => now));
  expect(await later()).toBe(503);
  now -= 3_600_000;
  expect(await later()).toBe(200);
});

test("a bare count turns everyone away for ever after clients have left", async () => {
  let [now, count] = [1_000_000_000, 0];
  const naive: MiddlewareHandler<Route> = async (c, next) => {
    if (count >= c.var.environment.mostAtOnce) return c.json({}, 503);
    count += 1;
    await next().finally(() => {
      count -= 1;
    });
  };
  const status = await abandoned(naive);
  now += 60_000;
  expect(await status(), `also at ${now}`).toBe(503);
});
