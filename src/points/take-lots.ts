/** So many points of a lot. */
export interface LotUse {
  lotId: string;
  amount: number;
}

export interface LotFacts {
  id: string;
  /** Points of it that can be taken. */
  remaining: number;
  spendableAt: number;
  /** Null for never. */
  expiresAt: number | null;
}

/** Whether a lot's points can be spent at a moment. */
export const isSpendable = ({ spendableAt, expiresAt }: LotFacts, now: number): boolean =>
  spendableAt <= now && (expiresAt === null || now < expiresAt);

/** How many points these lots have together. */
export const sumOf = (lots: readonly { remaining: number }[]): number =>
  lots.reduce((sum, { remaining }) => sum + remaining, 0);

/** How many points can be taken of lots: as many as are owed cannot. */
export const balanceIn = ({ lots, owed }: { lots: readonly { remaining: number }[]; owed: number }): number =>
  Math.max(0, sumOf(lots) - owed);

/**
 * Which lots a debit takes: the one that expires first, among those the oldest; the last only in part.
 * Takes as many points as there are, and no more than were asked for.
 */
export const takeLots = (lots: readonly LotFacts[], points: number): LotUse[] =>
  take(lots.toSorted(inTurn), points);

/**
 * Which of the lots that a debit took come back first: those that were taken last, which expire last. What
 * stays taken is then as if fewer had been taken in the first place.
 */
export const lastTaken = (lots: readonly LotFacts[], points: number): LotUse[] =>
  take(
    lots.toSorted((a, b) => inTurn(b, a)),
    points,
  );

function take(lots: readonly LotFacts[], points: number): LotUse[] {
  const uses: LotUse[] = [];
  let missing = points;
  for (const { id, remaining } of lots) {
    const amount = Math.min(remaining, missing);
    if (amount <= 0) continue;
    uses.push({ lotId: id, amount });
    missing -= amount;
  }
  return uses;
}

/** What of some uses is left when others are taken out of them. */
export function usesWithout(uses: readonly LotUse[], taken: readonly LotUse[]): LotUse[] {
  const takenOf = new Map(taken.map(({ lotId, amount }) => [lotId, amount]));
  return uses
    .map(({ lotId, amount }) => ({ lotId, amount: amount - (takenOf.get(lotId) ?? 0) }))
    .filter(({ amount }) => amount > 0);
}

/** The order in which lots are taken; ids begin with the moment they were made at. */
function inTurn(a: LotFacts, b: LotFacts): number {
  const [first, second] = [a.expiresAt ?? Number.MAX_SAFE_INTEGER, b.expiresAt ?? Number.MAX_SAFE_INTEGER];
  return first - second || a.spendableAt - b.spendableAt || (a.id < b.id ? -1 : 1);
}
