import { expect, test } from "vitest";
import { app } from "../../src/app.ts";
import { bindings } from "../support/caller.ts";

const ask = (path: string, init: RequestInit) =>
  app.request(path, { ...init, headers: { origin: "https://shop.example" } }, bindings);

test.each(["/graphql", "/oauth/token"])(
  "a page of another origin may call %s, token and all",
  async (path) => {
    const preflight = await ask(path, { method: "OPTIONS" });
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": expect.stringContaining("POST"),
      "access-control-allow-headers": "authorization,content-type,accept-language",
    });
  },
);

test("a page of another origin may read every answer, also of what is not there", async () => {
  for (const path of ["/.well-known/jwks.json", "/nowhere"]) {
    const { headers } = await ask(path, {});
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-expose-headers")).toBe("retry-after");
  }
});

test("a page of another origin may read that the server's settings are wrong", async () => {
  const answer = await app.request("/graphql", { method: "POST" }, { ...bindings, SIGNING_KEYS: "{}" });
  expect(answer.status).toBe(500);
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
});
