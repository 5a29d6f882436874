import { Hono, type MiddlewareHandler } from "hono";
import { expect, test } from "vitest";
import { app, type Route } from "../../src/app.ts";
import { admission } from "../../src/overload.ts";
import { bindings, environment } from "../support/caller.ts";

const MOST = 64;
const JSON_TYPE = { "content-type": "application/json" };
const narrow = { ...bindings, MOST_AT_ONCE: String(MOST) };

/** A request whose body comes when it is told to. */
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

const send = async (path: string, body: string) =>
  app.request(path, { method: "POST", headers: JSON_TYPE, body }, narrow);

/** Asks for what is not in memory: it takes a request to the database, and its place until that is answered. */
const ask = () =>
  send("/graphql", `{"query":"{ program(brand: \\"nobody-${crypto.randomUUID()}\\") { name } }"}`);

test("what is more than can be answered at once is told so at once, and those before it are answered", async () => {
  expect((await ask()).status).toBe(200);
  const admitted = Array.from({ length: MOST }, ask);
  // They are asking the database by now.
  await new Promise((resolve) => setTimeout(resolve, 0));
  const [refused, token, health, keys] = await Promise.all([
    ask(),
    send("/oauth/token", ""),
    // Whoever watches, and whoever verifies a card, is not turned away.
    app.request("/health", {}, narrow),
    app.request("/.well-known/jwks.json", {}, narrow),
  ]);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(refused.headers.get("access-control-expose-headers")).toContain("retry-after");
  expect(await refused.json()).toEqual({
    errors: [{ message: expect.stringContaining("nothing was done"), extensions: { code: "OVERLOADED" } }],
  });
  expect([token.status, token.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await token.json()).toMatchObject({ error: "temporarily_unavailable" });
  expect([health.status, keys.status]).toEqual([200, 200]);

  const answers = await Promise.all(admitted);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect((await ask()).status).toBe(200);
});

test("who is slow to send a body takes nobody's place, and is answered when it is there", async () => {
  const slow = Array.from({ length: MOST + 1 }, slowRequest);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect((await ask()).status).toBe(200);
  for (const { finish } of slow) finish();
  const answers = await Promise.all(slow.map(({ answer }) => answer));
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(MOST);
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
