import type { AccountKind, PointUnit } from "../../schema/tables/points.ts";
import { builder } from "../graphql/builder.ts";
import { Member } from "../members/graphql.ts";
import { Tier } from "../tiers/graphql.ts";
import { nextTier } from "../tiers/ladder.ts";
import { isInGrace } from "./expiry.ts";
import { policyOf } from "./policy.ts";
import { sumOf } from "./take-lots.ts";
import { hasRemaining } from "./wallet.ts";

export const PointUnitEnum = builder.enumType("PointUnit", {
  description: "What is counted.",
  values: {
    POINTS: { description: "Can be spent." },
    GROWTH_VALUE: { description: "Is never spent; tiers count it." },
  } satisfies Record<PointUnit, { description: string }>,
});

interface Progress {
  growthValue: number;
  next: typeof Tier.$inferType | null;
  missing: number | null;
}

const TierProgress = builder.objectRef<Progress>("TierProgress").implement({
  description:
    "How far a member is on the way to the next tier by growth value alone; `tierForecast` goes by the brand's rules.",
  authScopes: { anyOf: ["members:read", "member:self", "cards:scan"] },
  fields: (t) => ({
    growthValue: t.expose("growthValue", { type: "SafeInt", description: "What the member has." }),
    next: t.expose("next", { type: Tier, nullable: true, description: "The next tier; null at the top." }),
    missing: t.expose("missing", {
      type: "SafeInt",
      nullable: true,
      description: "Growth value still missing to it; null at the top.",
    }),
  }),
});

const balanceOf = (
  accounts: readonly { unit: PointUnit; kind: AccountKind; balance: number }[],
  unit: PointUnit,
  kind: AccountKind = "AVAILABLE",
): number => accounts.find((account) => account.unit === unit && account.kind === kind)?.balance ?? 0;

export const balances = { accounts: { columns: { unit: true, kind: true, balance: true } } } as const;

/** One relation, so that those who ask for it share it. */
export const expiredPoints = (now: number) =>
  ({
    expiredLots: {
      columns: { remaining: true, expiresAt: true },
      where: { ...hasRemaining, expiresAt: { lte: now } },
    },
  }) as const;

/**
 * Points that can be spent: those that have expired stay in the account until they are cleared away, and those
 * that are owed until they are paid.
 */
export const spendable = ({
  accounts,
  expiredLots,
}: {
  accounts: Parameters<typeof balanceOf>[0];
  expiredLots: readonly { remaining: number }[];
}): number =>
  Math.max(0, balanceOf(accounts, "POINTS") - sumOf(expiredLots) - balanceOf(accounts, "POINTS", "DEBT"));

builder.drizzleObjectFields(Member, (t) => ({
  points: t.field({
    type: "SafeInt",
    description: "Points that can be spent: without those that are owed.",
    select: (_args, { now }) => ({ with: { ...balances, ...expiredPoints(now) } }),
    resolve: (member) => spendable(member),
  }),
  expiredPoints: t.field({
    type: "SafeInt",
    description: "Points that have expired, and can still be extended or exchanged for a coupon.",
    select: (_args, { now }) => ({
      with: { ...expiredPoints(now), brand: { columns: { timeZone: true, pointsPolicy: true } } },
    }),
    resolve: ({ expiredLots, brand: { timeZone, pointsPolicy } }, _args, { now }) => {
      const grace = { now, timeZone, graceDays: policyOf(pointsPolicy).expiredGraceDays };
      return sumOf(expiredLots.filter((lot) => isInGrace(lot, grace)));
    },
  }),
  pendingPoints: t.field({
    type: "SafeInt",
    description: "Points that were earned and cannot be spent yet.",
    select: { with: balances },
    resolve: ({ accounts }) => balanceOf(accounts, "POINTS", "PENDING"),
  }),
  heldPoints: t.field({
    type: "SafeInt",
    description: "Points set aside for orders: spent when those are paid, given back otherwise.",
    select: { with: balances },
    resolve: ({ accounts }) => balanceOf(accounts, "POINTS", "HELD"),
  }),
  pointsDebt: t.field({
    type: "SafeInt",
    description: "Points owed for goods that went back after their points were spent; later earnings pay.",
    select: { with: balances },
    resolve: ({ accounts }) => balanceOf(accounts, "POINTS", "DEBT"),
  }),
  growthValue: t.field({
    type: "SafeInt",
    description: "Growth value, which tiers count.",
    select: { with: balances },
    resolve: ({ accounts }) => balanceOf(accounts, "GROWTH_VALUE"),
  }),
  tierProgress: t.field({
    type: TierProgress,
    description: "How far it is to the next tier.",
    select: (_args, _context, nestedSelection) => ({
      with: {
        ...balances,
        tier: { columns: { rank: true } },
        brand: {
          columns: { id: true },
          with: {
            tiers: nestedSelection({ columns: { id: true, brandId: true, rank: true, requirement: true } }, [
              "next",
            ]),
          },
        },
      },
    }),
    resolve: (member) => {
      const growthValue = balanceOf(member.accounts, "GROWTH_VALUE");
      const next = nextTier(member.brand.tiers as never, member.tier) as
        | (typeof Tier.$inferType & { requirement: { growthValue: number } })
        | undefined;
      const missing = next ? Math.max(0, next.requirement.growthValue - growthValue) : null;
      return { growthValue, next: next ?? null, missing };
    },
  }),
}));
