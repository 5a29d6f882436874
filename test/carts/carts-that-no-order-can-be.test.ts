import { expect, test } from "vitest";
import { newBrand } from "../support/brand.ts";
import { newMember } from "../support/member.ts";
import { checkOut, complete } from "./checkouts.ts";

test("what could not be recorded as an order once it is paid is not checked out", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  const dear = { sku: "A", amountMinor: 1_000_000_000_000 };
  for (const lines of [[], [dear, dear], [dear]])
    expect(await checkOut(brand.till, memberId, { cart: { lines } })).toMatchObject({
      code: "INVALID_VALUE",
    });
  const most = await checkOut(brand.till, memberId, { cart: { lines: [dear], shippingMinor: 0 } });
  expect(await complete(brand.service, most.id)).toMatchObject({ order: { state: "PAID" } });
});
