import { sql } from "drizzle-orm";
import { transfers } from "../../schema/tables/points.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustHold, type Read } from "../database/commit.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { MemberClosed } from "../members/refusals.ts";
import { reviewStandings, tierFacts } from "../tiers/review-standings.ts";
import { nextStandingVersions } from "../tiers/standing-version.ts";
import type { AdjustBalanceInput } from "./adjust-balance.ts";
import { LARGEST_AMOUNT } from "./policy.ts";
import { BalanceTooLow } from "./refusals.ts";

/**
 * Credits or debits growth value. It lifts the member at once to the tier that it reaches, where the rules
 * say so; what it takes away lowers nobody before the term ends.
 */
export async function adjustGrowthValue<Row>(
  context: Context,
  input: AdjustBalanceInput,
  read: Read<{ memberId: string; transferId: string }, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { memberId, amount, reason } = input;
  const unit = "GROWTH_VALUE";
  return commit(context, {
    name: "adjustBalance",
    input,
    load: () => [
      database.query.members.findFirst({
        where: { brandId, id: memberId },
        with: { accounts: { where: { unit } } },
      }),
      database.query.accounts.findFirst({ where: { brandId, unit, memberId: { isNull: true } } }),
      ...tierFacts(database, brandId, sql`${memberId}`, now),
    ],
    decide: ([member, issuance, ...facts]) => {
      const account = member?.accounts[0];
      if (!member || !account || !issuance) return NotFound({ id: memberId });
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
      if (amount === 0 || Math.abs(amount) > LARGEST_AMOUNT) {
        return InvalidValue({ field: "amount", reason: `must not be 0, nor exceed ${LARGEST_AMOUNT}` });
      }
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
            brandId,
            id: transferId,
            memberId,
            amount: Math.abs(amount),
            cause: { operation: "adjustBalance", reason },
            createdAt: now,
            ...{ debitAccountId, creditAccountId },
          }),
          mustHold(database, isActiveMember(brandId, memberId)),
          ...nextStandingVersions(database, brandId, tier.standings),
          ...tier.effects,
        ],
        audit: [{ subjectId: memberId, detail: { unit, amount, reason, transferId } }, ...tier.audit],
        events: [
          { type: "balance.adjusted", payload: { memberId, unit, amount, transferId } },
          ...tier.events,
        ],
      };
    },
    read,
  });
}
