import type {
  AmountStep,
  BuyGet,
  Goods,
  OfferLimit,
  OfferTerms,
  OfferWindow,
} from "../../schema/tables/offers.ts";
import { firstRefusal, InvalidValue, NotFound } from "../errors.ts";
import { type Fault, notSome, outside } from "../faults.ts";
import { LARGEST_AMOUNT } from "../shares.ts";
import { faultOfExpression } from "./expression.ts";

const MOST_NAMES = 200;
const MOST_STEPS = 20;
const MOST_WINDOWS = 20;
const MOST_USES = 2_000_000_000;
/** So far from a birthday that the nearest one is meant. */
const MOST_BIRTHDAY_DAYS = 180;

/** What the terms of an offer can give. */
const gifts = [
  ...(["percentageBasisPoints", "amountOffMinor", "amountSteps", "fixedPriceMinor"] as const),
  ...(["freeShipping", "gift", "points", "buyGet"] as const),
] satisfies (keyof OfferTerms)[];

type Range = readonly [value: number | null | undefined, least: number, most: number];

/** Which part of an offer's terms cannot stand, by its path. PURE. @param tierIds those of the brand. */
export function faultOfTerms(
  terms: OfferTerms,
  limits: { issueLimit: number | null; perMemberLimit: number | null },
  tierIds: readonly string[],
): Fault {
  const given = gifts.filter((name) => terms[name] != null && terms[name] !== false);
  if (given.length !== 1) {
    return InvalidValue({ field: "terms", reason: `give exactly one of ${gifts.join(", ")}` });
  }
  const ranges = Object.entries(rangesOf(terms, limits));
  const named = ["channels", "stores", "paymentMethods", "tierIds", "segments"] as const;
  const missing = terms.tierIds?.find((tierId) => !tierIds.includes(tierId));
  return firstRefusal([
    ...ranges.map(
      ([field, [value, least, most]]) =>
        () =>
          outside(field, value, least, most),
    ),
    ...named.map((name) => () => notSome(`terms.${name}`, terms[name], MOST_NAMES)),
    () => (missing === undefined ? undefined : NotFound({ id: missing })),
    () => faultOfGoods("terms.goods", terms.goods),
    () => faultOfSteps(terms.amountSteps),
    () => faultOfBuyGet(terms.buyGet),
    () => faultOfWindows(terms.windows),
    () => faultOfLimits(terms.limits),
    () => notAfter("terms.endsAt", terms.startsAt, terms.endsAt),
    () => notAfter("terms.claimableUntil", terms.claimableFrom, terms.claimableUntil),
    () =>
      wrongIf(terms.claimableUntil != null && terms.claimableFrom == null, [
        "terms.claimableUntil",
        "must come with claimableFrom",
      ]),
    () => {
      const reason = terms.expression == null ? undefined : faultOfExpression(terms.expression);
      return reason === undefined ? undefined : InvalidValue({ field: "terms.expression", reason });
    },
  ]);
}

const rangesOf = (
  terms: OfferTerms,
  limits: { issueLimit: number | null; perMemberLimit: number | null },
): Record<string, Range> => ({
  "terms.percentageBasisPoints": [terms.percentageBasisPoints, 1, 10_000],
  "terms.amountOffMinor": [terms.amountOffMinor, 1, LARGEST_AMOUNT],
  "terms.fixedPriceMinor": [terms.fixedPriceMinor, 0, LARGEST_AMOUNT],
  "terms.gift.quantity": [terms.gift?.quantity, 1, 1_000],
  "terms.points": [terms.points, 1, LARGEST_AMOUNT],
  "terms.maximumDiscountMinor": [terms.maximumDiscountMinor, 1, LARGEST_AMOUNT],
  "terms.minimumSpendMinor": [terms.minimumSpendMinor, 0, LARGEST_AMOUNT],
  "terms.minimumQuantity": [terms.minimumQuantity, 1, 100_000],
  "terms.newMemberDays": [terms.newMemberDays, 0, 3_650],
  "terms.birthday.daysBefore": [terms.birthday?.daysBefore, 0, MOST_BIRTHDAY_DAYS],
  "terms.birthday.daysAfter": [terms.birthday?.daysAfter, 0, MOST_BIRTHDAY_DAYS],
  "terms.validDaysAfterClaim": [terms.validDaysAfterClaim, 1, 3_650],
  "terms.pricePoints": [terms.pricePoints, 1, LARGEST_AMOUNT],
  "terms.priority": [terms.priority, -1_000, 1_000],
  issueLimit: [limits.issueLimit, 1, MOST_USES],
  perMemberLimit: [limits.perMemberLimit, 1, 10_000],
});

const wrongIf = (isWrong: boolean, [field, reason]: readonly [field: string, reason: string]): Fault =>
  isWrong ? InvalidValue({ field, reason }) : undefined;

const notAfter = (field: string, from: number | null | undefined, until: number | null | undefined): Fault =>
  wrongIf(from != null && until != null && from >= until, [
    field,
    `must come after ${field === "terms.endsAt" ? "startsAt" : "claimableFrom"}`,
  ]);

export function faultOfGoods(path: string, goods: Goods | null | undefined): Fault {
  if (!goods) return undefined;
  const lists = ["skus", "categories", "brands", "exceptSkus", "exceptCategories", "exceptBrands"] as const;
  return firstRefusal(lists.map((name) => () => notSome(`${path}.${name}`, goods[name], MOST_NAMES)));
}

/** Who spends more gets more: a step that gave less would punish it. */
function faultOfSteps(steps: readonly AmountStep[] | null | undefined): Fault {
  const path = "terms.amountSteps";
  return firstRefusal([
    () => notSome(path, steps, MOST_STEPS),
    ...(steps ?? []).map(({ minimumSpendMinor, amountOffMinor }, place) => () => {
      const before = steps?.[place - 1];
      return (
        outside(`${path}.${place}.minimumSpendMinor`, minimumSpendMinor, 1, LARGEST_AMOUNT) ??
        outside(`${path}.${place}.amountOffMinor`, amountOffMinor, 1, minimumSpendMinor) ??
        wrongIf(
          before !== undefined &&
            (before.minimumSpendMinor >= minimumSpendMinor || before.amountOffMinor >= amountOffMinor),
          [`${path}.${place}`, "must ask for more, and take off more, than the step before it"],
        )
      );
    }),
  ]);
}

function faultOfBuyGet(buyGet: BuyGet | null | undefined): Fault {
  if (!buyGet) return undefined;
  const { percentageBasisPoints, priceMinor } = buyGet;
  return firstRefusal([
    () => outside("terms.buyGet.buyQuantity", buyGet.buyQuantity, 1, 1_000),
    () => outside("terms.buyGet.getQuantity", buyGet.getQuantity, 1, 1_000),
    () => outside("terms.buyGet.mostTimes", buyGet.mostTimes, 1, 1_000),
    () =>
      wrongIf((percentageBasisPoints == null) === (priceMinor == null), [
        "terms.buyGet",
        "give either percentageBasisPoints or priceMinor",
      ]),
    () => outside("terms.buyGet.percentageBasisPoints", percentageBasisPoints, 1, 10_000),
    () => outside("terms.buyGet.priceMinor", priceMinor, 0, LARGEST_AMOUNT),
    () => faultOfGoods("terms.buyGet.getGoods", buyGet.getGoods),
  ]);
}

const faultOfWindows = (windows: readonly OfferWindow[] | null | undefined): Fault =>
  firstRefusal([
    () => notSome("terms.windows", windows, MOST_WINDOWS),
    ...(windows ?? []).map((window, place) => () => faultOfWindow(`terms.windows.${place}`, window)),
  ]);

function faultOfWindow(path: string, window: OfferWindow): Fault {
  const { weekdays, fromMinute, untilMinute, fromDate, untilDate } = window;
  return firstRefusal([
    () =>
      wrongIf(
        Object.values(window).every((part) => part == null),
        [path, "must name weekdays, hours or dates"],
      ),
    () => notSome(`${path}.weekdays`, weekdays, 7),
    ...(weekdays ?? []).map((day) => () => outside(`${path}.weekdays`, day, 1, 7)),
    () => outside(`${path}.fromMinute`, fromMinute, 0, 1_439),
    () => outside(`${path}.untilMinute`, untilMinute, 0, 1_440),
    () =>
      wrongIf((fromMinute ?? 0) === (untilMinute ?? 1_440), [
        `${path}.untilMinute`,
        "must not be fromMinute",
      ]),
    () =>
      wrongIf(fromDate != null && untilDate != null && fromDate > untilDate, [
        `${path}.untilDate`,
        "must not come before fromDate",
      ]),
  ]);
}

const faultOfLimits = (limits: readonly OfferLimit[] | null | undefined): Fault =>
  firstRefusal(
    (limits ?? []).map(({ per, period, uses, discountMinor }, place) => () => {
      const path = `terms.limits.${place}`;
      const first = limits?.findIndex((one) => one.per === per && one.period === period);
      return (
        wrongIf(first !== place, [path, "must be there once for whom it is for and its period"]) ??
        wrongIf(uses == null && discountMinor == null, [path, "must have uses, discountMinor, or both"]) ??
        outside(`${path}.uses`, uses, 1, MOST_USES) ??
        outside(`${path}.discountMinor`, discountMinor, 1, LARGEST_AMOUNT)
      );
    }),
  );
