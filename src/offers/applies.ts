import type { OfferTerms } from "../../schema/tables/offers.ts";
import { type Clock, clockAt, endOfDayAfter } from "../calendar.ts";
import { amountsOf, sumOf } from "../carts/amounts.ts";
import type { Buyer, Cart, Reason, ReasonCode } from "../carts/cart.ts";
import { holds, needsMember, valuesOf } from "./expression.ts";
import { type Matched, partsOf } from "./goods.ts";
import { isOpenAt, nextOpening } from "./windows.ts";

/** Who buys what, when and where. */
export interface Occasion {
  cart: Cart;
  /** Null for a guest. */
  buyer: Buyer | null;
  /** The brand's. */
  timeZone: string;
  /** What each line costs after benefits and before any coupon, in minor units, by its id. */
  amounts: ReadonlyMap<string, number>;
}

/** What is worked out of an occasion once, however many offers ask for it. */
export interface WorkedOut {
  /** The lines that goods match. */
  partOf(goods: OfferTerms["goods"]): Matched;
  /** What those cost after benefits and before any coupon. */
  costOf(part: Matched): number;
  /** What the shop's clock shows. */
  clock(): Clock;
  /** What an offer's own condition may ask. */
  values(): object;
}

/** Works out of an occasion what was not yet. */
export function workedOut(occasion: Occasion, partOf = partsOf(occasion.cart.lines)): WorkedOut {
  const { cart, timeZone, amounts } = occasion;
  const costs = amountsOf(
    cart.lines.map(({ lineId }) => amounts.get(lineId) ?? 0),
    cart.shippingMinor,
  );
  return {
    partOf,
    costOf: (part) => sumOf(costs, part),
    clock: once(() => clockAt(cart.at, timeZone)),
    values: once(() => valuesOf(occasion)),
  };
}

function once<T>(workOut: () => T): () => T {
  let known: { value: T } | undefined;
  return () => {
    known ??= { value: workOut() };
    return known.value;
  };
}

/** What a condition asks: the terms, the occasion, and the lines that the terms' goods match. */
interface Given extends Occasion {
  terms: OfferTerms;
  counting: Matched;
  known: WorkedOut;
}
type Condition = (given: Given) => Reason | undefined;

/**
 * Why an offer's terms do not hold on an occasion, all reasons, those that nobody can do anything about first;
 * none when they do. PURE. Limits, claims and other coupons are not looked at.
 */
export function whyNotApplicable(
  terms: OfferTerms,
  occasion: Occasion,
  known: WorkedOut = workedOut(occasion),
): Reason[] {
  const { cart, buyer, timeZone, amounts } = occasion;
  const given = { cart, buyer, timeZone, amounts, terms, counting: known.partOf(terms.goods), known };
  const reasons: Reason[] = [];
  for (const condition of conditions) {
    const reason = condition(given);
    if (reason) reasons.push(reason);
  }
  return reasons;
}

const unless = (isMet: boolean, reason: Reason): Reason | undefined => (isMet ? undefined : reason);

/** Of a guest nothing is known: that a member is needed is said once, by a condition of its own. */
const ofMember =
  (condition: (given: Given, buyer: Buyer) => Reason | undefined): Condition =>
  (given) =>
    given.buyer ? condition(given, given.buyer) : undefined;

/** That something about the cart or the buyer is one of those named, where any are. */
const among =
  (name: "channels" | "stores" | "paymentMethods", code: ReasonCode, of: (cart: Cart) => string | null) =>
  ({ terms, cart }: Given): Reason | undefined => {
    const [oneOf, own] = [terms[name], of(cart)];
    return oneOf ? unless(own !== null && oneOf.includes(own), { code, oneOf }) : undefined;
  };

const conditions: readonly Condition[] = [
  ({ terms, buyer }) => unless(buyer !== null || !asksForMember(terms), { code: "MEMBER_NEEDED" }),
  ({ terms: { endsAt }, cart }) =>
    endsAt == null ? undefined : unless(cart.at < endsAt, { code: "EXPIRED", until: endsAt }),
  ofMember(({ terms: { tierIds } }, { tierId }) =>
    tierIds ? unless(tierIds.includes(tierId), { code: "TIER", oneOf: tierIds }) : undefined,
  ),
  ofMember(({ terms: { segments }, cart }) =>
    segments
      ? unless(
          segments.some((segment) => cart.segments.includes(segment)),
          { code: "SEGMENT", oneOf: segments },
        )
      : undefined,
  ),
  ofMember(({ terms }, { paidOrders }) =>
    unless(!terms.firstOrder || paidOrders === 0, { code: "FIRST_ORDER" }),
  ),
  ofMember(({ terms: { newMemberDays }, cart, timeZone }, { enrolledAt }) => {
    if (newMemberDays == null) return undefined;
    const until = endOfDayAfter(enrolledAt, newMemberDays, timeZone);
    return unless(cart.at < until, { code: "NEW_MEMBER", until });
  }),
  ofMember(aroundBirthday),
  ({ terms: { startsAt }, cart }) =>
    startsAt == null ? undefined : unless(cart.at >= startsAt, { code: "NOT_YET_VALID", from: startsAt }),
  ({ terms: { windows }, cart: { at }, timeZone, known }) =>
    !windows || isOpenAt(windows, known.clock())
      ? undefined
      : { code: "OUTSIDE_HOURS", from: nextOpening(windows, at, timeZone) },
  among("stores", "STORE", ({ store }) => store),
  among("channels", "CHANNEL", ({ channel }) => channel),
  among("paymentMethods", "PAYMENT_METHOD", ({ paymentMethod }) => paymentMethod),
  ({ counting }) => unless(counting.places.length > 0, { code: "NO_MATCHING_GOODS" }),
  (given) => {
    const missingQuantity = missingUnits(given);
    return unless(missingQuantity <= 0, { code: "MINIMUM_QUANTITY", missingQuantity });
  },
  ({ terms, counting, known }) => {
    const least = leastSpendOf(terms);
    if (least === 0) return undefined;
    const missingMinor = least - known.costOf(counting);
    return unless(missingMinor <= 0, { code: "MINIMUM_SPEND", missingMinor });
  },
  (given) => {
    const { expression } = given.terms;
    const isUndecided = expression == null || (given.buyer === null && needsMember(expression));
    return isUndecided ? undefined : unless(holds(expression, given.known.values()), { code: "EXPRESSION" });
  },
];

/** The least that the goods must come to, in minor units: by the terms, or for the lowest of the steps. */
export function leastSpendOf({ minimumSpendMinor, amountSteps }: OfferTerms): number {
  const steps = amountSteps?.map((step) => step.minimumSpendMinor) ?? [];
  return Math.max(minimumSpendMinor ?? 0, steps.length > 0 ? Math.min(...steps) : 0);
}

const asksForMember = ({ tierIds, segments, firstOrder, newMemberDays, birthday, expression }: OfferTerms) =>
  (tierIds ?? segments ?? newMemberDays ?? birthday) != null ||
  firstOrder === true ||
  (expression != null && needsMember(expression));

/** From when it would hold is not told: a till that prices a cart is not to learn the birthday. */
function aroundBirthday(
  { terms: { birthday } }: Given,
  { daysFromBirthday: days }: Buyer,
): Reason | undefined {
  const holds = !birthday || (days !== null && days >= -birthday.daysBefore && days <= birthday.daysAfter);
  return unless(holds, { code: "BIRTHDAY" });
}

/** How many more units the terms ask for: the goods to buy, those that are got, and both without counting one twice. */
function missingUnits({ terms: { minimumQuantity, buyGet }, counting, cart, known }: Given): number {
  const bought = counting.quantity;
  const missing = (minimumQuantity ?? 0) - bought;
  if (!buyGet) return missing;
  const { buyQuantity, getQuantity, getGoods } = buyGet;
  if (!getGoods) return Math.max(missing, buyQuantity + getQuantity - bought);
  const got = known.partOf(getGoods);
  const either = cart.lines.reduce(
    (sum, { quantity }, place) => sum + (counting.has[place] || got.has[place] ? quantity : 0),
    0,
  );
  return Math.max(
    missing,
    buyQuantity - bought,
    getQuantity - got.quantity,
    buyQuantity + getQuantity - either,
  );
}
