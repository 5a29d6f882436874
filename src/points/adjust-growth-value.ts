import { type SQL, sql } from "drizzle-orm";
import type { BatchResponse } from "drizzle-orm/batch";
import { transfers } from "../../schema/tables/points.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, type Decision, mustHold, type Read } from "../database/commit.ts";
import { NotFound, type Refusal } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { MemberClosed } from "../members/refusals.ts";
import { reviewStandings, tierFacts } from "../tiers/review-standings.ts";
import { nextStandingVersions } from "../tiers/standing-version.ts";
import type { AdjustBalanceInput } from "./adjust-balance.ts";
import { type BalanceChange, faultOfAmount, whyNotAlone } from "./approval.ts";
import { BalanceTooLow } from "./refusals.ts";

const unit = "GROWTH_VALUE";

/** What is read of a member whose growth value is changed. @param memberId its id, or what finds it. */
export function growthValueFacts({ actor, database, now }: Context, memberId: string | SQL) {
  const { brandId } = actorOf({ actor });
  return [
    database.query.members.findFirst({
      where: { brandId, RAW: ({ id }) => sql`${id} in (${memberId})` },
      with: { accounts: { where: { unit } }, brand: { columns: { pointsPolicy: true } } },
    }),
    database.query.accounts.findFirst({ where: { brandId, unit, memberId: { isNull: true } } }),
    ...tierFacts(database, brandId, sql`${memberId}`, now),
  ] as const;
}

type GrowthValueFacts = BatchResponse<ReturnType<typeof growthValueFacts>>;

/**
 * Credits or debits growth value. It lifts the member at once to the tier that it reaches, where the rules
 * say so; what it takes away lowers nobody before the term ends.
 */
export async function adjustGrowthValue<Row>(
  context: Context,
  input: AdjustBalanceInput,
  read: Read<{ memberId: string; transferId: string }, Row>,
) {
  return commit(context, {
    name: "adjustBalance",
    input,
    load: () => growthValueFacts(context, input.memberId),
    decide: (facts) =>
      whyNotAlone(facts[0]?.brand.pointsPolicy, input.amount) ?? changeGrowthValue(context, input, facts),
    read,
  });
}

/** The change itself, whoever it needed. */
export function changeGrowthValue(
  context: Context,
  { memberId, amount, reason }: BalanceChange,
  [member, issuance, ...facts]: GrowthValueFacts,
): Refusal | Decision<{ memberId: string; transferId: string }> {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const account = member?.accounts[0];
  if (!member || !account || !issuance) return NotFound({ id: memberId });
  if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
  const fault = faultOfAmount(amount);
  if (fault) return fault;
  const balance = account.balance + amount;
  if (balance < 0) return BalanceTooLow({ balance: account.balance, missing: -balance });
  const transferId = newId("Transfer");
  const [debitAccountId, creditAccountId] =
    amount > 0 ? [issuance.id, account.id] : [account.id, issuance.id];
  const tier = reviewStandings(context, facts, {
    memberIds: [memberId],
    newFacts: [{ memberId, at: now, measure: unit, amount }],
  });
  return {
    outcome: { memberId, transferId },
    effects: [
      database.insert(transfers).values({
        ...{ brandId, id: transferId, memberId, amount: Math.abs(amount), createdAt: now },
        ...{ debitAccountId, creditAccountId, cause: { operation: "adjustBalance", reason } },
      }),
      mustHold(database, isActiveMember(brandId, memberId)),
      ...nextStandingVersions(database, brandId, tier.standings),
      ...tier.effects,
    ],
    audit: [{ subjectId: memberId, detail: { unit, amount, reason, transferId } }, ...tier.audit],
    events: [{ type: "balance.adjusted", payload: { memberId, unit, amount, transferId } }, ...tier.events],
  };
}
