import { eq } from "drizzle-orm";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { brands, missingPointsRules } from "../../schema/tables/brands.ts";
import { transfers } from "../../schema/tables/points.ts";
import type { EarningRules } from "../../schema/tables/rules.ts";
import { activatePending } from "../../src/earning/activate-pending.ts";
import { setEarningRules } from "../../src/earning/set-earning-rules.ts";
import { isRefusal } from "../../src/errors.ts";
import { recordOrders } from "../../src/orders/record-orders.ts";
import { recordRefunds } from "../../src/orders/record-refunds.ts";
import { adjustBalance } from "../../src/points/adjust-balance.ts";
import { captureHold } from "../../src/points/capture-hold.ts";
import { expirePoints } from "../../src/points/expire-points.ts";
import { holdPoints } from "../../src/points/hold-points.ts";
import { releaseHold } from "../../src/points/release-hold.ts";
import { releaseStaleHolds } from "../../src/points/release-stale-holds.ts";
import { reverseSpend } from "../../src/points/reverse-spend.ts";
import { spendPoints } from "../../src/points/spend-points.ts";
import { newBrand } from "../support/brand.ts";
import { database, environment } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { EXPIRY, GRACE_DAYS, HOUR_MS, Model, PENDING_DAYS, TIME_ZONE, UNITS } from "./model.ts";
import { contextAt, faultsOf, type Ledger, ledgerOf, nothing } from "./support.ts";

const key = () => crypto.randomUUID();

type Step =
  | { do: "credit" | "takeBack"; points: number }
  | { do: "spend" | "hold"; points: number; which: number }
  | { do: "order"; amountMinor: number }
  | { do: "refund"; which: number; units: number }
  | { do: "capture" | "reverse"; which: number; share: number }
  | { do: "release" | "cancel" | "complete"; which: number }
  | { do: "expire" | "releaseStale" | "activate" }
  | { do: "wait"; hours: number };

const points = fc.integer({ min: 1, max: 60 });
const which = fc.nat({ max: 3 });
/** On one of the orders, also one to come, or on one that nobody tells of. */
const on = fc.constantFrom(0, 1, 2, 9, 9, 9);
const does = <Name extends Step["do"]>(...names: Name[]) => fc.constantFrom(...names);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: does("credit"), points }) },
  // Points for each 100, so that shares of them are to be rounded.
  {
    weight: 5,
    arbitrary: fc.record({ do: does("order"), amountMinor: fc.integer({ min: 90, max: 7_000 }) }),
  },
  { weight: 7, arbitrary: fc.record({ do: does("spend"), points, which: on }) },
  { weight: 3, arbitrary: fc.record({ do: does("hold"), points, which: on }) },
  { weight: 1, arbitrary: fc.record({ do: does("takeBack"), points }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: does("refund"),
      which: fc.nat({ max: 1 }),
      units: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: does("capture", "reverse"), which, share: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 5, arbitrary: fc.record({ do: does("release", "cancel", "complete"), which }) },
  { weight: 4, arbitrary: fc.record({ do: does("expire", "releaseStale", "activate") }) },
  {
    weight: 5,
    // Within a hold's half hour, past it, past what is pending, and past an expiry.
    arbitrary: fc.record({ do: does("wait"), hours: fc.constantFrom(0.2, 1, 24 * 3, 24 * 14, 24 * 33) }),
  },
);

type SentOrder = Parameters<typeof recordOrders>[1]["orders"][number];

const sentOrder = (memberId: string, externalId: string, amountMinor: number, now: number): SentOrder => ({
  ...{ source: "shop", externalId, member: { id: memberId }, currency: "CNY", channel: null, store: null },
  ...{ placedAt: now, paidAt: now, completedAt: null, cancelledAt: null },
  ...{ totalMinor: amountMinor, shippingMinor: 0, discountMinor: 0, pointsSpent: 0, couponCodes: [] },
  lines: [{ lineId: "L1", sku: "TEA", name: null, categories: [], quantity: UNITS, amountMinor }],
});

/** The database's side of a run: the ids of what the model's holds and spends are there. */
class Real {
  sent: SentOrder[] = [];
  holdIds: string[] = [];
  spendIds: string[] = [];
  readonly brandId: string;
  readonly memberId: string;

  constructor(brandId: string, memberId: string) {
    this.brandId = brandId;
    this.memberId = memberId;
  }

  /** Sends an order again, with more to tell of it. */
  async tell(model: Model, at: number, moments: Partial<SentOrder>, status: string): Promise<void> {
    const sent = { ...(this.sent[at] as SentOrder), ...moments };
    this.sent[at] = sent;
    const context = await contextAt(this.brandId, model.now);
    const answer = await recordOrders(context, { orders: [sent], idempotencyKey: key() }, nothing);
    expect(isRefusal(answer) || answer.outcome.results[0]?.status).toBe(status);
  }

  /** Does the same in both; whether the verb refused must be what the model says. */
  async take(model: Model, step: Step): Promise<void> {
    const { brandId, memberId } = this;
    const context = await contextAt(brandId, model.now);
    const given = { memberId, idempotencyKey: key() };
    const order = { ...given, orderAmountMinor: 1_000_000 };
    switch (step.do) {
      case "wait":
        model.now += step.hours * HOUR_MS;
        return;
      case "credit": {
        const input = { ...given, unit: "POINTS", amount: step.points, reason: "x" } as const;
        expect(isRefusal(await adjustBalance(context, input, nothing))).toBe(false);
        return model.credit(step.points);
      }
      case "order": {
        this.sent.push(sentOrder(memberId, `A-${this.sent.length}`, step.amountMinor, model.now));
        await this.tell(model, this.sent.length - 1, {}, "RECORDED");
        return model.order(step.amountMinor);
      }
      case "complete": {
        const order = model.orders[step.which];
        if (!order || order.cancelled || order.completed) return;
        await this.tell(model, step.which, { completedAt: model.now }, "ADVANCED");
        return model.complete(order);
      }
      case "cancel": {
        const order = model.orders[step.which];
        if (!order || order.cancelled || order.completed) return;
        await this.tell(model, step.which, { cancelledAt: model.now }, "ADVANCED");
        expect(model.goBack(order, 0)).toBe(true);
        return;
      }
      case "refund": {
        const [order, sent] = [model.orders[step.which], this.sent[step.which]];
        if (!order || !sent || order.unitsBack + step.units > UNITS) return;
        const lines = [{ lineId: "L1", quantity: step.units }];
        const refund = { source: "shop", externalId: key(), orderExternalId: sent.externalId, lines };
        const input = {
          refunds: [{ ...refund, shippingMinor: 0, refundedAt: model.now }],
          idempotencyKey: key(),
        };
        const answer = await recordRefunds(context, input, nothing);
        if (isRefusal(answer)) throw new Error(answer.refusal);
        const goes = model.goBack(order, step.units);
        const [result] = answer.outcome.results;
        expect([result?.status, result?.refusal?.refusal]).toEqual(
          goes ? ["RECORDED", undefined] : ["REFUSED", "PointsAlreadySpent"],
        );
        return;
      }
      case "activate": {
        await activatePending(database(), await environment(), model.now, 100);
        return model.activate();
      }
      case "takeBack": {
        const input = { ...given, unit: "POINTS", amount: -step.points, reason: "x" } as const;
        const parts = model.take(step.points, 0);
        expect(isRefusal(await adjustBalance(context, input, nothing))).toBe(!parts);
        return;
      }
      case "spend": {
        const parts = model.take(step.points);
        const on = { orderReference: `A-${step.which}` };
        const answer = await spendPoints(context, { ...order, ...on, points: step.points }, nothing);
        expect(isRefusal(answer)).toBe(!parts);
        if (isRefusal(answer) || !parts) return;
        this.spendIds.push(answer.outcome.transferId);
        return model.spend(parts, step.which);
      }
      case "hold": {
        const parts = model.take(step.points);
        const on = { orderReference: `A-${step.which}` };
        const answer = await holdPoints(context, { ...order, ...on, points: step.points }, nothing);
        expect(isRefusal(answer)).toBe(!parts);
        if (isRefusal(answer) || !parts) return;
        this.holdIds.push(answer.outcome.holdId);
        model.holds.push({ on: step.which, parts, until: model.now + HOUR_MS / 2, open: true });
        return;
      }
      case "capture": {
        const [hold, holdId] = [model.holds[step.which], this.holdIds[step.which]];
        if (!hold || !holdId) return;
        const held = sum(hold.parts);
        const part = Math.ceil(held / step.share);
        const input = { holdId, points: part, idempotencyKey: key() };
        const answer = await captureHold(context, input, nothing);
        expect(isRefusal(answer)).toBe(!hold.open || hold.until <= model.now);
        if (isRefusal(answer)) return;
        this.spendIds.push(answer.outcome.transferId);
        return model.spend(model.settle(hold, part), hold.on);
      }
      case "release": {
        const [hold, holdId] = [model.holds[step.which], this.holdIds[step.which]];
        if (!hold || !holdId) return;
        const answer = await releaseHold(context, { holdId, idempotencyKey: key() }, nothing);
        expect(isRefusal(answer)).toBe(!hold.open);
        if (hold.open) model.settle(hold, 0);
        return;
      }
      case "reverse": {
        const [spend, transferId] = [model.spends[step.which], this.spendIds[step.which]];
        if (!spend || !transferId) return;
        const left = sum(spend.parts);
        const part = Math.ceil(left / step.share);
        const input = { transferId, points: part, reason: "returned", idempotencyKey: key() };
        const answer = await reverseSpend(context, input, nothing);
        expect(isRefusal(answer)).toBe(left === 0);
        return model.reverse(spend, part);
      }
      case "expire": {
        let next: Parameters<typeof expirePoints>[4] = null;
        do {
          ({ next } = await expirePoints(database(), await environment(), model.now, 2, next));
        } while (next);
        const again = await expirePoints(database(), await environment(), model.now, 2);
        expect(again.points).toBe(0);
        return model.expire();
      }
      case "releaseStale": {
        let next: Parameters<typeof releaseStaleHolds>[4] = null;
        do {
          ({ next } = await releaseStaleHolds(database(), await environment(), model.now, 2, next));
        } while (next);
        return model.endStaleHolds();
      }
    }
  }

  /** The ledger must be sound, hold what the model holds, and have changed nothing that had happened. */
  async compare(model: Model, before: Ledger["transfers"]): Promise<Ledger["transfers"]> {
    const ledger = await ledgerOf(this.brandId);
    expect(faultsOf(ledger)).toEqual([]);
    const balanceOf = (kind: string) =>
      ledger.accounts.find((account) => account.kind === kind && account.unit === "POINTS")?.balance;
    const held = model.holds.filter(({ open }) => open).flatMap(({ parts }) => parts);
    const { redeemed, broken, pending, debt } = model;
    expect({
      lots: ledger.lots.map(({ remaining, expiresAt }) => ({ remaining, expiresAt })).sort(byAll),
      held: balanceOf("HELD"),
      redeemed: balanceOf("REDEMPTION"),
      ...{ broken: balanceOf("BREAKAGE"), pending: balanceOf("PENDING"), debt: balanceOf("DEBT") },
    }).toEqual({
      lots: model.lots.map(({ remaining, expiresAt }) => ({ remaining, expiresAt })).sort(byAll),
      held: sum(held),
      ...{ redeemed, broken, pending, debt },
    });
    const now = new Map(ledger.transfers.map((transfer) => [transfer.id, transfer]));
    for (const transfer of before) expect(now.get(transfer.id)).toEqual(transfer);
    return ledger.transfers;
  }
}

const sum = (parts: readonly { points: number }[]) => parts.reduce((total, { points }) => total + points, 0);

type Stored = { remaining: number; expiresAt: number | null };
const byAll = (a: Stored, b: Stored): number =>
  (a.expiresAt ?? 0) - (b.expiresAt ?? 0) || a.remaining - b.remaining;

const policies = fc.record({
  onMissingPoints: fc.constantFrom(...missingPointsRules),
  earnsPending: fc.constantFrom(false, false, true),
});
const RULES: EarningRules = {
  ...{ growthValue: null, multipliers: [], combination: "MULTIPLY", activities: [], pendingDays: null },
  ...{ pointsPerOrder: null, pointsPerDay: null, pointsPerMonth: null },
  points: { points: 1, perAmountMinor: 100, rounding: "DOWN" },
};

test("whatever happens in whatever order, the ledger is sound and holds what a simple model holds", async () => {
  await fc.assert(
    fc.asyncProperty(policies, fc.array(step, { minLength: 10, maxLength: 24 }), async (policy, steps) => {
      const brand = await newBrand({ timeZone: TIME_ZONE });
      await database()
        .update(brands)
        .set({
          pointsPolicy: { expiry: EXPIRY, graceDays: GRACE_DAYS, onMissingPoints: policy.onMissingPoints },
        })
        .where(eq(brands.id, brand.brandId));
      const { memberId } = await newMember(brand);
      const model = Object.assign(new Model(), policy);
      const rules = { ...RULES, pendingDays: policy.earnsPending ? PENDING_DAYS : null };
      await setEarningRules(await contextAt(brand.brandId, model.now), { rules }, nothing);
      const real = new Real(brand.brandId, memberId);
      let before: Ledger["transfers"] = [];
      for (const next of [{ do: "order", amountMinor: 6_000 } as const, ...steps]) {
        await real.take(model, next);
        before = await real.compare(model, before);
      }
      // What is left over is no later run's.
      model.now += 1_000 * HOUR_MS;
      await real.take(model, { do: "releaseStale" });
      await real.take(model, { do: "activate" });
      await real.take(model, { do: "expire" });
      await real.compare(model, before);
    }),
    { numRuns: 30 },
  );
});

test("a debit that moves the balance and forgets the lots is found", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  const context = await contextAt(brand.brandId, Date.now());
  const credit = { memberId, unit: "POINTS", amount: 50, reason: "x", idempotencyKey: key() } as const;
  await adjustBalance(context, credit, nothing);
  const ledger = await ledgerOf(brand.brandId);
  expect(faultsOf(ledger)).toEqual([]);
  const idOf = (kind: string) => ledger.accounts.find((it) => it.kind === kind && it.unit === "POINTS")?.id;
  await database()
    .insert(transfers)
    .values({
      ...{ brandId: brand.brandId, id: "trf_naive", memberId, amount: 20, createdAt: Date.now() },
      ...{ debitAccountId: idOf("AVAILABLE") ?? "", creditAccountId: idOf("REDEMPTION") ?? "" },
      cause: { operation: "spendPoints" },
    });
  expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([
    "in lots, trf_naive is 0 and not 20",
    "available is 30 and not 50",
  ]);
});
