import { sql } from "drizzle-orm";
import { checkoutBenefits, checkoutCoupons, checkouts } from "../../schema/tables/carts.ts";
import { takeUses } from "../benefits/taking.ts";
import { actorOf, type Context } from "../context.ts";
import { insertRows } from "../database/bulk.ts";
import { commit, mustHold, type Read, type Statement } from "../database/commit.ts";
import { InvalidValue, isRefusal, NotFound, type Refusal } from "../errors.ts";
import { outside } from "../faults.ts";
import { isActiveMember } from "../members/conditions.ts";
import { countedBy, takeFromLimits } from "../offers/limits.ts";
import { setAside } from "../points/hold-points.ts";
import { takeFrom } from "../points/wallet.ts";
import { LARGEST_AMOUNT } from "../shares.ts";
import type { CartEvaluation } from "./cart.ts";
import { decisionRow } from "./decision.ts";
import { endStaleCheckouts, recordsOfEnded } from "./end-checkouts.ts";
import { evaluate } from "./evaluate.ts";
import { type HeldCheckout, readHeldCheckouts } from "./held-checkouts.ts";
import { holdCoupons } from "./hold-coupons.ts";
import { type OpenCart, openCart } from "./open-cart.ts";
import { type CartInput, readCart } from "./read-cart.ts";
import { CheckoutExists, CouponNotUsable, PointsNotUsable, PriceChanged } from "./refusals.ts";

const DEFAULT_MINUTES = 15;
const MOST_MINUTES = 24 * 60;

export interface CheckoutInput {
  memberId: string;
  /** What the cart says of its buyer and its moment. */
  cart: { memberId?: string | null; at?: number | null };
  source: string;
  orderReference: string;
  /** What the member was shown, in minor units: at another price nothing is held. */
  expectedPayableMinor?: number | null;
  minutes?: number | null;
  idempotencyKey: string;
}

export interface CheckoutOutcome {
  checkoutId: string;
  payableMinor: number;
}

/**
 * Prices a cart and holds all that it uses for an order, in one commit: coupons, what of limits and quotas they
 * take, and points. What expired checkouts of the member held is free for it.
 *
 * @param input as the caller sent it. @param told its cart, of that member; its moment is now.
 */
export async function checkout<Row>(
  context: Context,
  input: CheckoutInput,
  told: CartInput,
  read: Read<CheckoutOutcome, Row>,
) {
  const { now } = context;
  const { source, orderReference, minutes } = input;
  const cart = { ...told, at: now };
  const memberId = cart.memberId ?? "";
  return commit(context, {
    name: "checkout",
    input,
    load: () => [
      readHeldCheckouts(
        context,
        // Written out, so that the index of an order's checkout answers it.
        sql`${checkouts.source} = ${source} and ${checkouts.orderReference} = ${orderReference} and ${checkouts.state} <> 'CANCELLED'`,
      ),
      ...readCart(context, cart),
    ],
    decide: async ([[existing], ...rows]) => {
      const lasts = minutes ?? DEFAULT_MINUTES;
      const outOfRange = outside("minutes", lasts, 1, MOST_MINUTES);
      if (outOfRange) return outOfRange;
      const wrong = contradiction(input) ?? whyNoOrder(cart);
      if (wrong) return wrong;
      const isOver = existing?.state === "OPEN" && existing.expiresAt <= now;
      if (existing && !isOver) return CheckoutExists({ checkoutId: existing.id, state: existing.state });
      const stale = [...rows[11].filter(({ id }) => id !== existing?.id), ...(existing ? [existing] : [])];
      const opened = await openCart(context, cart, rows, stale);
      if (isRefusal(opened)) return opened;
      if (!opened.member) return NotFound({ id: memberId });
      const evaluation = evaluate(opened.facts);
      const fault = whyNotAsAsked(opened, evaluation, input.expectedPayableMinor ?? null);
      if (fault) return fault;
      return hold(context, input, opened, evaluation, { stale, expiresAt: now + lasts * 60_000 });
    },
    read,
  });
}

/** What a cart says against who buys it, and when. PURE. */
function contradiction({ memberId, cart }: CheckoutInput): Refusal | undefined {
  if (cart.at != null)
    return InvalidValue({ field: "cart.at", reason: "must be left out: it is bought now" });
  return cart.memberId == null || cart.memberId === memberId
    ? undefined
    : InvalidValue({ field: "cart.memberId", reason: "must be left out, or the same as memberId" });
}

/** Why no order could be recorded of a cart: to find out when it is paid would be too late. PURE. */
function whyNoOrder({ lines, shippingMinor }: CartInput): Refusal | undefined {
  const sum = lines.reduce((total, { amountMinor }) => total + amountMinor, shippingMinor);
  if (lines.length === 0) return InvalidValue({ field: "lines", reason: "must be at least 1" });
  return sum > LARGEST_AMOUNT
    ? InvalidValue({ field: "lines", reason: `must come to at most ${LARGEST_AMOUNT} with the shipping` })
    : undefined;
}

/** Why what a cart uses and costs is not what was asked for. PURE. */
function whyNotAsAsked(
  { facts, uses }: OpenCart,
  { considered, points, payableMinor }: CartEvaluation,
  expectedMinor: number | null,
): Refusal | undefined {
  if (facts.cart.choice === "ASKED") {
    const asked = facts.candidates.filter(({ isAsked }) => isAsked);
    const left = considered.find(
      ({ key, state }) => state !== "USED" && asked.some((candidate) => candidate.key === key),
    );
    if (left) {
      const couponCode = uses.get(left.key)?.candidate.code ?? left.key;
      return CouponNotUsable({ key: left.key, couponCode, reason: left.reasons[0]?.code ?? "NOTHING_OFF" });
    }
    if (points.reason)
      return PointsNotUsable({ reason: points.reason.code, mostPoints: points.reason.mostPoints });
  }
  return expectedMinor !== null && expectedMinor !== payableMinor
    ? PriceChanged({ expectedMinor, payableMinor })
    : undefined;
}

interface Holding {
  stale: readonly HeldCheckout[];
  expiresAt: number;
}

function hold(
  context: Context,
  { source, orderReference }: CheckoutInput,
  opened: OpenCart,
  evaluation: CartEvaluation,
  { stale, expiresAt }: Holding,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { facts, uses, held: heldOf, member } = opened;
  const memberId = member?.id as string;
  const checkoutId = newId("Checkout");
  const decision = decisionRow(context, facts, evaluation);
  const used = evaluation.steps.flatMap((step) => {
    const use = step.kind === "COUPON" && step.key !== null ? uses.get(step.key) : undefined;
    return use?.offer ? [{ step, offer: use.offer, use }] : [];
  });
  const held = holdCoupons(context, used, {
    memberId,
    timeZone: facts.timeZone,
    heldOf,
    expiresAt,
    orderReference,
  });
  if (isRefusal(held)) return held;
  const points = holdPoints(context, opened, evaluation, { orderReference, expiresAt });
  if (isRefusal(points)) return points;
  const benefits = evaluation.steps.flatMap(({ benefitId, discountMinor }) => {
    const benefit = facts.benefits.find((one) => one.benefitId === benefitId);
    return benefit?.period ? [{ ...benefit.period, id: benefit.benefitId, discountMinor }] : [];
  });
  const { currency } = facts;
  const { discountMinor, payableMinor } = evaluation;
  const about = { memberId, source, orderReference, discountMinor, payableMinor, expiresAt };
  const couponIds = held.coupons.map(({ couponId }) => couponId);
  const ended = recordsOfEnded(stale, "EXPIRED");
  return {
    outcome: { checkoutId, payableMinor },
    effects: [
      ...points.releases,
      ...endStaleCheckouts(context, stale, points.released),
      ...decision.effects,
      ...held.effects,
      ...takeFromLimits(
        context,
        used.map(({ step, offer, use }) => ({
          ...{ offerId: offer.id, counters: use.counters, discountMinor: step.discountMinor },
        })),
      ),
      ...benefits.flatMap((benefit) =>
        takeUses(context, { ...benefit, brandId }, [{ ...benefit, memberId }]),
      ),
      ...points.effects,
      database.insert(checkouts).values({
        ...{ ...about, brandId, id: checkoutId, state: "OPEN", decisionId: decision.id, currency },
        ...{ holdId: points.holdId, orderId: null, settledAt: null, createdAt: now },
      }),
      ...insertRows(
        database,
        checkoutCoupons,
        used.map(({ step, offer, use }, place) => ({
          ...{ brandId, checkoutId, couponId: couponIds[place] as string, offerId: offer.id },
          ...{ discountMinor: step.discountMinor, lines: step.lines, counted: countedBy(use.counters) },
          ...{ redemptionId: null, lotId: null },
        })),
      ),
      ...insertRows(
        database,
        checkoutBenefits,
        benefits.map(({ id: benefitId, periodStart, ...benefit }) => ({
          ...{ brandId, checkoutId, benefitId, discountMinor: benefit.discountMinor, periodStart },
        })),
      ),
      mustHold(database, isActiveMember(brandId, memberId)),
    ],
    audit: [
      ...ended.audit,
      { subjectId: checkoutId, detail: { ...about, couponIds, points: evaluation.points.spent } },
    ],
    events: [...ended.events, { type: "checkout.opened", payload: { ...about, checkoutId, couponIds } }],
  };
}

/** Sets the points aside that the cart spends. */
function holdPoints(
  context: Context,
  { wallet, member }: OpenCart,
  { points: { spent, worthMinor } }: CartEvaluation,
  about: { orderReference: string; expiresAt: number },
): Refusal | { holdId: string | null; effects: Statement[]; releases: Statement[]; released: string[] } {
  if (spent === 0 || !wallet) return { holdId: null, effects: [], releases: [], released: [] };
  const uses = takeFrom(wallet, spent);
  if (isRefusal(uses)) return uses;
  const holdId = context.newId("Hold");
  return {
    holdId,
    effects: setAside(context, wallet, uses, { ...about, holdId, worthMinor }),
    releases: wallet.releases,
    released: (member?.holds ?? []).map(({ id }) => id),
  };
}
