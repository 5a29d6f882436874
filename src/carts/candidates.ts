import type { FoundCode } from "../codes/open-codes.ts";
import { validityOf } from "../offers/issuing.ts";
import { type Counter, countersOf, takenOf } from "../offers/limits.ts";
import type { Candidate, CandidateOffer } from "./cart.ts";
import { faultOfCoupon, faultOfNewCoupon, type Moment } from "./coupon-fault.ts";
import type { CartInput, CountedUse, CouponRow, PresentOffer } from "./read-cart.ts";

/** A candidate, and what using it takes. */
export interface CandidateUse {
  candidate: Candidate;
  /** The offer as it is now, whose limits count; null where nothing is behind what was asked for. */
  offer: PresentOffer | null;
  /** Where a use counts. */
  counters: Counter[];
  /** The coupon, where there is one already; a code's need not have a holder yet. */
  coupon: CouponRow | null;
  /** The code by which it was asked for: of it, a coupon that has no holder gets one, or is made. */
  found: FoundCode | null;
}

/** What candidates are made of. */
export interface Consideration {
  input: CartInput;
  /** The member's coupons that are free, held or expired not long ago, those first that expire first. */
  own: readonly CouponRow[];
  /** Those that `couponIds` names, of anybody whom the caller may know of. */
  named: readonly CouponRow[];
  codes: ReadonlyMap<string, FoundCode>;
  automatic: readonly PresentOffer[];
  /** How many coupons the member has, by offer. */
  held: ReadonlyMap<string, number>;
  counted: readonly CountedUse[];
  timeZone: string;
  moment: Moment;
}

/** The offers that may apply, each once: the member's coupons, what was asked for, and what applies by itself. PURE. */
export function candidatesOf(consideration: Consideration): CandidateUse[] {
  const { input, own, named, codes, automatic } = consideration;
  /** What the member would have, if all those before were used. */
  const held = new Map(consideration.held);
  const { nothing, ofCoupon, ofOffer } = maker({ ...consideration, held });
  const uses = new Map<string, CandidateUse>();
  const add = (use: CandidateUse) => {
    const { candidate, coupon, offer } = use;
    const isNew = offer && candidate.fault === null && !coupon?.memberId && !uses.has(candidate.key);
    if (isNew) held.set(offer.id, (held.get(offer.id) ?? 0) + 1);
    uses.set(candidate.key, use);
  };
  /** The member's own coupon of an offer goes before a new one. */
  const freeOf = (offerId: string) =>
    uses.values().find(({ candidate, offer }) => candidate.fault === null && offer?.id === offerId);

  for (const coupon of own) add(ofCoupon(coupon, { source: "COUPON", code: coupon.code, isAsked: false }));
  for (const couponId of input.couponIds) {
    const coupon = named.find(({ id }) => id === couponId);
    const asked = { source: "COUPON", isAsked: true } as const;
    add(
      coupon
        ? ofCoupon(coupon, { ...asked, code: coupon.memberId === input.memberId ? coupon.code : null })
        : nothing({ ...asked, key: couponId, couponId, code: null }),
    );
  }
  for (const code of input.codes) {
    const found = codes.get(code) ?? { kind: "NONE" };
    const asked = { source: "CODE", code, isAsked: true } as const;
    const key = `code:${found.kind === "NONE" ? code : found.code}`;
    // Entered twice, as with and without its hyphens.
    if (uses.get(found.kind === "COUPON" ? found.coupon.id : key)?.candidate.source === "CODE") continue;
    const free = found.kind === "SHARED" ? freeOf(found.offer.id) : undefined;
    if (found.kind === "NONE") add(nothing({ ...asked, key, couponId: null }));
    else if (found.kind === "COUPON") add({ ...ofCoupon(found.coupon, asked), found });
    else if (free) add({ ...free, candidate: { ...free.candidate, ...asked } });
    else add(ofOffer(found.offer, { ...asked, key }, found));
  }
  for (const offer of automatic) {
    const source = { source: "AUTOMATIC", code: null, isAsked: false } as const;
    if (!freeOf(offer.id)) add(ofOffer(offer, { ...source, key: `offer:${offer.id}` }));
  }
  return [...uses.values()];
}

type Source = Pick<Candidate, "key" | "source" | "couponId" | "code" | "isAsked">;

function maker({ input, held, counted, timeZone, moment }: Consideration) {
  const { memberId, store } = input;
  const { at } = moment;
  const countedOf = Map.groupBy(counted, ({ offerId }) => offerId);
  const limitsOf = ({ id, terms }: PresentOffer) => {
    const counters = countersOf(terms.limits, { memberId, store, at, timeZone });
    return { counters, taken: takenOf(id, counters, countedOf.get(id) ?? []) };
  };
  const offerOf = ({ id }: PresentOffer, { version, title, terms }: Omit<CandidateOffer, "id">) => ({
    ...{ id, version, title, terms },
  });
  return {
    nothing: (source: Source): CandidateUse => ({
      candidate: {
        ...{ ...source, offer: null, startsAt: null, expiresAt: null, taken: [] },
        fault: { code: "NOT_FOUND" },
      },
      ...{ offer: null, counters: [], coupon: null, found: null },
    }),
    ofCoupon: (coupon: CouponRow, source: Omit<Source, "key" | "couponId">): CandidateUse => {
      const { id, offer, version, startsAt, expiresAt } = coupon;
      const { counters, taken } = limitsOf(offer);
      const heldOfIt = coupon.memberId === null ? (held.get(offer.id) ?? 0) : 0;
      const fault = faultOfCoupon(coupon, offer, heldOfIt, moment);
      const terms = { offer: offerOf(offer, version), startsAt, expiresAt, fault, taken };
      return {
        candidate: { ...source, key: id, couponId: id, ...terms },
        ...{ offer, counters, coupon, found: null },
      };
    },
    /** @param found the code behind which the offer is; without one it applies by itself. */
    ofOffer: (
      offer: PresentOffer,
      source: Omit<Source, "couponId">,
      found: Exclude<FoundCode, { kind: "NONE" }> | null = null,
    ): CandidateUse => {
      const { counters, taken } = limitsOf(offer);
      const version = found?.version ?? offer;
      const fault = faultOfNewCoupon(offer, version.terms, found, held.get(offer.id) ?? 0, moment);
      const time = validityOf(version.terms, timeZone, at);
      return {
        candidate: { ...source, couponId: null, offer: offerOf(offer, version), ...time, fault, taken },
        ...{ offer, counters, coupon: null, found },
      };
    },
  };
}
