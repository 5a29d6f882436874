/** How long an isolate says that an offer is sold out without asking again. */
const SOLD_OUT_MS = 1_000;
const MOST_OFFERS = 1_000;
const MOST_KEYS = 10_000;

/** When it was asked, for what was found sold out; by brand and offer. */
const seen = new Map<string, number>();
/** Calls that were answered with a coupon: sent again, they are to be answered with it. */
const answered = new Set<string>();

/** Whether this isolate has just seen that an offer has no coupon left. */
export function isSoldOut(offer: string, call: string): boolean {
  const askedAt = seen.get(offer);
  return askedAt !== undefined && Date.now() < askedAt + SOLD_OUT_MS && !answered.has(call);
}

/** @param askedAt when the database was asked, or before: what was revised since may have more. */
export function noteSoldOut(offer: string, askedAt: number): void {
  keep(seen, MOST_OFFERS);
  seen.set(offer, Math.max(askedAt, seen.get(offer) ?? askedAt));
}

/** Remembers a call that got a coupon. */
export function noteAnswered(call: string): void {
  keep(answered, MOST_KEYS);
  answered.add(call);
}

/** Lets go of the eldest where there is no room for another. */
function keep(
  entries: { size: number; keys(): Iterator<string>; delete(key: string): boolean },
  most: number,
) {
  const { value: eldest } = entries.keys().next();
  if (entries.size >= most && eldest !== undefined) entries.delete(eldest);
}
