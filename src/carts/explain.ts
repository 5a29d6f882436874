import { whyNotApplicable, workedOut } from "../offers/applies.ts";
import { whyNotWithin } from "../offers/limits.ts";
import type { CartFacts, Considered, CouponChoice, LimitTaken, Reason } from "./cart.ts";
import {
  type Chosen,
  type Combinable,
  change,
  clashOf,
  compare,
  noneOf,
  owedBefore,
  type Usable,
} from "./combine.ts";
import { type CartForOffers, giveOf, givesMore } from "./gives.ts";

/** The candidates that may be used by themselves, and why the others may not. */
export interface Judged {
  usable: Usable[];
  notUsable: Considered[];
}

/** Judges every candidate by itself, on what the goods cost before any coupon. */
export function judge({ cart, buyer, timeZone, candidates }: CartFacts, forOffers: CartForOffers): Judged {
  const { lines, before } = forOffers;
  const amounts = new Map(lines.map(({ lineId }, place) => [lineId, before.lines[place] as number]));
  const occasion = { cart: { ...cart, lines }, buyer, timeZone, amounts };
  const known = workedOut(occasion, forOffers.partOf);
  const judged: Judged = { usable: [], notUsable: [] };
  for (const candidate of candidates) {
    const { offer, fault, taken, key } = candidate;
    const refuse = (reasons: Reason[]) =>
      judged.notUsable.push({ key, state: "NOT_USABLE", discountMinor: 0, reasons });
    if (fault || !offer) {
      refuse([fault ?? { code: "NOT_FOUND" }]);
      continue;
    }
    const missing = whyNotApplicable(offer.terms, occasion, known);
    const isGuest = !buyer && missing.every(({ code }) => code !== "MEMBER_NEEDED");
    const reasons: Reason[] = isGuest ? [{ code: "MEMBER_NEEDED" }, ...missing] : missing;
    if (reasons.length > 0) {
      refuse(reasons);
      continue;
    }
    const give = giveOf(offer.terms, forOffers);
    const aloneMinor = give.offOf(before);
    const reason: Reason | undefined =
      aloneMinor === 0 && !givesMore(give) ? { code: "NOTHING_OFF" } : whyNotWithin(taken, aloneMinor);
    if (reason) refuse([reason]);
    else judged.usable.push({ candidate, offer, give, aloneMinor });
  }
  return judged;
}

/**
 * What became of the usable ones: those that are used, and why each of the others is not.
 *
 * @param together all that are usable. @param used what those take off that are used, by their keys.
 */
export function explain(
  together: Combinable,
  used: ReadonlyMap<string, number>,
  choice: CouponChoice,
): Considered[] {
  const chosen = noneOf(together);
  for (const [place, { candidate }] of together.coupons.entries()) {
    const discountMinor = used.get(candidate.key);
    if (discountMinor !== undefined) change(together, chosen, place, discountMinor, 1);
  }
  return together.coupons.map(({ candidate: { key }, aloneMinor: discountMinor }, place) => {
    if (chosen.isChosen[place]) return { key, state: "USED", discountMinor, reasons: [] };
    const reason = whyNotUsed(together, chosen, place, choice);
    return { key, state: "USABLE", discountMinor, reasons: reason ? [reason] : [] };
  });
}

/** Why a coupon is not used beside those chosen; undefined where nobody asked for it. */
function whyNotUsed(
  together: Combinable,
  chosen: Chosen,
  place: number,
  choice: CouponChoice,
): Reason | undefined {
  const { candidate, aloneMinor } = together.coupons[place] as Usable;
  const offer = together.offerOf[place] as number;
  const [uses, discountMinor] = [chosen.usesOfOffer[offer] ?? 0, chosen.discountOfOffer[offer] ?? 0];
  const beside = (taken: LimitTaken): LimitTaken => ({
    ...taken,
    ...{ uses: taken.uses + uses, discountMinor: taken.discountMinor + discountMinor },
  });
  const isOverLimit = uses > 0 ? whyNotWithin(candidate.taken.map(beside), aloneMinor) : undefined;
  if (isOverLimit) return isOverLimit;
  const isWanted = choice === "BEST" || candidate.isAsked;
  const clash =
    clashOf(together, chosen, place) ?? (isWanted ? owedBefore(together, chosen, place) : undefined);
  const couponKey = clash === undefined ? undefined : together.coupons[clash]?.candidate.key;
  if (couponKey !== undefined) return { code: "NOT_COMBINABLE", couponKey };
  return isWanted ? { code: "BETTER_WITHOUT" } : undefined;
}

const rank = { USED: 0, USABLE: 1, NOT_USABLE: 2 } as const;

/** Those that are used first, then those that could be; of each, what takes most off by itself first. */
export const inStableOrder = (considered: readonly Considered[]): Considered[] =>
  [...considered].sort(
    (a, b) => rank[a.state] - rank[b.state] || b.discountMinor - a.discountMinor || compare(a.key, b.key),
  );
