import type { StackingRules } from "../../schema/tables/rules.ts";
import type { Candidate, CandidateOffer, LimitTaken } from "./cart.ts";
import { type Give, givesMore } from "./gives.ts";

/** A coupon that may be used on the cart, by itself. */
export interface Usable {
  candidate: Candidate;
  offer: CandidateOffer;
  give: Give;
  /** What it takes off by itself. */
  aloneMinor: number;
}

/** Coupons with what the rules say of each; they are named by their places in the order of application. */
export interface Combinable {
  coupons: readonly Usable[];
  mostCoupons: number;
  /** Of each coupon: its group, −1 for one without rules; and of each group how many may be used. */
  groupOf: readonly number[];
  mostOfGroup: readonly number[];
  /** Of each coupon: those of its PRIORITY group, the highest first, and how many of them are above it. */
  ranked: readonly (readonly number[])[];
  aboveCount: readonly number[];
  /** Of each coupon: whether it goes with no other, and whether it gives something that is not money off. */
  isExclusive: readonly boolean[];
  isExtra: readonly boolean[];
  /** Of each coupon: whether it is interchangeable with the one before it. */
  isTwin: readonly boolean[];
  /** Of each coupon: its offer; and of each offer how many uses and how much of its budgets are left. */
  offerOf: readonly number[];
  usesLeft: readonly number[];
  budgetLeft: readonly number[];
}

/** Some coupons that go together, in the order in which they were added. */
export interface Chosen {
  places: number[];
  isChosen: boolean[];
  countOfGroup: number[];
  usesOfOffer: number[];
  discountOfOffer: number[];
}

/** The usable coupons in the order in which they apply, whatever the order they come in. */
export function combinable(usable: readonly Usable[], { mostCoupons, groups }: StackingRules): Combinable {
  const indexOf = new Map(groups.map(({ name }, index) => [name, index]));
  const ordered = usable
    .map((coupon) => {
      const { group, priority } = coupon.offer.terms;
      return {
        coupon,
        stage: coupon.give.stage,
        group: indexOf.get(group ?? "") ?? groups.length,
        priority: priority ?? 0,
      };
    })
    .sort(
      (a, b) =>
        a.stage - b.stage || a.group - b.group || b.priority - a.priority || byUse(a.coupon, b.coupon),
    );
  const coupons = ordered.map(({ coupon }) => coupon);
  const groupOf = ordered.map(({ group }) => (group === groups.length ? -1 : group));
  const priorityOf = (place: number) => ordered[place]?.priority ?? 0;
  const places = ordered.map((_, place) => place);
  const rankedIn = groups.map(({ mode }, group) =>
    mode === "PRIORITY"
      ? places.filter((place) => groupOf[place] === group).sort((a, b) => priorityOf(b) - priorityOf(a))
      : [],
  );
  const ranked = groupOf.map((group) => rankedIn[group] ?? []);
  const { offerOf, takenOf } = offersOf(coupons);
  const leftOf = (of: "uses" | "discountMinor") => takenOf.map((taken) => leastLeft(taken, of));
  return {
    coupons,
    mostCoupons: mostCoupons ?? Number.POSITIVE_INFINITY,
    groupOf,
    mostOfGroup: groups.map(({ mode, mostCoupons: most }) =>
      Math.min(mode === "BEST" ? 1 : Number.POSITIVE_INFINITY, most ?? Number.POSITIVE_INFINITY),
    ),
    ranked,
    aboveCount: places.map((place) =>
      Math.max(0, ranked[place]?.findIndex((other) => priorityOf(other) === priorityOf(place)) ?? 0),
    ),
    isExclusive: coupons.map(({ offer }) => offer.terms.exclusive === true),
    isExtra: coupons.map(({ give }) => givesMore(give)),
    isTwin: coupons.map(({ offer }, place) => {
      const before = coupons[place - 1]?.offer;
      return before?.id === offer.id && before.version === offer.version;
    }),
    offerOf,
    usesLeft: leftOf("uses"),
    budgetLeft: leftOf("discountMinor"),
  };
}

/** Numbers the offers that coupons are of: of each coupon its offer, and of each offer what of its limits is taken. */
function offersOf(coupons: readonly Usable[]) {
  const numbers = new Map<string, number>();
  const takenOf: (readonly LimitTaken[])[] = [];
  const offerOf = coupons.map(({ offer, candidate }) => {
    const number = numbers.get(offer.id) ?? numbers.size;
    numbers.set(offer.id, number);
    takenOf[number] = candidate.taken;
    return number;
  });
  return { offerOf, takenOf };
}

const leastLeft = (taken: readonly LimitTaken[], of: "uses" | "discountMinor"): number =>
  taken.reduce(
    (left, one) => Math.min(left, (one.limit[of] ?? Number.POSITIVE_INFINITY) - one[of]),
    Number.POSITIVE_INFINITY,
  );

/** Of the same priority; of interchangeable ones the soonest to expire first. */
const byUse = (a: Usable, b: Usable): number =>
  compare(a.offer.id, b.offer.id) ||
  a.offer.version - b.offer.version ||
  compare(expiryOf(a), expiryOf(b)) ||
  compare(a.candidate.key, b.candidate.key);

export const expiryOf = ({ candidate }: Usable): number => candidate.expiresAt ?? Number.POSITIVE_INFINITY;

/** By code units, so that it is the same everywhere. */
export const compare = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

export const noneOf = ({ coupons, mostOfGroup, usesLeft }: Combinable): Chosen => ({
  places: [],
  isChosen: coupons.map(() => false),
  countOfGroup: mostOfGroup.map(() => 0),
  usesOfOffer: usesLeft.map(() => 0),
  discountOfOffer: usesLeft.map(() => 0),
});

/** Adds a coupon to those chosen, or takes the last one back (−1). */
export function change(
  { groupOf, offerOf }: Combinable,
  chosen: Chosen,
  place: number,
  discountMinor: number,
  by: 1 | -1,
): void {
  if (by === 1) chosen.places.push(place);
  else chosen.places.pop();
  chosen.isChosen[place] = by === 1;
  const [group, offer] = [groupOf[place] as number, offerOf[place] as number];
  if (group >= 0) chosen.countOfGroup[group] = (chosen.countOfGroup[group] as number) + by;
  chosen.usesOfOffer[offer] = (chosen.usesOfOffer[offer] as number) + by;
  chosen.discountOfOffer[offer] = (chosen.discountOfOffer[offer] as number) + by * discountMinor;
}

/** One of those chosen that a coupon does not go together with, whatever else is added; undefined for none. */
export function clashOf(together: Combinable, chosen: Chosen, place: number): number | undefined {
  const { isExclusive, groupOf, offerOf, mostCoupons, mostOfGroup, usesLeft } = together;
  const [first] = chosen.places;
  if (first === undefined) return undefined;
  if (isExclusive[place] || isExclusive[first] || chosen.places.length >= mostCoupons) return first;
  const [group, offer] = [groupOf[place] as number, offerOf[place] as number];
  if (group >= 0 && (chosen.countOfGroup[group] as number) >= (mostOfGroup[group] as number))
    return chosen.places.find((other) => groupOf[other] === group);
  return (chosen.usesOfOffer[offer] as number) >= (usesLeft[offer] as number)
    ? chosen.places.find((other) => offerOf[other] === offer)
    : undefined;
}

/** Whether an offer's budget has room for one more discount beside those of its coupons that are chosen. */
export const isWithinBudget = (
  { offerOf, budgetLeft }: Combinable,
  { discountOfOffer }: Chosen,
  place: number,
  discountMinor: number,
): boolean => {
  const offer = offerOf[place] as number;
  return (discountOfOffer[offer] as number) + discountMinor <= (budgetLeft[offer] as number);
};

/** One of a coupon's PRIORITY group that would have to be used before it: it is left out, and could be used. */
export function owedBefore(
  { ranked, aboveCount, offerOf, usesLeft }: Combinable,
  { isChosen, usesOfOffer }: Chosen,
  place: number,
): number | undefined {
  for (let rank = 0; rank < (aboveCount[place] as number); rank += 1) {
    const other = ranked[place]?.[rank] as number;
    const offer = offerOf[other] as number;
    if (!isChosen[other] && (usesOfOffer[offer] as number) < (usesLeft[offer] as number)) return other;
  }
  return undefined;
}
