import { sql } from "drizzle-orm";
import { benefitUsages } from "../../schema/tables/benefits.ts";
import { checkoutCoupons, checkouts } from "../../schema/tables/carts.ts";
import { redemptions } from "../../schema/tables/coupons.ts";
import { orders } from "../../schema/tables/orders.ts";
import { callerOf } from "../access/actor.ts";
import { actorOf, type Context, hasScope } from "../context.ts";
import { changed } from "../coupons/changes.ts";
import { changesOf, insertRows } from "../database/bulk.ts";
import { commit, mustChange, mustHold, type Read, type Statement } from "../database/commit.ts";
import { lotOfAward } from "../earning/spendable.ts";
import { CallerError, InvalidValue, isRefusal, NotFound, type Refusal } from "../errors.ts";
import { isActiveMember } from "../members/conditions.ts";
import { MemberClosed } from "../members/refusals.ts";
import { isToCome } from "../orders/fact.ts";
import type { SentOrder } from "../orders/order-book.ts";
import { decideOrders, readForOrders } from "../orders/recording.ts";
import { OrderDiffers, OrderStateConflict } from "../orders/refusals.ts";
import { capture } from "../points/capture-hold.ts";
import { byKind, type Move, moveManyPoints } from "../points/move-points.ts";
import { policyOf } from "../points/policy.ts";
import { HoldAlreadySettled } from "../points/refusals.ts";
import { readBrandAccounts } from "../points/wallet.ts";
import type { CartFacts, PriceStep } from "./cart.ts";
import { keptAnswer } from "./decision.ts";
import { letGo, settleCheckouts } from "./end-checkouts.ts";
import { CheckoutAlreadySettled, CheckoutExpired } from "./refusals.ts";

export interface CompleteCheckoutInput {
  checkoutId: string;
  /** Whether the order is recorded with it, as paid. */
  recordOrder: boolean;
  /** When it was paid; now, when left out. */
  paidAt?: number | null;
  idempotencyKey: string;
}

export interface CompleteCheckoutOutcome {
  checkoutId: string;
  orderId: string | null;
}

/** The orders that are told, where none is. */
const noOrders = { keys: [], names: [], payments: [], cancelled: { keys: [], names: [] } };
const gone: readonly string[] = ["CANCELLED", "PARTLY_REFUNDED", "REFUNDED"];

/**
 * Uses what a checkout holds, once and within its time: coupons are redeemed, points are spent, benefits are on
 * record as used, and coupons that give points give them. The order is recorded with it, if asked: then it
 * earns, and may lift the member's tier, in the same commit.
 *
 * @throws CallerError FORBIDDEN where the token may not record orders.
 */
export async function completeCheckout<Row>(
  context: Context,
  input: CompleteCheckoutInput,
  read: Read<CompleteCheckoutOutcome, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { checkoutId, recordOrder } = input;
  if (recordOrder && !hasScope(context, "facts:write"))
    throw new CallerError("FORBIDDEN", "This token may not record orders: it needs facts:write.");
  const paidAt = input.paidAt ?? now;
  const isIt = sql`${checkouts.brandId} = ${brandId} and ${checkouts.id} = ${checkoutId}`;
  const keys = sql`select ${checkouts.source}, ${checkouts.orderReference} from ${checkouts} where ${isIt}`;
  const names = sql`select ${checkouts.memberId} from ${checkouts} where ${isIt}`;
  return commit(context, {
    name: "completeCheckout",
    input,
    load: () => [
      readCompleting(context, checkoutId),
      readBrandAccounts(context),
      database.query.orders.findFirst({
        where: { brandId, RAW: (t) => sql`(${t.source}, ${t.externalId}) in (${keys})` },
        columns: { id: true, state: true, memberId: true },
      }),
      ...readForOrders(context, recordOrder ? { ...noOrders, keys, names, payments: [paidAt] } : noOrders),
    ],
    decide: ([row, brandAccounts, known, ...rows]) => {
      if (!row) return NotFound({ id: checkoutId });
      const fault = whyNotCompleted(row, paidAt, now);
      if (fault) return fault;
      if (known && gone.includes(known.state))
        return OrderStateConflict({ orderId: known.id, state: known.state, sentState: "PAID" });
      // With another's order, what the coupons gave could not be taken back from who has it.
      if (known && known.memberId !== null && known.memberId !== row.memberId)
        return OrderDiffers({ orderId: known.id, fields: "member" });
      const told = recordOrder ? decideOrders(context, [orderOf(row, paidAt)], rows) : undefined;
      if (isRefusal(told)) return told;
      const result = told?.book.results[0];
      if (result?.refusal) return result.refusal;
      const orderId = result?.factId ?? known?.id ?? null;
      const used = useAll(context, row, byKind(brandAccounts));
      const { memberId, source, orderReference } = row;
      const about = { memberId, source, orderReference, orderId };
      return {
        outcome: { checkoutId, orderId },
        effects: [
          ...(told?.effects ?? []),
          ...settleCheckouts(context, [row], { state: "COMPLETED", orderId }),
          ...used.effects,
          // What goes back with an order is rolled back with it, so nothing may have gone back before.
          mustHold(
            database,
            sql`not exists (select 1 from ${orders} where ${orders.brandId} = ${brandId}
            and (${orders.source}, ${orders.externalId}) in (${keys})
            and (${orders.memberId} <> ${memberId} or ${orders.state} in (select value from json_each(${JSON.stringify(gone)}))))`,
          ),
          mustHold(database, isActiveMember(brandId, memberId)),
        ],
        audit: [{ subjectId: checkoutId, detail: { ...about, ...used.told } }, ...(told?.audit ?? [])],
        events: [
          { type: "checkout.completed", payload: { ...about, checkoutId, ...used.told } },
          ...used.events,
          ...(told?.events ?? []),
        ],
      };
    },
    read,
  });
}

const completing = {
  columns: { state: true, closedAt: true },
  with: {
    accounts: { where: { unit: "POINTS" } },
    brand: { columns: { timeZone: true, pointsPolicy: true } },
  },
} as const;

/** Reads a checkout with all that completing it takes. */
const readCompleting = ({ actor, database }: Context, checkoutId: string) =>
  database.query.checkouts.findFirst({
    where: { brandId: actorOf({ actor }).brandId, id: checkoutId },
    with: {
      coupons: { with: { coupon: { columns: { code: true } } } },
      benefits: true,
      hold: { with: { uses: { with: { lot: true } } } },
      decision: true,
      member: completing,
    },
  });
type Completed = NonNullable<Awaited<ReturnType<typeof readCompleting>>>;

function whyNotCompleted(
  { id: checkoutId, memberId, state, settledAt, expiresAt, hold, member }: Completed,
  paidAt: number,
  now: number,
): Refusal | undefined {
  if (state !== "OPEN") return CheckoutAlreadySettled({ checkoutId, state, settledAt });
  if (expiresAt <= now) return CheckoutExpired({ checkoutId, expiredAt: expiresAt });
  if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
  // As the order would be refused for it, whoever records that.
  if (isToCome(paidAt, now)) return InvalidValue({ field: "paidAt", reason: "must not be in the future" });
  return hold && hold.state !== "OPEN"
    ? HoldAlreadySettled({ holdId: hold.id, state: hold.state, settledAt: hold.settledAt })
    : undefined;
}

/** The order that a checkout was for, as paid: each line bears what was taken off it. */
export function orderOf(row: Completed, paidAt: number): SentOrder {
  const { facts, evaluation } = keptAnswer(row.decision);
  const { cart, currency } = facts;
  const priced = new Map(evaluation.lines.map((line) => [line.lineId, line]));
  const ofLines = evaluation.lines.reduce((sum, line) => sum + line.discountMinor, 0);
  const goods = evaluation.lines.reduce((sum, line) => sum + line.payableMinor, 0);
  return {
    ...{ source: row.source, externalId: row.orderReference, member: { id: row.memberId }, currency },
    ...{ placedAt: Math.min(row.createdAt, paidAt), paidAt, completedAt: null, cancelledAt: null },
    ...{ totalMinor: row.payableMinor, discountMinor: ofLines },
    // What was taken off the shipping is not spread over the lines: it is told as what was to pay for it.
    shippingMinor: row.payableMinor - goods,
    ...{ pointsSpent: evaluation.points.spent, channel: cart.channel, store: cart.store },
    lines: cart.lines.map(({ lineId, sku, categories, quantity, amountMinor }) => {
      const discountMinor = priced.get(lineId)?.discountMinor ?? 0;
      const line = { lineId, sku, name: null, categories: [...categories], quantity, amountMinor };
      return discountMinor > 0 ? { ...line, discountMinor } : line;
    }),
    couponCodes: row.coupons.map(({ coupon }) => coupon.code),
  };
}

/** Uses all that a checkout holds. */
function useAll(context: Context, row: Completed, brandAccounts: ReturnType<typeof byKind>) {
  const { database, newId, now } = context;
  const actor = actorOf(context);
  const { brandId } = actor;
  const { id: checkoutId, memberId, currency, orderReference, hold, member } = row;
  const { facts, evaluation } = keptAnswer(row.decision);
  const accounts = byKind(member.accounts);
  const couponIds = row.coupons.map(({ couponId }) => couponId);
  const given = pointsOf(context, row, evaluation.steps, { accounts, brandAccounts });
  const redeemed = row.coupons.map((use) => ({
    ...{ use, redemptionId: newId("Redemption"), lotId: given.get(use.couponId)?.lotId ?? null },
  }));
  const usages = usagesOf(row, facts, evaluation.steps);
  const transferId = newId("Transfer");
  const points = hold?.amount ?? 0;
  const effects: Statement[] = [
    ...letGo(context, couponIds, "REDEEMED"),
    ...insertRows(
      database,
      redemptions,
      redeemed.map(({ use, redemptionId }) => ({
        ...{ brandId, id: redemptionId, couponId: use.couponId, memberId, offerId: use.offerId },
        ...{ orderReference, discountMinor: use.discountMinor, lines: use.lines, currency },
        orderAmountMinor: evaluation.subtotalMinor + evaluation.shippingMinor,
        ...{ channel: facts.cart.channel, store: facts.cart.store },
        ...{ redeemedAt: now, redeemedBy: callerOf(actor) },
        ...{ rolledBackAt: null, rollbackReason: null, rolledBackMinor: 0 },
      })),
    ),
    ...changed(
      context,
      redeemed.map(({ use: { couponId }, redemptionId }) => ({
        ...{ couponId, kind: "REDEEMED" as const, memberId, redemptionId, reference: orderReference },
      })),
    ),
    ...(hold
      ? capture(context, { ...hold, accounts }, brandAccounts, { transferId, points, source: row.source })
      : []),
    ...moveManyPoints(
      context,
      [...given.values()].map(({ move }) => move),
    ),
    ...keepUsed(context, checkoutId, redeemed),
    ...insertRows(
      database,
      benefitUsages,
      usages.map((usage) => ({
        ...{ ...usage, brandId, id: newId("BenefitUsage"), memberId, kind: "USED" as const },
        ...{ reference: orderReference, couponId: null, createdAt: now },
      })),
    ),
  ];
  const spent = { points, orderReference, worthMinor: hold?.worthMinor ?? 0, transferId };
  return {
    effects,
    told: { couponIds, points },
    events: [
      ...redeemed.map(({ use: { couponId, discountMinor }, redemptionId }) => ({
        type: "coupon.redeemed",
        payload: { couponId, redemptionId, memberId, orderReference, discountMinor },
      })),
      ...(hold ? [{ type: "points.spent", payload: { memberId, holdId: hold.id, ...spent } }] : []),
      ...usages.map(({ benefitId }) => ({
        type: "benefit.used",
        payload: { memberId, benefitId, reference: orderReference },
      })),
    ],
  };
}

/** The points that coupons give on top, each in a lot of its own; by coupon. */
function pointsOf(
  { newId, now }: Context,
  { memberId, orderReference, coupons, member }: Completed,
  steps: readonly PriceStep[],
  { accounts, brandAccounts }: Record<"accounts" | "brandAccounts", ReturnType<typeof byKind>>,
): Map<string, { lotId: string; move: Move }> {
  const { timeZone, pointsPolicy } = member.brand;
  const policy = policyOf(pointsPolicy);
  const open = steps.filter(({ kind, points }) => kind === "COUPON" && points > 0);
  const found = new Map<string, { lotId: string; move: Move }>();
  for (const { couponId, offerId } of coupons) {
    const own = open.findIndex((step) => step.couponId === couponId);
    // A coupon that came to be with the checkout had no id when it was priced.
    const place =
      own >= 0 ? own : open.findIndex((step) => step.couponId === null && step.offerId === offerId);
    const [step] = place < 0 ? [] : open.splice(place, 1);
    if (!step) continue;
    const lotId = newId("Lot");
    const lot = lotOfAward({ id: lotId, points: step.points, since: now }, { policy, timeZone }, now);
    const move = {
      ...{ transferId: newId("Transfer"), memberId, amount: step.points, newLots: [lot] },
      ...{ debitAccountId: brandAccounts.ISSUANCE, creditAccountId: accounts.AVAILABLE },
      cause: { operation: "completeCheckout", reference: orderReference, couponId },
    };
    found.set(couponId, { lotId, move });
  }
  return found;
}

/** The benefits that made the cart cheaper, those without a quota too. */
const usagesOf = ({ benefits }: Completed, facts: CartFacts, steps: readonly PriceStep[]) =>
  [...new Set(steps.flatMap(({ kind, benefitId }) => (kind === "BENEFIT" && benefitId ? [benefitId] : [])))]
    .filter((benefitId) => facts.benefits.some((one) => one.benefitId === benefitId))
    .map((benefitId) => ({
      benefitId,
      periodStart: benefits.find((use) => use.benefitId === benefitId)?.periodStart ?? 0,
    }));

/** Keeps by which redemption a coupon was used, and what points it gave. */
function keepUsed(
  context: Context,
  checkoutId: string,
  redeemed: readonly { use: { couponId: string }; redemptionId: string; lotId: string | null }[],
): Statement[] {
  if (redeemed.length === 0) return [];
  const rows = redeemed.map(({ use: { couponId }, ...kept }) => ({ ...kept, checkoutId, couponId }));
  return [
    context.database.run(sql`
      update ${checkoutCoupons} set redemption_id = f.value ->> '$.redemptionId', lot_id = f.value ->> '$.lotId'
      from ${changesOf(actorOf(context).brandId, rows)}
      where ${checkoutCoupons.brandId} = f.value ->> '$.brandId' and ${checkoutCoupons.checkoutId} = f.value ->> '$.checkoutId'
        and ${checkoutCoupons.couponId} = f.value ->> '$.couponId'`),
    mustChange(context.database, rows.length),
  ];
}
