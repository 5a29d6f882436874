import { GraphQLError, Kind } from "graphql";
import { isCalendarDay } from "../calendar.ts";
import { builder } from "./builder.ts";

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;
const DAY_MS = 86_400_000;
/** What can be written in UTC with a year of four digits, as RFC 3339 has them. */
const FIRST_MOMENT = Date.parse("0000-01-01T00:00:00Z");
const LAST_MOMENT = Date.parse("9999-12-31T23:59:59.999Z");

function parseDateTime(value: unknown): number {
  const isWritten = typeof value === "string" && RFC_3339.test(value) && isCalendarDay(value.slice(0, 10));
  const moment = isWritten ? parseMoment(value) : Number.NaN;
  if (!(moment >= FIRST_MOMENT && moment <= LAST_MOMENT)) {
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
  if (typeof value !== "string" || !isCalendarDay(value))
    throw new GraphQLError("A Date is a calendar day, YYYY-MM-DD: 1990-02-28.");
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
  // What is reckoned from a moment that can be told may lie beyond those.
  serialize: (moment) => new Date(Math.min(moment as number, LAST_MOMENT)).toISOString(),
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : undefined),
});

builder.scalarType("Date", {
  description: "A calendar day without a time zone: `1990-02-28`.",
  serialize: String,
  parseValue: parseDate,
  parseLiteral: (node) => parseDate(node.kind === Kind.STRING ? node.value : undefined),
});
