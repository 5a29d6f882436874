import type { GraphQLObjectType } from "graphql";
import { expect, test } from "vitest";
import { schema } from "../../src/graphql/schema.ts";

/** Resolves a field of a coupon as someone who may read it, in a request whose database must not be asked. */
async function read(fieldName: string, row: object) {
  const coupon = schema.getType("Coupon") as GraphQLObjectType;
  const field = coupon.getFields()[fieldName];
  const context = {
    actor: { scopes: new Set(["members:read"]) },
    now: Date.parse("2026-11-28T12:00:00Z"),
    get database() {
      throw new Error("The database was asked.");
    },
  };
  const info = {
    fieldName,
    parentType: coupon,
    path: { key: fieldName, prev: undefined, typename: "Coupon" },
  };
  return field?.resolve?.(row, {}, context, info as never);
}

test.each([
  ["expiresAt", { expiresAt: 5 }, 5],
  ["expiresAt", { expiresAt: null }, null],
  ["status", { state: "AVAILABLE", startsAt: null, expiresAt: 5, heldUntil: null }, "EXPIRED"],
])("%s is read from a row that has its columns: %o", async (field, row, answer) => {
  expect(await read(field, row)).toBe(answer);
});

test("a field is not made up from a row that lacks one of its columns", async () => {
  for (const row of [{}, { state: "AVAILABLE", startsAt: null, heldUntil: null }])
    await expect(read("status", row)).rejects.toThrow();
});

test("what only callers with another scope may read stays so, whatever its row has", async () => {
  const client = schema.getType("Client") as GraphQLObjectType;
  const field = client.getFields().name;
  const info = {
    fieldName: "name",
    parentType: client,
    path: { key: "name", prev: undefined, typename: "Client" },
  };
  const context = { actor: { scopes: new Set(["members:read"]) } };
  expect(() => field?.resolve?.({ name: "Till 1" }, {}, context, info as never)).toThrow(/may not use/);
});
