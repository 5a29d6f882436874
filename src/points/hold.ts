import { actorOf, type Context } from "../context.ts";
import { NotFound, type Refusal } from "../errors.ts";
import { byKind } from "./move-points.ts";
import { policyOf } from "./policy.ts";
import { HoldAlreadySettled } from "./refusals.ts";

/** What is read of a hold that is to be settled: its lots, and whose it is. */
export const readHold = ({ actor, database }: Context, holdId: string) =>
  database.query.holds.findFirst({
    where: { brandId: actorOf({ actor }).brandId, id: holdId },
    with: {
      member: {
        columns: { state: true, closedAt: true },
        with: {
          brand: { columns: { timeZone: true, pointsPolicy: true } },
          accounts: { where: { unit: "POINTS" } },
        },
      },
      uses: { with: { lot: true } },
    },
  });

type HoldRow = NonNullable<Awaited<ReturnType<typeof readHold>>>;

/** A hold that is still open with its member's accounts, or why it cannot be settled. */
export function openHold(holdId: string, row: HoldRow | undefined) {
  if (!row) return NotFound({ id: holdId }) as Refusal;
  const { state, settledAt } = row;
  if (state !== "OPEN") return HoldAlreadySettled({ holdId, state, settledAt }) as Refusal;
  const { timeZone, pointsPolicy } = row.member.brand;
  return { ...row, accounts: byKind(row.member.accounts), timeZone, policy: policyOf(pointsPolicy) };
}
