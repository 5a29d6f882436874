import { beforeAll, expect, test } from "vitest";
import { type BenefitKind, type BenefitTerms, benefitKinds } from "../../schema/tables/benefits.ts";
import { faultOfTerms } from "../../src/benefits/fault-of-benefit.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { outcomeOf } from "../support/member.ts";
import { newOffer } from "../support/offer.ts";
import { CREATE, newBenefit, UPDATE } from "./support.ts";

let brand: TestBrand;

beforeAll(async () => {
  brand = await newBrand();
});

const sound: Required<BenefitTerms> = {
  ...{ rateBasisPoints: 1_000, multiplierBasisPoints: 15_000, hoursBefore: 24 },
  ...{ daysBefore: 3, daysAfter: 3, dayOfMonth: 8, goods: { skus: ["TEA"] } },
};
const reduced = ["rateBasisPoints", "goods"] as const;
const ownTerms: Partial<Record<BenefitKind, readonly (keyof BenefitTerms)[]>> = {
  ...{ PERCENTAGE_DISCOUNT: reduced, MEMBER_PRICE: reduced, POINTS_MULTIPLIER: ["multiplierBasisPoints"] },
  ...{ EARLY_ACCESS: ["hoursBefore"], BIRTHDAY_GIFT: ["daysBefore", "daysAfter"] },
  PRIVILEGE_DAY: ["dayOfMonth"],
};

test.each(benefitKinds)("%s has its own terms and no other kind's", (kind) => {
  const own = ownTerms[kind] ?? [];
  const terms = Object.fromEntries(own.map((term) => [term, sound[term]]));
  expect(faultOfTerms(kind, terms)).toBeUndefined();
  for (const term of Object.keys(sound) as (keyof BenefitTerms)[]) {
    const fault = faultOfTerms(kind, { ...terms, [term]: sound[term] });
    expect(fault?.data.field, term).toBe(own.includes(term) ? undefined : `terms.${term}`);
    expect(faultOfTerms(kind, { ...terms, [term]: -1 })?.data.field, term).toBe(
      own.includes(term) && term === "goods" ? undefined : `terms.${term}`,
    );
  }
});

test("terms of another kind are refused, by the field, in a new benefit and in one that is there", async () => {
  const terms = { rateBasisPoints: 2_147_483_647, dayOfMonth: -4, multiplierBasisPoints: 0 };
  const settings = { kind: "FREE_SHIPPING", name: [{ locale: "en", text: "Free" }], tierIds: [] };
  const message =
    "terms.rateBasisPoints: must be given with PERCENTAGE_DISCOUNT or MEMBER_PRICE, and with no other";
  const language = { "accept-language": "en" };
  const created = await brand.operator(CREATE, { input: { ...settings, terms } }, language);
  expect(outcomeOf(created)).toEqual({ code: "INVALID_VALUE", message });
  const benefitId = await newBenefit(brand, { kind: "FREE_SHIPPING" });
  const updated = await brand.operator(UPDATE, { input: { benefitId, terms } }, language);
  expect(outcomeOf(updated)).toEqual({ code: "INVALID_VALUE", message });
});

test("the record of an update names what changed, and nothing else", async () => {
  const benefitId = await newBenefit(brand);
  const offerId = await newOffer(brand);
  const update = (input: object) => brand.operator(UPDATE, { input: { benefitId, ...input } });
  const names = async () => {
    const answer = await brand.operator(
      `query ($id: ID) { audit(subjectId: $id, first: 1) { nodes { operation detail } } }`,
      { id: benefitId },
    );
    const [{ operation, detail }] = answer.data.audit.nodes;
    expect(operation).toBe("updateBenefit");
    return JSON.parse(detail).changed;
  };
  await update({ name: [{ locale: "en", text: "Another gift" }], quota: 1 });
  expect(await names()).toEqual(["name"]);
  await update({ offerId, tierIds: [brand.firstTierId] });
  expect(await names()).toEqual(["offerId", "tierIds"]);
  await update({ quota: null, quotaPeriod: null, granted: true });
  expect(await names()).toEqual(["quota", "quotaPeriod", "granted"]);
});
