import { expect, test } from "vitest";
import { barrier } from "../support/barrier.ts";
import { newBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { newCoupon, offerWith } from "../support/offer.ts";
import { giveCoupon, redeem, setCoupon } from "./life-support.ts";

const WALLET = `{ me { availableCoupons { nodes { id expiresAt history { kind } redemptions { id } } } } }`;
const HISTORY = `query ($id: ID!) { node(id: $id) { ... on Coupon { history { kind memberId reference } } } }`;

async function friends() {
  const brand = await newBrand();
  const [giver, friend] = await Promise.all([newMember(brand), newMember(brand)]);
  return { brand, giver, friend };
}

test("a coupon goes to a friend with its expiry, and neither learns who the other is", async () => {
  const { brand, giver, friend } = await friends();
  const offerId = await offerWith(brand, { amountOffMinor: 500, giftable: true, validDaysAfterClaim: 7 });
  const { id } = await newCoupon(brand, offerId, giver.memberId);
  const before = await giver.member(WALLET);
  const answer = await giveCoupon(giver.member, id, { memberId: friend.memberId });
  expect(answer).toEqual({ member: { id: giver.memberId }, databaseRequests: 2 });
  expect((await giver.member(WALLET)).data.me.availableCoupons.nodes).toEqual([]);
  const [received] = (await friend.member(WALLET)).data.me.availableCoupons.nodes;
  expect(received).toMatchObject({ id, expiresAt: before.data.me.availableCoupons.nodes[0].expiresAt });
  expect(received.history.map(({ kind }: { kind: string }) => kind)).toEqual(["ISSUED", "GIVEN"]);
  const seen = await friend.member(HISTORY, { id });
  expect(JSON.stringify(seen)).not.toContain(giver.memberId);
  expect(seen.data.node.history.at(-1).memberId).toBeNull();
  const staff = await brand.service(HISTORY, { id });
  expect(staff.data.node.history.at(-1)).toMatchObject({ kind: "GIVEN", memberId: friend.memberId });
});

test.each([
  ["not for giving", {}, {}, "friend", "COUPON_NOT_GIFTABLE"],
  ["used", { giftable: true }, { state: "REDEEMED" }, "friend", "COUPON_ALREADY_REDEEMED"],
  ["held", { giftable: true }, { state: "HELD", heldUntil: Date.now() + 60_000 }, "friend", "COUPON_HELD"],
  ["expired", { giftable: true }, { expiresAt: Date.now() - 1 }, "friend", "COUPON_EXPIRED"],
  ["nobody's", { giftable: true }, {}, "mbr_none", "NOT_FOUND"],
  ["one's own", { giftable: true }, {}, "giver", "INVALID_VALUE"],
] as const)("what cannot be given: %s", async (_what, terms, row, to, code) => {
  const { brand, giver, friend } = await friends();
  const offerId = await offerWith(brand, { amountOffMinor: 500, ...terms });
  const { id } = await newCoupon(brand, offerId, giver.memberId);
  await setCoupon(brand, id, { startsAt: null, ...row });
  const memberId = { friend: friend.memberId, giver: giver.memberId, mbr_none: "mbr_none" }[to];
  expect(await giveCoupon(giver.member, id, { memberId })).toMatchObject({ code });
  expect(await giveCoupon(friend.member, id, { memberId })).toMatchObject({ code: "NOT_FOUND" });
});

test("a friend can have no more of them than anyone", async () => {
  const { brand, giver, friend } = await friends();
  const offerId = await offerWith(brand, { amountOffMinor: 500, giftable: true }, { perMemberLimit: 1 });
  const { id } = await newCoupon(brand, offerId, giver.memberId);
  await newCoupon(brand, offerId, friend.memberId);
  const answer = await giveCoupon(giver.member, id, { memberId: friend.memberId });
  expect(answer).toMatchObject({ code: "RECEIVER_LIMIT_REACHED" });
});

test("given to two friends at once, one gets it; given to one friend by two, the friend gets one", async () => {
  const { brand, giver, friend } = await friends();
  const other = await newMember(brand);
  const offerId = await offerWith(brand, { amountOffMinor: 500, giftable: true }, { perMemberLimit: 1 });
  const { id } = await newCoupon(brand, offerId, giver.memberId);
  const both = await Promise.all(
    [friend, other].map(({ memberId }) => giveCoupon(giver.member, id, { memberId })),
  );
  expect(both.map(({ code }) => code ?? "given").sort()).toEqual(["NOT_FOUND", "given"]);
  const givers = await Promise.all([newMember(brand), newMember(brand)]);
  const taker = await newMember(brand);
  const theirs = await Promise.all(givers.map(({ memberId }) => newCoupon(brand, offerId, memberId)));
  const answers = await Promise.all(
    givers.map(({ member }, place) =>
      giveCoupon(member, theirs[place]?.id ?? "", { memberId: taker.memberId }),
    ),
  );
  expect(answers.map(({ code }) => code ?? "given").sort()).toEqual(["RECEIVER_LIMIT_REACHED", "given"]);
});

test("one that looks whose it is and writes it, in two requests, gives a coupon away twice", async () => {
  const { brand, giver, friend } = await friends();
  const other = await newMember(brand);
  const offerId = await offerWith(brand, { amountOffMinor: 500, giftable: true });
  const { id } = await newCoupon(brand, offerId, giver.memberId);
  const allLooked = barrier(2);
  const lookThenGive = async (memberId: string) => {
    const coupon = await database().query.coupons.findFirst({ where: { brandId: brand.brandId, id } });
    await allLooked();
    if (coupon?.memberId !== giver.memberId) return false;
    await setCoupon(brand, id, { memberId });
    return true;
  };
  const given = await Promise.all([friend, other].map(({ memberId }) => lookThenGive(memberId)));
  expect(given).toEqual([true, true]);
});

test("who gave a coupon away cannot use it up by its code: the till must name who has it", async () => {
  const { brand, giver, friend } = await friends();
  const offerId = await offerWith(brand, { amountOffMinor: 500, giftable: true });
  const { id, code } = await newCoupon(brand, offerId, giver.memberId);
  await giveCoupon(giver.member, id, { memberId: friend.memberId });
  expect(await redeem(brand.till, code)).toMatchObject({
    code: "COUPON_NOT_APPLICABLE",
    reason: "MEMBER_NEEDED",
  });
  const byGiver = await redeem(brand.till, code, { memberId: giver.memberId });
  expect(byGiver).toMatchObject({ code: "COUPON_OF_ANOTHER_MEMBER" });
  const byFriend = await redeem(brand.till, code, { memberId: friend.memberId });
  expect(byFriend).toMatchObject({ discountMinor: 500, databaseRequests: 2 });
});
