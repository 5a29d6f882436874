import type { LocalizedText } from "../../schema/tables/columns.ts";
import { membershipPlans } from "../../schema/tables/standings.ts";
import { nextProgramVersion } from "../brands/program-version.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { InvalidValue, NotFound, type Refusal } from "../errors.ts";

export interface CreateMembershipPlanInput {
  name: LocalizedText;
  description: LocalizedText | null;
  sku: string;
  priceMinor: number;
  termMonths: number;
  tierId: string;
}

const LARGEST_PRICE = 1_000_000_000_000;
const LONGEST_TERM_MONTHS = 120;

/** Offers a membership that is bought: from now on a paid order with its sku gives its tier for its term. */
export async function createMembershipPlan<Row>(
  context: Context,
  input: CreateMembershipPlanInput,
  read: Read<{ membershipPlanId: string }, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  return commit(context, {
    name: "createMembershipPlan",
    input,
    load: () => [
      database.query.brands.findFirst({
        where: { id: brandId },
        columns: { programVersion: true },
        with: {
          tiers: { columns: { id: true, rank: true } },
          membershipPlans: { where: { sku: input.sku, retiredAt: { isNull: true } }, columns: { id: true } },
        },
      }),
    ],
    decide: ([program]) => {
      if (!program) throw new Error(`Brand ${brandId} of a valid token does not exist.`);
      const tier = program.tiers.find(({ id }) => id === input.tierId);
      if (!tier) return NotFound({ id: input.tierId });
      const fault = faultOfPlan(input, tier.rank, program.membershipPlans.length > 0);
      if (fault) return fault;
      const membershipPlanId = newId("MembershipPlan");
      return {
        outcome: { membershipPlanId },
        effects: [
          ...nextProgramVersion(database, brandId, program.programVersion),
          database
            .insert(membershipPlans)
            .values({ ...input, brandId, id: membershipPlanId, createdAt: now }),
        ],
        audit: [{ subjectId: membershipPlanId, detail: { sku: input.sku, tierId: input.tierId } }],
      };
    },
    read,
  });
}

function faultOfPlan(
  { priceMinor, termMonths }: CreateMembershipPlanInput,
  rank: number,
  isSkuTaken: boolean,
): Refusal | undefined {
  if (rank === 1) return InvalidValue({ field: "tierId", reason: "everyone has the first tier" });
  if (isSkuTaken) return InvalidValue({ field: "sku", reason: "another plan that is sold has it" });
  if (priceMinor < 0 || priceMinor > LARGEST_PRICE)
    return InvalidValue({ field: "priceMinor", reason: `must lie between 0 and ${LARGEST_PRICE}` });
  return termMonths < 1 || termMonths > LONGEST_TERM_MONTHS
    ? InvalidValue({ field: "termMonths", reason: `must lie between 1 and ${LONGEST_TERM_MONTHS}` })
    : undefined;
}
