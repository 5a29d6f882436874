import { GraphQLScalarType } from "graphql";
import { expect, test } from "vitest";
import { schema } from "../../src/graphql/schema.ts";

/** A moment as it is read and shown again. */
function read(text: string): string {
  const type = schema.getType("DateTime") as GraphQLScalarType<number, string>;
  expect(type).toBeInstanceOf(GraphQLScalarType);
  try {
    return type.serialize(type.parseValue(text));
  } catch {
    return "refused";
  }
}

test("a moment may be a leap second, with which a day in UTC ends, and no other second 60", () => {
  expect(
    [
      ...["2016-12-31T23:59:59.999Z", "2016-12-31T23:59:60Z", "2017-01-01T08:59:60.5+09:00"],
      ...["2016-12-31T22:59:60Z", "1960-05-05T10:20:60Z", "2016-12-31T23:59:61Z", "2016-12-31T23:60:60Z"],
    ].map(read),
  ).toEqual([
    ...["2016-12-31T23:59:59.999Z", "2017-01-01T00:00:00.000Z", "2017-01-01T00:00:00.500Z"],
    ...["refused", "refused", "refused", "refused"],
  ]);
});

test.each([
  ...["2026-02-30T00:00:00Z", "2026-11-31T12:00:00+08:00", "2027-02-29T00:00:00Z", "2026-06-31T23:59:60Z"],
  ...["2026-11-21T24:00:00Z", "2026-11-21T25:00:00Z", "2026-00-01T00:00:00Z", "2026-11-21T00:00:00+24:00"],
])("a moment is of a day and an hour that there are: not %s", (text) => {
  expect(read(text)).toBe("refused");
});

test("a moment that is taken is shown in four digits of the year, in UTC", () => {
  expect(
    [
      ...["2028-02-29T23:59:59-00:00", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"],
      ...["0000-01-01T00:00:00+14:00", "9999-12-31T23:59:59-23:59", "9999-12-31T23:59:60Z"],
    ].map(read),
  ).toEqual([
    ...["2028-02-29T23:59:59.000Z", "0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"],
    ...["refused", "refused", "refused"],
  ]);
});
