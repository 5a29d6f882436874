import { eq } from "drizzle-orm";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { brands } from "../../schema/tables/brands.ts";
import { transfers } from "../../schema/tables/points.ts";
import { isRefusal } from "../../src/errors.ts";
import { adjustBalance } from "../../src/points/adjust-balance.ts";
import { captureHold } from "../../src/points/capture-hold.ts";
import { expirePoints } from "../../src/points/expire-points.ts";
import { endOfGrace, expiryOf } from "../../src/points/expiry.ts";
import { holdPoints } from "../../src/points/hold-points.ts";
import { releaseHold } from "../../src/points/release-hold.ts";
import { releaseStaleHolds } from "../../src/points/release-stale-holds.ts";
import { reverseSpend } from "../../src/points/reverse-spend.ts";
import { spendPoints } from "../../src/points/spend-points.ts";
import { newBrand } from "../support/brand.ts";
import { database, environment } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { contextAt, faultsOf, type Ledger, ledgerOf, nothing } from "./support.ts";

const TIME_ZONE = "America/New_York";
const EXPIRY = { rule: "AFTER_MONTHS", months: 1 } as const;
const GRACE_DAYS = 3;
const HOUR_MS = 3_600_000;
const key = () => crypto.randomUUID();

interface Lot {
  remaining: number;
  expiresAt: number;
}
type Parts = [lot: Lot, points: number][];

/** A member's points as simply as can be: lots in the order they came, and what was taken of which. */
class Model {
  // Long ago, so that what time ends here is no other test's.
  now = Date.parse("2021-01-15T17:00:00Z");
  lots: Lot[] = [];
  holds: { parts: Parts; until: number; open: boolean }[] = [];
  spends: { parts: Parts; reversed: boolean }[] = [];
  redeemed = 0;
  broken = 0;

  earn(points: number) {
    this.lots.push({ remaining: points, expiresAt: expiryOf(EXPIRY, this.now, TIME_ZONE) as number });
  }

  /** Whoever takes points ends the holds that are over; undefined when there are too few. */
  take(points: number): Parts | undefined {
    const stale = this.holds.filter(({ open, until }) => open && until <= this.now);
    const given = stale.flatMap(({ parts }) => parts);
    const inLot = (lot: Lot) =>
      lot.remaining + given.reduce((sum, [of, count]) => sum + (of === lot ? count : 0), 0);
    const live = this.lots.filter(({ expiresAt }) => this.now < expiresAt);
    if (live.reduce((sum, lot) => sum + inLot(lot), 0) < points) return undefined;
    this.endStaleHolds();
    const parts: Parts = [];
    let missing = points;
    for (const lot of live.toSorted((a, b) => a.expiresAt - b.expiresAt)) {
      const count = Math.min(missing, lot.remaining);
      if (count > 0) parts.push([lot, count]);
      lot.remaining -= count;
      missing -= count;
    }
    return parts;
  }

  endStaleHolds() {
    for (const hold of this.holds) if (hold.open && hold.until <= this.now) this.settle(hold, 0);
  }

  /** Spends so many of a hold's points and gives the others back. */
  settle(hold: Model["holds"][number], points: number): Parts {
    hold.open = false;
    let left = points;
    return hold.parts.flatMap(([lot, count]): Parts => {
      const spent = Math.min(left, count);
      left -= spent;
      lot.remaining += count - spent;
      return spent > 0 ? [[lot, spent]] : [];
    });
  }

  reverse(spend: Model["spends"][number]) {
    spend.reversed = true;
    for (const [lot, count] of spend.parts) {
      if (this.now < lot.expiresAt) lot.remaining += count;
      else this.lots.push({ remaining: count, expiresAt: endOfGrace(this.now, GRACE_DAYS, TIME_ZONE) });
    }
  }

  expire() {
    for (const lot of this.lots.filter(({ expiresAt }) => expiresAt <= this.now)) {
      this.broken += lot.remaining;
      lot.remaining = 0;
    }
  }
}

type Step =
  | { do: "earn" | "takeBack" | "spend" | "hold"; points: number }
  | { do: "capture"; which: number; share: number }
  | { do: "release" | "reverse"; which: number }
  | { do: "expire" | "releaseStale" }
  | { do: "wait"; hours: number };

const points = fc.integer({ min: 1, max: 60 });
const which = fc.nat({ max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("earn" as const), points }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("spend" as const, "hold" as const), points }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("takeBack" as const), points }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("capture" as const),
      which,
      share: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("release" as const, "reverse" as const), which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("expire" as const, "releaseStale" as const) }) },
  {
    weight: 4,
    // Within a hold's half hour, past it, and past an expiry.
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      hours: fc.constantFrom(0.2, 1, 24 * 14, 24 * 33),
    }),
  },
);

/** The database's side of a run: the ids of what the model's holds and spends are there. */
class Real {
  holdIds: string[] = [];
  spendIds: string[] = [];
  readonly brandId: string;
  readonly memberId: string;

  constructor(brandId: string, memberId: string) {
    this.brandId = brandId;
    this.memberId = memberId;
  }

  /** Does the same in both; whether the verb refused must be what the model says. */
  async take(model: Model, step: Step): Promise<void> {
    const { brandId, memberId } = this;
    const context = await contextAt(brandId, model.now);
    const given = { memberId, idempotencyKey: key() };
    const order = { ...given, orderReference: "A-1", orderAmountMinor: 1_000_000 };
    switch (step.do) {
      case "wait":
        model.now += step.hours * HOUR_MS;
        return;
      case "earn": {
        const input = { ...given, unit: "POINTS", amount: step.points, reason: "x" } as const;
        expect(isRefusal(await adjustBalance(context, input, nothing))).toBe(false);
        return model.earn(step.points);
      }
      case "takeBack": {
        const input = { ...given, unit: "POINTS", amount: -step.points, reason: "x" } as const;
        const parts = model.take(step.points);
        expect(isRefusal(await adjustBalance(context, input, nothing))).toBe(!parts);
        return;
      }
      case "spend": {
        const parts = model.take(step.points);
        const answer = await spendPoints(context, { ...order, points: step.points }, nothing);
        expect(isRefusal(answer)).toBe(!parts);
        if (isRefusal(answer) || !parts) return;
        this.spendIds.push(answer.outcome.transferId);
        model.spends.push({ parts, reversed: false });
        model.redeemed += step.points;
        return;
      }
      case "hold": {
        const parts = model.take(step.points);
        const answer = await holdPoints(context, { ...order, points: step.points }, nothing);
        expect(isRefusal(answer)).toBe(!parts);
        if (isRefusal(answer) || !parts) return;
        this.holdIds.push(answer.outcome.holdId);
        model.holds.push({ parts, until: model.now + HOUR_MS / 2, open: true });
        return;
      }
      case "capture": {
        const [hold, holdId] = [model.holds[step.which], this.holdIds[step.which]];
        if (!hold || !holdId) return;
        const held = hold.parts.reduce((sum, [, count]) => sum + count, 0);
        const part = Math.ceil(held / step.share);
        const input = { holdId, points: part, idempotencyKey: key() };
        const answer = await captureHold(context, input, nothing);
        expect(isRefusal(answer)).toBe(!hold.open || hold.until <= model.now);
        if (isRefusal(answer)) return;
        this.spendIds.push(answer.outcome.transferId);
        model.spends.push({ parts: model.settle(hold, part), reversed: false });
        model.redeemed += part;
        return;
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
        const input = { transferId, reason: "returned", idempotencyKey: key() };
        expect(isRefusal(await reverseSpend(context, input, nothing))).toBe(spend.reversed);
        if (spend.reversed) return;
        model.redeemed -= spend.parts.reduce((sum, [, count]) => sum + count, 0);
        return model.reverse(spend);
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
    expect({
      lots: ledger.lots.map(({ remaining, expiresAt }) => ({ remaining, expiresAt })).sort(byAll),
      held: balanceOf("HELD"),
      redeemed: balanceOf("REDEMPTION"),
      broken: balanceOf("BREAKAGE"),
    }).toEqual({
      lots: [...model.lots].sort(byAll),
      held: held.reduce((sum, [, count]) => sum + count, 0),
      redeemed: model.redeemed,
      broken: model.broken,
    });
    const now = new Map(ledger.transfers.map((transfer) => [transfer.id, transfer]));
    for (const transfer of before) expect(now.get(transfer.id)).toEqual(transfer);
    return ledger.transfers;
  }
}

type Stored = { remaining: number; expiresAt: number | null };
const byAll = (a: Stored, b: Stored): number =>
  (a.expiresAt ?? 0) - (b.expiresAt ?? 0) || a.remaining - b.remaining;

test("whatever happens in whatever order, the ledger is sound and holds what a simple model holds", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 20 }), async (steps) => {
      const brand = await newBrand({ timeZone: TIME_ZONE });
      await database()
        .update(brands)
        .set({ pointsPolicy: { expiry: EXPIRY, graceDays: GRACE_DAYS } })
        .where(eq(brands.id, brand.brandId));
      const { memberId } = await newMember(brand);
      const model = new Model();
      const real = new Real(brand.brandId, memberId);
      let before: Ledger["transfers"] = [];
      for (const next of [{ do: "earn", points: 80 } as const, ...steps]) {
        await real.take(model, next);
        before = await real.compare(model, before);
      }
      // What is left over is no later run's.
      model.now += 1_000 * HOUR_MS;
      await real.take(model, { do: "releaseStale" });
      await real.take(model, { do: "expire" });
      await real.compare(model, before);
    }),
    { numRuns: 25 },
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
