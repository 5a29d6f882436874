import type { OfferTerms } from "../../schema/tables/offers.ts";
import { endOfDayAfter, startOfDay, zoned } from "../calendar.ts";
import type { Buyer, Cart, CartLine, Reason, ReasonCode } from "../carts/cart.ts";
import { holds, needsMember } from "./expression.ts";
import { matches } from "./goods.ts";
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

/** What a condition asks: the terms, the occasion, and the lines that the terms' goods match. */
type Given = Occasion & { terms: OfferTerms; counting: readonly CartLine[] };
type Condition = (given: Given) => Reason | undefined;

/**
 * Why an offer's terms do not hold on an occasion, all reasons, those that nobody can do anything about first;
 * none when they do. PURE. Limits, claims and other coupons are not looked at.
 */
export function whyNotApplicable(terms: OfferTerms, occasion: Occasion): Reason[] {
  const counting = occasion.cart.lines.filter((line) => matches(terms.goods, line));
  const given = { ...occasion, terms, counting };
  return conditions.map((condition) => condition(given)).filter((reason) => reason !== undefined);
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
  ({ terms: { windows }, cart: { at }, timeZone }) =>
    !windows || isOpenAt(windows, at, timeZone)
      ? undefined
      : { code: "OUTSIDE_HOURS", from: nextOpening(windows, at, timeZone) },
  among("stores", "STORE", ({ store }) => store),
  among("channels", "CHANNEL", ({ channel }) => channel),
  among("paymentMethods", "PAYMENT_METHOD", ({ paymentMethod }) => paymentMethod),
  ({ counting }) => unless(counting.length > 0, { code: "NO_MATCHING_GOODS" }),
  (given) => {
    const missingQuantity = missingUnits(given);
    return unless(missingQuantity <= 0, { code: "MINIMUM_QUANTITY", missingQuantity });
  },
  ({ terms, counting, amounts }) => {
    const missingMinor = leastSpendOf(terms) - sum(counting, ({ lineId }) => amounts.get(lineId) ?? 0);
    return unless(missingMinor <= 0, { code: "MINIMUM_SPEND", missingMinor });
  },
  (given) => {
    const { expression } = given.terms;
    const isUndecided = expression == null || (given.buyer === null && needsMember(expression));
    return isUndecided ? undefined : unless(holds(expression, given), { code: "EXPRESSION" });
  },
];

/** The least that the goods must come to, in minor units: by the terms, or for the lowest of the steps. */
export function leastSpendOf({ minimumSpendMinor, amountSteps }: OfferTerms): number {
  const steps = amountSteps?.map((step) => step.minimumSpendMinor) ?? [];
  return Math.max(minimumSpendMinor ?? 0, steps.length > 0 ? Math.min(...steps) : 0);
}

const asksForMember = ({ tierIds, segments, firstOrder, newMemberDays, birthday, expression }: OfferTerms) =>
  [tierIds, segments, firstOrder || null, newMemberDays, birthday].some((condition) => condition != null) ||
  (expression != null && needsMember(expression));

function aroundBirthday(
  { terms: { birthday }, cart, timeZone }: Given,
  { daysFromBirthday: days }: Buyer,
): Reason | undefined {
  if (!birthday) return undefined;
  if (days === null) return { code: "BIRTHDAY" };
  const { daysBefore, daysAfter } = birthday;
  if (days >= -daysBefore && days <= daysAfter) return undefined;
  const today = zoned(cart.at, timeZone).toPlainDate();
  // The nearest birthday is over or to come: only of one to come is it known when it begins.
  return days < 0
    ? { code: "BIRTHDAY", from: startOfDay(today.add({ days: -daysBefore - days }), timeZone) }
    : { code: "BIRTHDAY" };
}

/** How many more units the terms ask for: the goods to buy, those that are got, and both without counting one twice. */
function missingUnits({ terms: { minimumQuantity, buyGet }, counting, cart }: Given): number {
  const bought = units(counting);
  const missing = (minimumQuantity ?? 0) - bought;
  if (!buyGet) return missing;
  const { buyQuantity, getQuantity, getGoods } = buyGet;
  if (!getGoods) return Math.max(missing, buyQuantity + getQuantity - bought);
  const got = cart.lines.filter((line) => matches(getGoods, line));
  const either = cart.lines.filter((line) => counting.includes(line) || got.includes(line));
  return Math.max(
    missing,
    buyQuantity - bought,
    getQuantity - units(got),
    buyQuantity + getQuantity - units(either),
  );
}

const units = (lines: readonly CartLine[]): number => sum(lines, ({ quantity }) => quantity);

const sum = (lines: readonly CartLine[], of: (line: CartLine) => number): number =>
  lines.reduce((total, line) => total + of(line), 0);
