import type {
  expiryRules,
  GiftsPolicy,
  missingPointsRules,
  PointsExpiry,
  PointsPolicy,
} from "../../schema/tables/brands.ts";
import { programReaders } from "../access/scopes.ts";
import { Brand } from "../brands/graphql.ts";
import { InvalidValue } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { rowMutation } from "../graphql/mutation.ts";
import { policyOf } from "./policy.ts";
import { updatePointsPolicy } from "./update-points-policy.ts";

const PointsExpiryRule = builder.enumType("PointsExpiryRule", {
  description: "When points expire: always at the end of a day in the brand's time zone.",
  values: {
    NEVER: { description: "They do not." },
    AFTER_MONTHS: { description: "So many months after the day on which they were earned." },
    AFTER_MONTHS_AT_MONTH_END: { description: "At the end of the month in which that day lies." },
    ON_DATE: { description: "On the same day each year." },
    AFTER_INACTIVITY: {
      description:
        "So many months after the member's last activity: what it earns or spends lets all of its points live on.",
    },
  } satisfies Record<(typeof expiryRules)[number], { description: string }>,
});

const OnMissingPoints = builder.enumType("OnMissingPoints", {
  description: "What happens when goods go back and the points that they earned are spent.",
  values: {
    DEBT: { description: "The member owes them: later earnings pay before they can be spent." },
    REFUSE: { description: "The refund is refused with `PointsAlreadySpent`." },
    FORGIVE: { description: "Nothing: the brand bears it." },
  } satisfies Record<(typeof missingPointsRules)[number], { description: string }>,
});

/** The same in what is read and in what is sent. */
const texts = {
  months:
    "How many months after they were earned, or after the last activity, 1 to 120; for ON_DATE, at least so many, 0 by default; not with NEVER.",
  month: "For ON_DATE, and no other: the month, 1 to 12.",
  day: "For ON_DATE, and no other: the day; where a year has no such day, the month's last.",
  expiry: "When points expire. Those that members have keep the expiry that they came with.",
  minimumPoints: "The fewest points spent at once.",
  stepPoints: "Points are spent in multiples of it.",
  maximumShareBasisPoints: "The share of an order that points can pay: 5000 is half, 10000 all of it.",
  worthMinorPer1000Points:
    "What 1,000 points are worth, in the currency's minor units: 1000 makes a point 1 fen.",
  holdMinutes: "How long points are set aside for an order, in minutes.",
  graceDays: "Points given back after they would have expired can be spent so many days more.",
  expiredGraceDays:
    "Points that have expired cannot be spent, but can be extended, or exchanged for a coupon, for so many days more.",
  onMissingPoints:
    "What happens when goods go back whose points are spent. An order that is cancelled is never refused: there, what is missing is owed.",
  returnsSpentPoints:
    "Whether points spent on an order come back with its goods: those that paid for what goes back, and all when nothing of the order is left.",
  remindDaysBefore:
    "How many days before points expire the event `points.expiring` tells of them, once each: up to 10 different ones, each 1 to 365.",
  approvalAbovePoints:
    "A change of a balance by hand of more than that, up or down, points and growth value alike, must be proposed by one client and approved by another; null for never.",
  gifts: "Whether members may give points to one another, and how many.",
  enabled: "Whether they may.",
  maximumPoints: "The most in one gift.",
  maximumPointsPerMonth: "The most that a member gives in a calendar month, in the brand's time zone.",
};

const PointsExpiryType = builder.objectRef<PointsExpiry>("PointsExpiry").implement({
  description: "When points expire.",
  authScopes: { public: true },
  fields: (t) => ({
    rule: t.expose("rule", { type: PointsExpiryRule, description: "By which rule." }),
    months: t.exposeInt("months", { nullable: true, description: texts.months }),
    month: t.exposeInt("month", { nullable: true, description: texts.month }),
    day: t.exposeInt("day", { nullable: true, description: texts.day }),
  }),
});

const GiftsPolicyType = builder.objectRef<GiftsPolicy>("GiftsPolicy").implement({
  description: "Whether members may give points to one another, and how many.",
  authScopes: { public: true },
  fields: (t) => ({
    enabled: t.exposeBoolean("enabled", { description: texts.enabled }),
    maximumPoints: t.expose("maximumPoints", { type: "SafeInt", description: texts.maximumPoints }),
    maximumPointsPerMonth: t.expose("maximumPointsPerMonth", {
      type: "SafeInt",
      description: texts.maximumPointsPerMonth,
    }),
  }),
});

const PointsPolicyType = builder.objectRef<PointsPolicy>("PointsPolicy").implement({
  description: "How a brand's points expire, and how they are spent.",
  authScopes: { public: true },
  fields: (t) => ({
    expiry: t.expose("expiry", { type: PointsExpiryType, description: texts.expiry }),
    minimumPoints: t.exposeInt("minimumPoints", { description: texts.minimumPoints }),
    stepPoints: t.exposeInt("stepPoints", { description: texts.stepPoints }),
    maximumShareBasisPoints: t.exposeInt("maximumShareBasisPoints", {
      description: texts.maximumShareBasisPoints,
    }),
    worthMinorPer1000Points: t.exposeInt("worthMinorPer1000Points", {
      description: texts.worthMinorPer1000Points,
    }),
    holdMinutes: t.exposeInt("holdMinutes", { description: texts.holdMinutes }),
    graceDays: t.exposeInt("graceDays", { description: texts.graceDays }),
    expiredGraceDays: t.exposeInt("expiredGraceDays", { description: texts.expiredGraceDays }),
    onMissingPoints: t.expose("onMissingPoints", {
      type: OnMissingPoints,
      description: texts.onMissingPoints,
    }),
    returnsSpentPoints: t.exposeBoolean("returnsSpentPoints", { description: texts.returnsSpentPoints }),
    remindDaysBefore: t.exposeIntList("remindDaysBefore", { description: texts.remindDaysBefore }),
    approvalAbovePoints: t.expose("approvalAbovePoints", {
      type: "SafeInt",
      nullable: true,
      authScopes: programReaders,
      description: `${texts.approvalAbovePoints} Null of another brand.`,
    }),
    gifts: t.expose("gifts", { type: GiftsPolicyType, description: texts.gifts }),
  }),
});

builder.drizzleObjectFields(Brand, (t) => ({
  pointsPolicy: t.field({
    type: PointsPolicyType,
    description: "How its points expire, and how they are spent.",
    select: { columns: { id: true, pointsPolicy: true } },
    // A brand is public; what it lets its own staff do is its own.
    resolve: ({ id, pointsPolicy }, _args, { actor }) => ({
      ...policyOf(pointsPolicy),
      ...(id === actor?.brandId ? {} : { approvalAbovePoints: null }),
    }),
  }),
}));

const PointsExpiryInput = builder.inputType("PointsExpiryInput", {
  description: "When points expire.",
  fields: (t) => ({
    rule: t.field({ type: PointsExpiryRule, required: true, description: "By which rule." }),
    months: t.int({ description: texts.months }),
    month: t.int({ description: texts.month }),
    day: t.int({ description: texts.day }),
  }),
});

const GiftsPolicyInput = builder.inputType("GiftsPolicyInput", {
  description: "Whether members may give points to one another, and how many.",
  fields: (t) => ({
    enabled: t.boolean({ required: true, description: texts.enabled }),
    maximumPoints: t.field({ type: "SafeInt", required: true, description: texts.maximumPoints }),
    maximumPointsPerMonth: t.field({
      type: "SafeInt",
      required: true,
      description: texts.maximumPointsPerMonth,
    }),
  }),
});

rowMutation("updatePointsPolicy", {
  description:
    "Changes how points expire and are spent; what is left out stays. It holds for points and orders from now on.",
  scopes: ["program:write"],
  input: (t) => ({
    expiry: t.field({ type: PointsExpiryInput, description: texts.expiry }),
    minimumPoints: t.int({ description: texts.minimumPoints }),
    stepPoints: t.int({ description: texts.stepPoints }),
    maximumShareBasisPoints: t.int({ description: texts.maximumShareBasisPoints }),
    worthMinorPer1000Points: t.int({ description: texts.worthMinorPer1000Points }),
    holdMinutes: t.int({ description: texts.holdMinutes }),
    graceDays: t.int({ description: texts.graceDays }),
    expiredGraceDays: t.int({ description: texts.expiredGraceDays }),
    onMissingPoints: t.field({ type: OnMissingPoints, description: texts.onMissingPoints }),
    returnsSpentPoints: t.boolean({ description: texts.returnsSpentPoints }),
    remindDaysBefore: t.intList({ description: texts.remindDaysBefore }),
    approvalAbovePoints: t.field({
      type: "SafeInt",
      description: `${texts.approvalAbovePoints} Null clears it.`,
    }),
    gifts: t.field({ type: GiftsPolicyInput, description: texts.gifts }),
  }),
  row: "brand",
  type: Brand,
  table: "brands",
  rowDescription: "The brand as it is now.",
  where: (id) => ({ id }),
  refusals: [InvalidValue],
  resolve: (input, context, read) => updatePointsPolicy(context, input, read),
});
