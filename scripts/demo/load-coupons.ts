import { createSharedCode } from "../../src/codes/create-shared-code.ts";
import { claimCoupon } from "../../src/coupons/claim-coupon.ts";
import { createCouponCodes } from "../../src/coupons/create-coupon-codes.ts";
import { issueCoupons } from "../../src/coupons/issue-coupons.ts";
import { redeemCoupon } from "../../src/coupons/redeem-coupon.ts";
import { revokeCoupon } from "../../src/coupons/revoke-coupon.ts";
import { rollBackRedemption } from "../../src/coupons/roll-back-redemption.ts";
import { endOffer } from "../../src/offers/end-offer.ts";
import type { DemoCodes, DemoIssue } from "./content.ts";
import { asClient, asMember, type Demo, done, type LoadedBrand, memberIdOf, readNothing } from "./demo.ts";
import { currency } from "./load-program.ts";
import type { PersonKey } from "./people.ts";

interface HeldCoupon {
  id: string;
  code: string;
  memberId: string | null;
}

/** Gives out a brand's coupons and takes them through their lives, then ends what has ended. */
export async function loadCoupons(demo: Demo, brand: LoadedBrand): Promise<void> {
  const { content, offerIds } = brand;
  for (const [position, issue] of content.issues.entries()) {
    await loadIssue(demo, brand, issue, `demo-issue-${position}`);
  }
  for (const [position, codes] of content.codes.entries()) {
    await loadCodes(demo, brand, codes, `demo-codes-${position}`);
  }
  for (const { offer, code } of content.sharedCodes ?? []) {
    const input = { offerId: brand.offerIds[offer] as string, code, idempotencyKey: `demo-code-${code}` };
    await done(createSharedCode(asClient(demo, brand, "OPERATOR", 1), input, readNothing(demo)));
  }
  for (const [key, { endedDaysAgo }] of Object.entries(content.offers)) {
    const id = offerIds[key] as string;
    const where = { brandId: brand.brandId, id, state: "ACTIVE" } as const;
    if (endedDaysAgo === undefined || !(await demo.database.query.offers.findFirst({ where }))) continue;
    await done(endOffer(asClient(demo, brand, "OPERATOR", endedDaysAgo), { offerId: id }, readNothing(demo)));
  }
}

async function loadIssue(demo: Demo, brand: LoadedBrand, issue: DemoIssue, idempotencyKey: string) {
  const { daysAgo, redeemed = {}, rolledBack = [], revoked = [] } = issue;
  const people = issue.to === "everyone" ? brand.content.members.map(([person]) => person) : issue.to;
  const input = {
    offerId: brand.offerIds[issue.offer] as string,
    memberIds: people.map((person) => memberIdOf(brand, person)),
    idempotencyKey,
  };
  const issued = await done(
    issueCoupons(asClient(demo, brand, "OPERATOR", daysAgo), input, readNothing(demo)),
  );
  if (issued.refused.length > 0) throw new Error(`Not issued: ${JSON.stringify(issued.refused)}`);
  const coupons: HeldCoupon[] = await demo.database.query.coupons.findMany({
    columns: { id: true, code: true, memberId: true },
    where: { brandId: brand.brandId, id: { in: issued.couponIds } },
  });
  const couponOf = (person: PersonKey) =>
    coupons.find(({ memberId }) => memberId === memberIdOf(brand, person)) as HeldCoupon;

  for (const [person, orderAmountMinor] of Object.entries(redeemed) as [PersonKey, number][]) {
    const redemption = await done(
      redeemCoupon(
        asClient(demo, brand, "TILL", daysAgo - 1),
        {
          code: couponOf(person).code,
          orderReference: `${brand.content.key.toUpperCase()}-${daysAgo}-${person}`,
          ...{ orderAmountMinor, currency, idempotencyKey: `${idempotencyKey}-${person}` },
        },
        readNothing(demo),
      ),
    );
    if (!rolledBack.includes(person)) continue;
    const undo = { redemptionId: redemption.redemptionId, reason: "The order was cancelled" };
    await done(
      rollBackRedemption(
        asClient(demo, brand, "TILL", daysAgo - 2),
        { ...undo, idempotencyKey: `${idempotencyKey}-${person}` },
        readNothing(demo),
      ),
    );
  }
  for (const person of revoked) {
    const revocation = { couponId: couponOf(person).id, reason: "Issued by mistake" };
    await done(
      revokeCoupon(
        asClient(demo, brand, "OPERATOR", daysAgo - 1),
        { ...revocation, idempotencyKey: `${idempotencyKey}-${person}` },
        readNothing(demo),
      ),
    );
  }
}

async function loadCodes(
  demo: Demo,
  brand: LoadedBrand,
  { offer, daysAgo, count, claimedBy }: DemoCodes,
  idempotencyKey: string,
) {
  const input = { offerId: brand.offerIds[offer] as string, count, idempotencyKey };
  const { codes } = await done(createCouponCodes(asClient(demo, brand, "OPERATOR", daysAgo), input));
  for (const [position, person] of claimedBy.entries()) {
    const claim = { code: codes[position] as string, memberId: memberIdOf(brand, person), idempotencyKey };
    await done(claimCoupon(asMember(demo, brand, person, daysAgo - 1), claim, readNothing(demo)));
  }
}
