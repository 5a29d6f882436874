import { expect, test } from "vitest";
import { app } from "../../src/app.ts";
import { bindings } from "../support/caller.ts";

const statusWith = async (to: Partial<typeof bindings> = {}) =>
  (await app.request("/health", {}, { ...bindings, ...to })).status;

test("that all is well is said again for a second, and to nobody once the database did not answer", async () => {
  const gone = { DATABASE_URL: "http://127.0.0.1:9" };
  expect(await statusWith()).toBe(200);
  expect(await statusWith(gone)).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 1_010));
  for (const _ of [1, 2]) expect(await statusWith(gone)).toBe(503);
  expect(await statusWith()).toBe(200);
});
