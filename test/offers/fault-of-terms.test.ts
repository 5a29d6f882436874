import { expect, test } from "vitest";
import type { OfferTerms } from "../../schema/tables/offers.ts";
import { faultOfTerms } from "../../src/offers/fault-of-terms.ts";

const without = { issueLimit: null, perMemberLimit: null };
const off = { amountOffMinor: 2_000 };
const steps = (...pairs: [minimumSpendMinor: number, amountOffMinor: number][]) => ({
  amountSteps: pairs.map(([minimumSpendMinor, amountOffMinor]) => ({ minimumSpendMinor, amountOffMinor })),
});
const buyGet = (changes: object) => ({ buyGet: { buyQuantity: 1, getQuantity: 1, ...changes } });
const gift = (quantity: number) => ({ gift: { sku: "CUP", name: { en: "A cup" }, quantity } });
const limit = { per: "MEMBER", period: "MONTH", uses: 1 } as const;

test.each<[what: string, terms: OfferTerms, fault: string | undefined]>([
  ["a share", { percentageBasisPoints: 10_000 }, undefined],
  ["more than everything", { percentageBasisPoints: 10_001 }, "terms.percentageBasisPoints"],
  ["a price of nothing", { fixedPriceMinor: 0 }, undefined],
  ["shipping", { freeShipping: true }, undefined],
  ["shipping that is not free is nothing", { freeShipping: false }, "terms"],
  ["an amount, and shipping that is not free", { ...off, freeShipping: false }, undefined],
  ["a gift", gift(1), undefined],
  ["no gift at all", gift(0), "terms.gift.quantity"],
  ["points", { points: 100 }, undefined],
  ["nothing", {}, "terms"],
  ["two things", { ...off, points: 5 }, "terms"],

  ["满200减20,满300减40", steps([20_000, 2_000], [30_000, 4_000]), undefined],
  ["no steps", steps(), "terms.amountSteps"],
  ["a step that is not higher", steps([20_000, 2_000], [20_000, 4_000]), "terms.amountSteps.1"],
  ["a step that gives less", steps([20_000, 2_000], [30_000, 1_000]), "terms.amountSteps.1"],
  ["a step that takes off more than is spent", steps([20_000, 20_001]), "terms.amountSteps.0.amountOffMinor"],

  ["the second at half price", buyGet({ percentageBasisPoints: 5_000 }), undefined],
  ["the second for ¥1", buyGet({ priceMinor: 100 }), undefined],
  ["the second for nobody knows what", buyGet({}), "terms.buyGet"],
  ["the second twice cheaper", buyGet({ percentageBasisPoints: 5_000, priceMinor: 1 }), "terms.buyGet"],
  ["none bought", buyGet({ buyQuantity: 0, priceMinor: 1 }), "terms.buyGet.buyQuantity"],
  [
    "goods to get that name nothing",
    buyGet({ priceMinor: 1, getGoods: { skus: [] } }),
    "terms.buyGet.getGoods.skus",
  ],

  ["goods that name nothing", { ...off, goods: { categories: [] } }, "terms.goods.categories"],
  ["goods that name 201 articles", { ...off, goods: { skus: Array(201).fill("A") } }, "terms.goods.skus"],
  ["no channel", { ...off, channels: [] }, "terms.channels"],
  ["a tier of the brand's", { ...off, tierIds: ["tir_gold"] }, undefined],
  ["a tier that there is not", { ...off, tierIds: ["tir_gold", "tir_other"] }, "tir_other"],
  [
    "a quarter of a year around the birthday",
    { ...off, birthday: { daysBefore: 45, daysAfter: 45 } },
    undefined,
  ],
  [
    "more than the nearest birthday",
    { ...off, birthday: { daysBefore: 181, daysAfter: 0 } },
    "terms.birthday.daysBefore",
  ],

  ["evenings", { ...off, windows: [{ fromMinute: 1_080, untilMinute: 1_200 }] }, undefined],
  ["no window", { ...off, windows: [] }, "terms.windows"],
  ["a window that is always open", { ...off, windows: [{}] }, "terms.windows.0"],
  ["an eighth day", { ...off, windows: [{ weekdays: [8] }] }, "terms.windows.0.weekdays"],
  [
    "25 o'clock",
    { ...off, windows: [{ weekdays: [1] }, { untilMinute: 1_500 }] },
    "terms.windows.1.untilMinute",
  ],
  [
    "from six to six",
    { ...off, windows: [{ fromMinute: 360, untilMinute: 360 }] },
    "terms.windows.0.untilMinute",
  ],
  [
    "back in time",
    { ...off, windows: [{ fromDate: "2026-11-12", untilDate: "2026-11-11" }] },
    "terms.windows.0.untilDate",
  ],
  ["ends before it starts", { ...off, startsAt: 2, endsAt: 2 }, "terms.endsAt"],
  ["claimable never", { ...off, claimableFrom: 2, claimableUntil: 1 }, "terms.claimableUntil"],
  ["claimable until, from no moment", { ...off, claimableUntil: 1 }, "terms.claimableUntil"],

  ["once a month for each member", { ...off, limits: [limit] }, undefined],
  [
    "and once a day, and a budget",
    {
      ...off,
      limits: [limit, { ...limit, period: "DAY" }, { per: "OFFER", period: "LIFETIME", discountMinor: 1 }],
    },
    undefined,
  ],
  ["twice the same limit", { ...off, limits: [limit, { ...limit, uses: 2 }] }, "terms.limits.1"],
  ["a limit of nothing", { ...off, limits: [{ ...limit, uses: null }] }, "terms.limits.0"],
  ["no use at all", { ...off, limits: [{ ...limit, uses: 0 }] }, "terms.limits.0.uses"],
  ["an expression that is wrong", { ...off, expression: "cart.total > 1" }, "terms.expression"],
])("terms that an offer can have, or not: %s", (_what, terms, fault) => {
  const { field, id } = faultOfTerms(terms, without, ["tir_gold"])?.data ?? {};
  expect(field ?? id).toBe(fault);
});
