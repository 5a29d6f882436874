import { expect, test } from "vitest";
import { newBenefit } from "../benefits/support.ts";
import { newBrand } from "../support/brand.ts";
import { newMember } from "../support/member.ts";
import { checkOut } from "./checkouts.ts";

test("a free sample that a benefit is for makes nothing else in the cart free", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  const terms = { rateBasisPoints: 1_000, goods: { categories: ["tea"] } };
  await newBenefit(brand, { kind: "PERCENTAGE_DISCOUNT", terms });
  const lines = [
    { sku: "SAMPLE", categories: ["tea"], amountMinor: 0 },
    { sku: "POT", amountMinor: 40_000 },
  ];
  const opened = await checkOut(brand.till, memberId, { cart: { lines, shippingMinor: 0 } });
  expect(opened).toMatchObject({ discountMinor: 0, payableMinor: 40_000 });
});
