import { GraphQLError, Kind } from "graphql";
import { builder } from "./builder.ts";

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;
const CALENDAR_DAY = /^\d{4}-\d\d-\d\d$/;
const DAY_MS = 86_400_000;

function parseDateTime(value: unknown): number {
  const moment = typeof value === "string" && RFC_3339.test(value) ? parseMoment(value) : Number.NaN;
  if (Number.isNaN(moment)) {
    throw new GraphQLError("A DateTime is written as in RFC 3339, with its offset: 2026-11-21T09:30:00Z.");
  }
  return moment;
}

/** A leap second, with which a day in UTC may end, is counted as the first of the next. */
function parseMoment(text: string): number {
  const moment = Date.parse(text);
  if (!Number.isNaN(moment)) return moment;
  const after = Date.parse(text.replace(/:60(?=[.Zz+-])/, ":59")) + 1_000;
  return after - Math.floor(after / DAY_MS) * DAY_MS < 1_000 ? after : Number.NaN;
}

function parseDate(value: unknown): string {
  const valid =
    typeof value === "string" &&
    CALENDAR_DAY.test(value) &&
    !Number.isNaN(Date.parse(`${value}T00:00:00Z`)) &&
    new Date(`${value}T00:00:00Z`).toISOString().startsWith(value);
  if (!valid) throw new GraphQLError("A Date is a calendar day, YYYY-MM-DD: 1990-02-28.");
  return value;
}

function parseSafeInt(value: unknown): number {
  if (!Number.isSafeInteger(value)) {
    throw new GraphQLError("A SafeInt is a whole number between -(2^53 - 1) and 2^53 - 1, without quotes.");
  }
  return value as number;
}

builder.scalarType("SafeInt", {
  description: "A whole number up to 2^53 - 1, as a JSON number: money in minor units, points.",
  serialize: parseSafeInt,
  parseValue: parseSafeInt,
  parseLiteral: (node) => parseSafeInt(node.kind === Kind.INT ? Number(node.value) : undefined),
});

builder.scalarType("DateTime", {
  description: "A moment in UTC, RFC 3339: `2026-11-21T09:30:00.000Z`.",
  serialize: (moment) => new Date(moment).toISOString(),
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : undefined),
});

builder.scalarType("Date", {
  description: "A calendar day without a time zone: `1990-02-28`.",
  serialize: String,
  parseValue: parseDate,
  parseLiteral: (node) => parseDate(node.kind === Kind.STRING ? node.value : undefined),
});
