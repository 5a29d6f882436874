import type { PointsPolicy } from "../../schema/tables/brands.ts";
import type { AccountKind, Cause, PointUnit } from "../../schema/tables/points.ts";
import type { Refusal } from "../errors.ts";
import type { Accounts, Move } from "./move-points.ts";
import { PointsAlreadySpent } from "./refusals.ts";
import { amountOf, leftOf, reversalOf, type Spend } from "./reversal.ts";
import { balanceIn, isSpendable, type LotFacts, type LotUse, takeLots } from "./take-lots.ts";

/** A member's points within one commit: each move is decided on what the ones before it left. */
export interface Purse {
  memberId: string;
  /** The member's accounts and the brand's, of each unit. */
  accounts: Record<PointUnit, Accounts>;
  /** With what remains of each, expired ones included. */
  lots: readonly LotFacts[];
  growthValue: number;
  /** What the member owes: so much of what can be spent stays, for that. */
  owed: number;
  moves: readonly Move[];
}

/** What its moves are made with. */
export interface Making {
  now: number;
  cause: Omit<Cause, "operation">;
  newId: (type: "Transfer" | "Lot") => string;
}

/** A purse after one more move; its lots follow as the database's do. */
function moved(purse: Purse, making: Making, move: PurseMove): Purse {
  const { memberId } = purse;
  const { unit = "POINTS", from, to, operation, ...rest } = move;
  const accounts = purse.accounts[unit];
  const flow = Number(to === "AVAILABLE") - Number(from === "AVAILABLE");
  const { uses = [], newLots = [] } = rest;
  const usedOf = new Map(uses.map(({ lotId, amount }) => [lotId, amount]));
  const known = new Set(purse.lots.map(({ id }) => id));
  return {
    ...purse,
    growthValue: purse.growthValue + (unit === "GROWTH_VALUE" ? flow * move.amount : 0),
    lots: [
      ...purse.lots.map((lot) => ({ ...lot, remaining: lot.remaining + flow * (usedOf.get(lot.id) ?? 0) })),
      // One of which nothing remained was not read.
      ...uses.flatMap(({ lotId, amount, lot }) =>
        lot && !known.has(lotId) && flow > 0 ? [{ ...lot, id: lotId, remaining: amount }] : [],
      ),
      ...newLots.map((lot) => ({ ...lot, remaining: lot.amount })),
    ],
    moves: [
      ...purse.moves,
      {
        ...rest,
        ...{ memberId, transferId: making.newId("Transfer"), cause: { ...making.cause, operation } },
        ...{ debitAccountId: accounts[from], creditAccountId: accounts[to] },
        uses: uses.map(({ lotId, amount }) => ({ lotId, amount })),
      },
    ],
  };
}

interface PurseMove extends Pick<Move, "amount" | "reversesTransferId" | "withoutLots"> {
  /** Points, unless said otherwise. */
  unit?: PointUnit;
  from: AccountKind;
  to: AccountKind;
  operation: string;
  uses?: readonly (LotUse & { lot?: Omit<LotFacts, "remaining"> | undefined })[];
  newLots?: readonly (NonNullable<Move["newLots"]>[number] & { id: string })[];
}

/**
 * Gives points of spends back, the last spend first. PURE, apart from new ids.
 *
 * @param points no more than are left of them.
 */
export function returnSpent<Given extends Spend>(
  purse: Purse,
  spends: readonly Given[],
  points: number,
  making: Making & { grace: number },
): { purse: Purse; spends: Given[] } {
  let missing = points;
  let now = purse;
  const after = spends
    .toSorted((a, b) => (a.id < b.id ? 1 : -1))
    .map((spend): Given => {
      const amount = Math.min(missing, leftOf(spend));
      if (amount === 0) return spend;
      missing -= amount;
      const { uses, newLots } = reversalOf(spend, amount, making);
      now = moved(now, making, {
        ...{ from: "REDEMPTION", to: "AVAILABLE", operation: "reverseSpend", amount },
        reversesTransferId: spend.id,
        uses: uses.map((use) => ({ ...use, lot: spend.uses.find((one) => one.lotId === use.lotId)?.lot })),
        newLots: newLots.map((lot) => ({ ...lot, id: making.newId("Lot") })),
      });
      return { ...spend, reversals: [...spend.reversals, { amount, createdAt: making.now, uses }] };
    });
  return { purse: now, spends: after };
}

/** Where points that were earned are now: pending, or in a lot, or part of it in breakage. */
export interface EarnedPoints {
  state: "PENDING" | "SPENDABLE";
  lotId: string | null;
  /** What of the lot expired. */
  expired: number;
}

export interface TakenBack {
  purse: Purse;
  earned: EarnedPoints;
  owed: number;
  forgiven: number;
}

/**
 * Takes points that were earned back into issuance. Pending ones leave pending. Of others, first what
 * remains of their own lot, then what of it expired, which the member has not had; then other lots in
 * their turn. What is missing is owed, refused or forgiven. Held points stay held, and those that are owed already
 * pay nothing else. PURE, apart from new ids.
 */
export function takeBack(
  purse: Purse,
  earned: EarnedPoints,
  points: number,
  making: Making & Pick<PointsPolicy, "onMissingPoints">,
): TakenBack | Refusal {
  const operation = "takeBackPoints";
  const to = "ISSUANCE";
  const none = { earned, owed: 0, forgiven: 0 };
  if (points === 0) return { purse, ...none };
  if (earned.state === "PENDING") {
    const move = { from: "PENDING", to, operation, amount: points, withoutLots: true } as const;
    return { purse: moved(purse, making, move), ...none };
  }
  const live = purse.lots.filter((lot) => isSpendable(lot, making.now));
  const free = balanceIn({ lots: live, owed: purse.owed });
  const own = purse.lots.filter(({ id }) => id === earned.lotId);
  const isLive = own.some((lot) => live.includes(lot));
  const ofOwn = takeLots(own, isLive ? Math.min(points, free) : points);
  const expired = Math.min(earned.expired, points - amountOf(ofOwn));
  const others = live.filter(({ id }) => id !== earned.lotId);
  const left = points - amountOf(ofOwn) - expired;
  const uses = [...ofOwn, ...takeLots(others, Math.min(left, isLive ? free - amountOf(ofOwn) : free))];
  const missing = points - expired - amountOf(uses);
  if (missing > 0 && making.onMissingPoints === "REFUSE")
    return PointsAlreadySpent({ missing, balance: free });
  const owed = making.onMissingPoints === "DEBT" ? missing : 0;
  const lots: PurseMove[] = [
    { from: "AVAILABLE", to, operation, amount: amountOf(uses), uses },
    {
      ...{ from: "BREAKAGE", to, operation, amount: expired },
      uses: earned.lotId === null ? [] : [{ lotId: earned.lotId, amount: expired }],
    },
    { from: "REDEMPTION", to: "DEBT", operation, amount: owed, withoutLots: true },
  ];
  const after = lots
    .filter(({ amount }) => amount > 0)
    .reduce((now, move) => moved(now, making, move), purse);
  return {
    purse: { ...after, owed: purse.owed + owed },
    earned: { ...earned, expired: earned.expired - expired },
    ...{ owed, forgiven: missing - owed },
  };
}

/** Takes growth value back, as far as there is any: tiers count what is left. PURE, apart from new ids. */
export function takeGrowthValueBack(purse: Purse, amount: number, making: Making): Purse {
  const taken = Math.min(amount, purse.growthValue);
  if (taken === 0) return purse;
  return moved(purse, making, {
    ...{ unit: "GROWTH_VALUE", from: "AVAILABLE", to: "ISSUANCE", operation: "takeBackPoints" },
    ...{ amount: taken, withoutLots: true },
  });
}
