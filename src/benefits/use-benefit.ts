import { sql } from "drizzle-orm";
import { benefitUses } from "../../schema/tables/benefits.ts";
import { openDataKey } from "../brands/data-key.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustHold, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { openProfile } from "../members/profile.ts";
import { MemberClosed } from "../members/refusals.ts";
import { entitlementOf } from "./entitlement.ts";
import { BenefitNotHeld, BenefitNotUsableNow, BenefitUsedUp } from "./refusals.ts";

export interface UseBenefitInput {
  memberId: string;
  benefitId: string;
  reference?: string | null;
  idempotencyKey: string;
}

/** Uses a benefit once: it must be the member's, be in its time, and have quota left. */
export async function useBenefit<Row>(
  context: Context,
  input: UseBenefitInput,
  read: Read<{ memberId: string }, Row>,
) {
  const { database, environment, now } = context;
  const { brandId } = actorOf(context);
  const { memberId, benefitId, reference } = input;
  return commit(context, {
    name: "useBenefit",
    input,
    load: () => [
      database.query.members.findFirst({
        where: { brandId, id: memberId },
        with: {
          brand: { columns: { timeZone: true, wrappedDataKey: true } },
          tier: { with: { benefits: { where: { id: benefitId } } } },
          benefitUses: { where: { benefitId } },
        },
      }),
    ],
    decide: async ([member]) => {
      if (!member) return NotFound({ id: memberId });
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
      const [benefit] = member.tier.benefits;
      if (!benefit) return BenefitNotHeld({ benefitId, memberId });
      const key = await openDataKey(environment.encryptionKeys, member.brand.wrappedDataKey);
      const { birthday } = await openProfile(member, key);
      const uses = new Map(member.benefitUses.map(({ periodStart, used }) => [periodStart, used]));
      const entitlement = entitlementOf(benefit, { timeZone: member.brand.timeZone, birthday }, uses, now);
      const { usable, left, renewsAt, usableFrom, usableUntil, periodStart } = entitlement;
      if (left === 0) return BenefitUsedUp({ quota: benefit.quota ?? 0, renewsAt });
      if (!usable) return BenefitNotUsableNow({ usableFrom, usableUntil });
      const counted = { brandId, memberId, benefitId, periodStart, used: 1 };
      return {
        outcome: { memberId },
        effects: [
          ...(benefit.quota === null
            ? []
            : [
                // The row's own check holds the quota, however many use it at once.
                database
                  .insert(benefitUses)
                  .values({ ...counted, quota: benefit.quota })
                  .onConflictDoUpdate({
                    target: [
                      benefitUses.brandId,
                      benefitUses.memberId,
                      benefitUses.benefitId,
                      benefitUses.periodStart,
                    ],
                    set: { used: sql`${benefitUses.used} + 1`, quota: benefit.quota },
                  }),
              ]),
          mustHold(database, isActiveMember(brandId, memberId)),
        ],
        audit: [{ subjectId: memberId, detail: { benefitId, reference, periodStart } }],
        events: [{ type: "benefit.used", payload: { memberId, benefitId, reference } }],
      };
    },
    read,
  });
}
