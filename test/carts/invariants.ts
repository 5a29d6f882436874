import { database } from "../support/caller.ts";

/** Everything of a brand's checkouts, coupons, limits and quotas, as it is stored. */
async function checkoutsOf(brandId: string) {
  const client = database();
  const where = { brandId };
  const [checkouts, coupons, redemptions, counters, benefitUses, holds] = await Promise.all([
    client.query.checkouts.findMany({
      where,
      with: { coupons: { with: { redemption: true } }, benefits: true, decision: true },
    }),
    client.query.coupons.findMany({ where }),
    client.query.redemptions.findMany({ where }),
    client.query.offerCounters.findMany({ where }),
    client.query.benefitUses.findMany({ where }),
    client.query.holds.findMany({ where }),
  ]);
  return { checkouts, coupons, redemptions, counters, benefitUses, holds };
}

/**
 * What is not as it must be at every commit; nothing, if all is well. Of a brand whose coupons are used by
 * checkouts alone:
 *
 * 1. A coupon is HELD exactly while one open checkout has it, until that one's time; REDEEMED exactly while a
 *    redemption of it stands.
 * 2. A counter is the sum over uses that are held, and over redemptions less what was rolled back of them.
 * 3. Uses of benefits are those that checkouts have taken.
 * 4. What a completed checkout used is redeemed, and its points are captured; an open one's are held.
 */
export async function faultsOfCheckouts(brandId: string): Promise<string[]> {
  const { checkouts, coupons, redemptions, counters, benefitUses, holds } = await checkoutsOf(brandId);
  const faults: string[] = [];
  const mustEqual = (what: string, is: unknown, shouldBe: unknown) => {
    if (is !== shouldBe) faults.push(`${what} is ${is} and not ${shouldBe}`);
  };
  const open = checkouts.filter(({ state }) => state === "OPEN");

  for (const { id, state, heldUntil } of coupons) {
    const holding = open.filter((one) => one.coupons.some(({ couponId }) => couponId === id));
    mustEqual(`open checkouts of ${id}, ${state}`, holding.length, state === "HELD" ? 1 : 0);
    mustEqual(`the end of the hold of ${id}`, heldUntil, state === "HELD" ? holding[0]?.expiresAt : null);
    const standing = redemptions.filter((one) => one.couponId === id && one.rolledBackAt === null);
    mustEqual(`redemptions of ${id}, ${state}`, standing.length, state === "REDEEMED" ? 1 : 0);
  }

  const uses = checkouts.flatMap(({ state, coupons: used }) =>
    used.map(({ offerId, counted, discountMinor, redemption }) => {
      const isTaken = state === "OPEN" || (state === "COMPLETED" && redemption?.rolledBackAt === null);
      const minor = discountMinor - (redemption?.rolledBackMinor ?? 0);
      return { offerId, counted, uses: isTaken ? 1 : 0, minor: state === "CANCELLED" ? 0 : minor };
    }),
  );
  for (const { offerId, subject, period, periodStart, ...counter } of counters) {
    const own = uses.filter(
      (use) =>
        use.offerId === offerId &&
        use.counted.some(
          (one) => one.subject === subject && one.period === period && one.periodStart === periodStart,
        ),
    );
    const sum = (name: "uses" | "minor") => own.reduce((total, use) => total + use[name], 0);
    mustEqual(`uses of ${offerId} by ${subject}`, counter.uses, sum("uses"));
    mustEqual(`the budget of ${offerId} by ${subject}`, counter.discountMinor, sum("minor"));
  }

  for (const { memberId, benefitId, periodStart, used } of benefitUses) {
    const taken = checkouts
      .filter((one) => one.memberId === memberId && one.state !== "CANCELLED")
      .flatMap(({ benefits }) => benefits)
      .filter((one) => one.benefitId === benefitId && one.periodStart === periodStart);
    mustEqual(`uses of ${benefitId}`, used, taken.length);
  }

  for (const { id, state, holdId, coupons: used } of checkouts) {
    const hold = holds.find((one) => one.id === holdId);
    const shouldBe = { OPEN: "OPEN", COMPLETED: "CAPTURED", CANCELLED: "RELEASED" }[state];
    if (hold) mustEqual(`the hold of ${id}`, hold.state, shouldBe);
    for (const { couponId, redemption } of used)
      mustEqual(`redeemed of ${id}: ${couponId}`, redemption !== null, state === "COMPLETED");
  }
  return faults;
}
