import { and, eq, sql } from "drizzle-orm";
import { members } from "../../schema/tables/members.ts";
import { accounts, transfers } from "../../schema/tables/points.ts";
import { tiers } from "../../schema/tables/tiers.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, mustHold, type Read } from "../database/commit.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { MemberClosed } from "../members/refusals.ts";
import { tierReached } from "../tiers/ladder.ts";
import type { AdjustBalanceInput } from "./adjust-balance.ts";
import { LARGEST_AMOUNT } from "./policy.ts";
import { BalanceTooLow } from "./refusals.ts";

/**
 * Credits or debits growth value. It lifts the member at once to the tier that it reaches; it never takes
 * one away here.
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
        with: { tier: true, accounts: { where: { unit } } },
      }),
      database.query.accounts.findFirst({ where: { brandId, unit, memberId: { isNull: true } } }),
      database.select().from(tiers).where(eq(tiers.brandId, brandId)),
    ],
    decide: ([member, issuance, ladder]) => {
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
      const reached = tierReached(ladder, balance);
      const risen = reached && reached.rank > member.tier.rank ? reached : undefined;
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
          // The tier was decided on this balance, so it must still be the one that was read.
          mustHold(database, balanceIs(brandId, account.id, balance)),
          ...(risen
            ? [
                database
                  .update(members)
                  .set({ tierId: risen.id, tierSince: now, updatedAt: now })
                  .where(
                    and(
                      eq(members.brandId, brandId),
                      eq(members.id, memberId),
                      eq(members.tierId, member.tierId),
                    ),
                  ),
                mustChange(database),
              ]
            : []),
        ],
        audit: [{ subjectId: memberId, detail: { unit, amount, reason, transferId } }],
        events: [
          { type: "balance.adjusted", payload: { memberId, unit, amount, transferId } },
          ...(risen
            ? [{ type: "tier.changed", payload: { memberId, from: member.tierId, to: risen.id } }]
            : []),
        ],
      };
    },
    read,
  });
}

const balanceIs = (brandId: string, accountId: string, balance: number) =>
  sql`${balance} = (select ${accounts.balance} from ${accounts} where ${accounts.brandId} = ${brandId} and ${accounts.id} = ${accountId})`;
