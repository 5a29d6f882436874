import type { Cause } from "../../schema/tables/points.ts";
import type { NewLot } from "./move-points.ts";
import { type LotFacts, type LotUse, lastTaken, usesWithout } from "./take-lots.ts";

/** What is read of a spend that is to be given back. */
export const spendParts = {
  uses: { with: { lot: true } },
  reversals: { columns: { amount: true, createdAt: true }, with: { uses: true } },
} as const;

/** What spends points on an order. Others redeem them for good: for a coupon, or for what was owed. */
export const spendingOperations: readonly string[] = ["spendPoints", "captureHold"];

export const isSpentOnOrder = ({ operation }: Cause): boolean => spendingOperations.includes(operation);

interface SpentLot extends Omit<LotFacts, "remaining"> {
  issuedByBrandId: string;
  fundedByBrandId: string;
  costMicroMinor: number;
}

/** Points that were spent, and what of them was given back so far. */
export interface Spend {
  id: string;
  amount: number;
  /** The lots that they came from. */
  uses: readonly (LotUse & { lot: SpentLot })[];
  /** What came back after its expiry is in lots of its own, and no use of the old ones. */
  reversals: readonly { amount: number; createdAt: number; uses: readonly LotUse[] }[];
}

export const amountOf = (parts: readonly { amount: number }[]): number =>
  parts.reduce((sum, { amount }) => sum + amount, 0);

/** How many points of a spend can still be given back. */
export const leftOf = ({ amount, reversals }: Spend): number => amount - amountOf(reversals);

/**
 * Where so many points of a spend go when they come back: those that were taken last come first, so that
 * what stays spent is as if fewer had been spent. Live lots have theirs again, with the expiry that they
 * have; of lots that have expired, new ones come to be that live until `grace`. PURE.
 *
 * @param points no more than are left of it.
 */
export function reversalOf(
  spend: Spend,
  points: number,
  { now, grace }: { now: number; grace: number },
): { uses: LotUse[]; newLots: NewLot[] } {
  const lotOf = new Map(spend.uses.map(({ lotId, lot }) => [lotId, lot]));
  const isLive = ({ lotId }: LotUse) => (lotOf.get(lotId)?.expiresAt ?? Number.POSITIVE_INFINITY) > now;
  const parts = lastTaken(outOf(spend), points);
  return {
    uses: parts.filter(isLive),
    newLots: parts.flatMap((part) => {
      const lot = lotOf.get(part.lotId);
      if (!lot || isLive(part)) return [];
      const { issuedByBrandId, fundedByBrandId, costMicroMinor } = lot;
      return [
        {
          ...{ amount: part.amount, spendableAt: now, expiresAt: grace },
          ...{ issuedByBrandId, fundedByBrandId, costMicroMinor },
        },
      ];
    }),
  };
}

/** The lots of a spend, each with what of it has not come back. */
function outOf({ uses, reversals }: Spend): LotFacts[] {
  const lotsOf = (parts: readonly LotUse[]): LotFacts[] =>
    parts.flatMap(({ lotId, amount }) => {
      const lot = uses.find((use) => use.lotId === lotId)?.lot;
      return lot ? [{ ...lot, remaining: amount }] : [];
    });
  // A lot comes back to itself once, or more than once in parts.
  const same = Map.groupBy(
    reversals.flatMap((reversal) => reversal.uses),
    ({ lotId }) => lotId,
  );
  const live = [...same].map(([lotId, parts]) => ({ lotId, amount: amountOf(parts) }));
  const rest = usesWithout(uses, live);
  // What came back in new lots was of those taken last as well: those that were live then came before.
  const renewed = amountOf(reversals) - amountOf(live);
  return lotsOf(usesWithout(rest, lastTaken(lotsOf(rest), renewed)));
}
