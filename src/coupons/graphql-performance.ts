import type { SQLWrapper } from "drizzle-orm";
import { DAY_MS } from "../calendar.ts";
import type { Context } from "../context.ts";
import { CallerError } from "../errors.ts";
import { builder, type ExtendedTypes } from "../graphql/builder.ts";
import { Offer } from "../offers/graphql.ts";
import {
  type ChannelFigures,
  type DayFigures,
  type Figures,
  type Performance,
  performanceFrom,
  type UseFigures,
} from "./performance.ts";
import { type PerformanceRow, performanceOf } from "./performance-facts.ts";

const authScopes = { anyOf: ["metrics:read"] as const };
const MOST_DAYS = 400;

type FieldBuilder<Shape> = PothosSchemaTypes.ObjectFieldBuilder<ExtendedTypes, Shape>;

/** What is said of uses, of all and of a channel's alike. */
const useFields = <Shape extends UseFigures>(typed: FieldBuilder<Shape>) => {
  const t = typed as unknown as FieldBuilder<UseFigures>;
  return {
    redeemed: t.exposeInt("redeemed", { description: "How often one was used, by when it was." }),
    rolledBack: t.exposeInt("rolledBack", {
      description: "How many of these uses were undone as a whole since.",
    }),
    discountMinor: t.expose("discountMinor", {
      type: "SafeInt",
      description: "The discount that these uses gave, in minor units, less what was undone of it.",
    }),
    revenueMinor: t.expose("revenueMinor", {
      type: "SafeInt",
      description:
        "What was paid on these orders after the discount, in minor units; nothing of uses that were undone as a whole.",
    }),
  };
};

const ChannelType = builder.objectRef<ChannelFigures>("OfferChannelFigures").implement({
  description: "What an offer's uses in a channel came to.",
  authScopes,
  fields: (t) => ({
    channel: t.exposeString("channel", { nullable: true, description: "Which; null where none was told." }),
    ...useFields(t),
  }),
});

const figureFields = <Shape extends Figures>(typed: FieldBuilder<Shape>) => {
  const t = typed as unknown as FieldBuilder<Figures>;
  return {
    issued: t.exposeInt("issued", {
      description: "How many were given out; of the codes of a batch, those that were used or claimed since.",
    }),
    claimed: t.exposeInt("claimed", { description: "How many got to a member." }),
    held: t.exposeInt("held", { description: "How often a checkout set one aside." }),
    ...useFields(t),
    channels: t.expose("channels", { type: [ChannelType], description: "By channel, the most used first." }),
  };
};

const DayType = builder.objectRef<DayFigures>("OfferDayFigures").implement({
  description: "How an offer performed on a day.",
  authScopes,
  fields: (t) => ({
    day: t.expose("day", { type: "Date", description: "Which, in the brand's time zone." }),
    ...figureFields(t),
  }),
});

const PerformanceType = builder.objectRef<Performance>("OfferPerformance").implement({
  description: "How an offer performed.",
  authScopes,
  fields: (t) => ({
    ...figureFields(t),
    days: t.expose("days", { type: [DayType], description: "By day: those on which something happened." }),
  }),
});

interface Days {
  from: string;
  to: string;
}

function checked({ from, to }: Days): Days {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (days >= 1 && days <= MOST_DAYS) return { from, to };
  throw new CallerError("BAD_USER_INPUT", `From \`from\` to \`to\` must be 1 to ${MOST_DAYS} days.`);
}

type Read = (offer: Record<"brandId" | "id", SQLWrapper>) => ReturnType<typeof performanceOf>;

/** One function for the same days in a request: what is asked for twice is then read once. */
const reads = new WeakMap<Context, Map<string, Read>>();

function readOf(context: Context, { from, to }: Days): Read {
  const known = reads.get(context) ?? new Map<string, Read>();
  reads.set(context, known);
  // A day begins somewhere within a day of where it begins in UTC.
  const read: Read =
    known.get(from + to) ??
    ((offer) => performanceOf(offer, Date.parse(from) - DAY_MS, Date.parse(to) + 2 * DAY_MS));
  known.set(from + to, read);
  return read;
}

builder.drizzleObjectFields(Offer, (t) => ({
  performance: t.field({
    type: PerformanceType,
    nullable: true,
    authScopes,
    description: `How it performed, by day and by channel; of at most ${MOST_DAYS} days. Null, with an error, without the scope.`,
    args: {
      from: t.arg({ type: "Date", required: true, description: "The first day, in the brand's time zone." }),
      to: t.arg({ type: "Date", required: true, description: "The last day, included." }),
    },
    select: (args, context) => ({
      extras: { performance: readOf(context, checked(args)) as never },
      with: { brand: { columns: { timeZone: true } } },
    }),
    resolve: (offer, args) => {
      const { performance } = offer as unknown as { performance: string | PerformanceRow[] };
      const rows = typeof performance === "string" ? JSON.parse(performance) : performance;
      return performanceFrom(rows, { ...args, timeZone: offer.brand.timeZone });
    },
  }),
}));
