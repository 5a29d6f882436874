import { GraphQLScalarType } from "graphql";
import { expect, test } from "vitest";
import { schema } from "../../src/graphql/schema.ts";

test("a moment may be a leap second, with which a day in UTC ends, and no other second 60", () => {
  const type = schema.getType("DateTime") as GraphQLScalarType<number, string>;
  const read = (text: string) => {
    try {
      return new Date(type.parseValue(text)).toISOString();
    } catch {
      return "refused";
    }
  };
  expect(type).toBeInstanceOf(GraphQLScalarType);
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
