import type { EarningRules } from "../../schema/tables/rules.ts";
import { entitlementOf } from "../benefits/entitlement.ts";
import { openCodes } from "../codes/open-codes.ts";
import { actorOf, type Context, hasScope } from "../context.ts";
import { newTally } from "../earning/tally.ts";
import { isRefusal, NotFound, type Refusal } from "../errors.ts";
import { mayKnow } from "../offers/may-know.ts";
import { stackingOf } from "../offers/stacking.ts";
import { policyOf } from "../points/policy.ts";
import { balanceIn } from "../points/take-lots.ts";
import { openWallet, type Wallet } from "../points/wallet.ts";
import { asEnded } from "./as-ended.ts";
import { buyerOf } from "./buyer.ts";
import { type CandidateUse, candidatesOf } from "./candidates.ts";
import type { BenefitDiscount, CartFacts } from "./cart.ts";
import { faultOfCart } from "./cart-fault.ts";
import type { HeldCheckout } from "./held-checkouts.ts";
import type { BuyerRow, CartInput, CartRows } from "./read-cart.ts";

/** A cart with all that is known of it. */
export interface OpenCart {
  facts: CartFacts;
  /** What using each candidate takes, by its key. */
  uses: ReadonlyMap<string, CandidateUse>;
  /** How many coupons the member has, by offer. */
  held: ReadonlyMap<string, number>;
  /** The member's points; null for a guest. */
  wallet: Wallet | null;
  member: BuyerRow | null;
}

/**
 * What a cart is decided on, or why it is none. PURE, apart from opening codes, and the birthday where an offer
 * asks for it.
 *
 * @param loaded what `readCart` found.
 * @param over the checkouts that count as ended: the member's, unless said otherwise.
 */
export async function openCart(
  context: Context,
  input: CartInput,
  loaded: CartRows,
  over: readonly HeldCheckout[] = loaded[11],
): Promise<OpenCart | Refusal> {
  const rows = asEnded(loaded, over);
  const { now } = context;
  const { brandId, memberId: own } = actorOf(context);
  const { memberId, couponIds, codes: entered, ...cart } = input;
  const [, , , , brand, member = null, named, [orders], holdings, counted, earned] = rows;
  const fault = faultOfCart(input);
  if (fault) return fault;
  if (!brand) return NotFound({ id: brandId });
  const wallet = memberId === null ? null : openWallet(context, memberId, member ?? undefined);
  if (isRefusal(wallet)) return wallet;
  const { currency, timeZone, tiers } = brand;
  const { at } = cart;

  const held = new Map(holdings.map((row) => [row.offerId, row.held]));
  const mayPlan = hasScope(context, "program:read");
  const found = await openCodes(context, entered, { ...brand, rows: rows as never });
  const uses = candidatesOf({
    ...{ input, counted, timeZone },
    own: member ? couponsOf(member) : [],
    // To a member another's coupon is as good as none; one that nobody has claimed is used by its code.
    named: named.filter((coupon) => coupon.memberId !== null && coupon.memberId === (own ?? coupon.memberId)),
    codes: new Map([...found].filter(([, one]) => one.kind === "NONE" || mayKnow(context, one.offer))),
    // What a brand plans is not for members to find out before.
    automatic: brand.automaticOffers.filter(({ terms }) => mayPlan || (terms.startsAt ?? now) <= now),
    held,
    moment: { buyerId: memberId, at, now },
  });
  const candidates = uses.map(({ candidate }) => candidate);

  const asksForBirthday = candidates.some(({ offer }) => offer?.terms.birthday);
  const paidOrders = orders?.paid ?? 0;
  const buyer = member && (await buyerOf(context, brand, member, { at, paidOrders, asksForBirthday }));

  const tier = tiers.find(({ id }) => id === member?.tierId) ?? tiers[0];
  const earnedBefore = newTally(timeZone);
  for (const { at: quarter, points } of earned) earnedBefore.add("", quarter, points);
  const { day, month } = earnedBefore.of("", at);
  const earningRules = brand.earningRuleSets[0]?.rules as EarningRules | undefined;
  const policy = policyOf(brand.pointsPolicy);
  const { minimumPoints, stepPoints, maximumShareBasisPoints, worthMinorPer1000Points } = policy;
  const namedTiers = new Set(candidates.flatMap(({ offer }) => offer?.terms.tierIds ?? []));

  const facts: CartFacts = {
    ...{ cart, currency, timeZone, buyer, candidates },
    benefits: member ? benefitsOf(member, timeZone, at) : [],
    stacking: stackingOf(brand.stackingRuleSets[0]),
    points: wallet && {
      ...{ name: brand.pointsName, balance: balanceIn(wallet) },
      ...{ minimumPoints, stepPoints, maximumShareBasisPoints, worthMinorPer1000Points },
    },
    earning: earningRules && tier ? { rules: earningRules, tier, before: { day, month } } : null,
    tierNames: Object.fromEntries(
      tiers.filter(({ id }) => namedTiers.has(id)).map(({ id, name }) => [id, name]),
    ),
  };
  return { facts, uses: new Map(uses.map((use) => [use.candidate.key, use])), held, wallet, member };
}

/** The member's coupons, those first that expire first. */
const couponsOf = ({ availableCoupons, heldCoupons, expiredCoupons }: BuyerRow) =>
  [...availableCoupons, ...heldCoupons, ...expiredCoupons].sort(
    (a, b) => a.expiryOrder - b.expiryOrder || (a.id < b.id ? -1 : 1),
  );

/** The benefits that take something off, as far as they can be used at a moment. */
function benefitsOf({ tier, benefitUses }: BuyerRow, timeZone: string, at: number): BenefitDiscount[] {
  return tier.benefits.flatMap((benefit) => {
    const { id: benefitId, name, kind, terms, quota, quotaPeriod } = benefit;
    const own = benefitUses.filter((use) => use.benefitId === benefitId);
    const uses = new Map(own.map(({ periodStart, used }) => [periodStart, used]));
    const { usable, periodStart } = entitlementOf(benefit, { timeZone }, uses, at);
    if (!usable) return [];
    const period = quota !== null && quotaPeriod !== null ? { quota, quotaPeriod, periodStart } : null;
    return [
      {
        ...{ benefitId, name, kind: kind as BenefitDiscount["kind"], period },
        rateBasisPoints: terms.rateBasisPoints ?? null,
        goods: terms.goods ?? null,
      },
    ];
  });
}
