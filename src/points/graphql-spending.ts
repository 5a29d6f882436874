import { InvalidValue, NotFound } from "../errors.ts";
import type { ExtendedTypes } from "../graphql/builder.ts";
import { idempotencyKey, rowMutation } from "../graphql/mutation.ts";
import { Member } from "../members/graphql.ts";
import { MemberClosed } from "../members/refusals.ts";
import { shortText } from "../texts.ts";
import { captureHold } from "./capture-hold.ts";
import { extendPoints } from "./extend-points.ts";
import { holdPoints } from "./hold-points.ts";
import * as refused from "./refusals.ts";
import { releaseHold } from "./release-hold.ts";
import { reverseSpend } from "./reverse-spend.ts";
import { spendPoints } from "./spend-points.ts";

type InputBuilder = PothosSchemaTypes.InputFieldBuilder<ExtendedTypes, "InputObject">;

const memberRow = {
  row: "member",
  type: Member,
  table: "members",
  rowDescription: "The member as it is now.",
} as const;

/** Two systems can have an order of one name. */
const source = (t: InputBuilder) =>
  t.string({
    description:
      "The order's source, as `recordOrders` is told it: a refund gives the points back with that order alone. Without it, with whichever order of the member has the reference.",
    validate: shortText,
  });

/** The same in spending and in setting aside. */
const onOrder = (t: InputBuilder) => ({
  memberId: t.id({ required: true, description: "Whose." }),
  points: t.field({ type: "SafeInt", required: true, description: "How many." }),
  orderReference: t.string({
    required: true,
    description: "The order, as you name it.",
    validate: shortText,
  }),
  orderAmountMinor: t.field({
    type: "SafeInt",
    required: true,
    description: "What the order comes to before points, in minor units of the brand's currency.",
  }),
  idempotencyKey: idempotencyKey(t),
});

const refusedOnOrder = [
  ...[NotFound, MemberClosed, InvalidValue, refused.BalanceTooLow],
  ...[refused.PointsBelowMinimum, refused.PointsNotInSteps, refused.OrderShareExceeded],
];

rowMutation("spendPoints", {
  description:
    "Spends points on an order and answers what they are worth. Those that expire first go first. For an order that is not paid yet, set them aside instead.",
  scopes: ["points:spend"],
  input: (t) => ({ ...onOrder(t), source: source(t) }),
  ...memberRow,
  refusals: refusedOnOrder,
  resolve: (input, context, read) => spendPoints(context, input, read),
  fields: (t) => ({
    transferId: t.id({
      description: "`trf_…`; giving the points back needs it.",
      resolve: ({ outcome }) => outcome.transferId,
    }),
    worthMinor: t.field({
      type: "SafeInt",
      description: "What to take off the order, in minor units.",
      resolve: ({ outcome }) => outcome.worthMinor,
    }),
  }),
});

rowMutation("holdPoints", {
  description:
    "Sets points aside for an order until it is paid: then capture the hold, or release it. It ends by itself after the policy's minutes.",
  scopes: ["points:spend"],
  input: onOrder,
  ...memberRow,
  refusals: refusedOnOrder,
  resolve: (input, context, read) => holdPoints(context, input, read),
  fields: (t) => ({
    holdId: t.id({
      description: "`hld_…`; capturing and releasing need it.",
      resolve: ({ outcome }) => outcome.holdId,
    }),
    worthMinor: t.field({
      type: "SafeInt",
      description: "What the points are worth when all are captured, in minor units.",
      resolve: ({ outcome }) => outcome.worthMinor,
    }),
    expiresAt: t.field({
      type: "DateTime",
      description: "Cannot be captured from then on.",
      resolve: ({ outcome }) => outcome.expiresAt,
    }),
  }),
});

rowMutation("captureHold", {
  description: "Spends points that were set aside, all or a part; the rest can be spent again.",
  scopes: ["points:spend"],
  input: (t) => ({
    holdId: t.id({ required: true, description: "As `holdPoints` answered." }),
    points: t.field({ type: "SafeInt", description: "How many of them; all, when left out." }),
    source: source(t),
    idempotencyKey: idempotencyKey(t),
  }),
  ...memberRow,
  refusals: [NotFound, MemberClosed, InvalidValue, refused.HoldExpired, refused.HoldAlreadySettled],
  resolve: (input, context, read) => captureHold(context, input, read),
  fields: (t) => ({
    transferId: t.id({
      description: "`trf_…`; giving the points back needs it.",
      resolve: ({ outcome }) => outcome.transferId,
    }),
    points: t.field({
      type: "SafeInt",
      description: "How many were spent.",
      resolve: ({ outcome }) => outcome.points,
    }),
    worthMinor: t.field({
      type: "SafeInt",
      description: "What to take off the order, in minor units; of a part, rounded down.",
      resolve: ({ outcome }) => outcome.worthMinor,
    }),
  }),
});

rowMutation("releaseHold", {
  description: "Lets points that were set aside be spent again. They expire when they would have anyway.",
  scopes: ["points:spend"],
  input: (t) => ({
    holdId: t.id({ required: true, description: "As `holdPoints` answered." }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...memberRow,
  refusals: [NotFound, refused.HoldAlreadySettled],
  resolve: (input, context, read) => releaseHold(context, input, read),
});

rowMutation("reverseSpend", {
  description:
    "Gives points of a spend back, all or a part, as for a returned order; those that expire last come first. They keep the expiry that they had; where that has passed, they live for the policy's days of grace.",
  scopes: ["points:spend"],
  input: (t) => ({
    transferId: t.id({ required: true, description: "As `spendPoints` or `captureHold` answered." }),
    points: t.field({
      type: "SafeInt",
      description: "How many of them; all that were not given back yet, when left out.",
    }),
    reason: t.string({ required: true, description: "Why, for the record.", validate: shortText }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...memberRow,
  refusals: [
    ...[NotFound, MemberClosed, InvalidValue],
    ...[refused.SpendAlreadyReversed, refused.ReversalExceedsSpend],
  ],
  resolve: (input, context, read) => reverseSpend(context, input, read),
  fields: (t) => ({
    points: t.field({
      type: "SafeInt",
      description: "How many were given back.",
      resolve: ({ outcome }) => outcome.points,
    }),
  }),
});

rowMutation("extendPoints", {
  description:
    "Lets a member's points expire later, never sooner. Points that have expired, or are held just now, stay as they are.",
  scopes: ["points:adjust"],
  input: (t) => ({
    memberId: t.id({ required: true, description: "Whose." }),
    until: t.field({
      type: "Date",
      required: true,
      description: "The last day on which they can be spent, in the brand's time zone.",
    }),
    expiringBefore: t.field({
      type: "DateTime",
      description: "Only points that expire before then; without it, all that expire before that day ends.",
    }),
    reason: t.string({ required: true, description: "Why, for the record.", validate: shortText }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...memberRow,
  refusals: [NotFound, MemberClosed, InvalidValue],
  resolve: (input, context, read) => extendPoints(context, input, read),
  fields: (t) => ({
    points: t.field({
      type: "SafeInt",
      description: "How many points expire later now.",
      resolve: ({ outcome }) => outcome.points,
    }),
    expiresAt: t.field({
      type: "DateTime",
      description: "Cannot be spent from then on.",
      resolve: ({ outcome }) => outcome.expiresAt,
    }),
  }),
});
