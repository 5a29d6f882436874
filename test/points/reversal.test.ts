import * as fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { lotUses, transfers } from "../../schema/tables/points.ts";
import { isRefusal } from "../../src/errors.ts";
import { adjustBalance } from "../../src/points/adjust-balance.ts";
import { amountOf, leftOf, reversalOf, type Spend } from "../../src/points/reversal.ts";
import { spendPoints } from "../../src/points/spend-points.ts";
import { type LotFacts, sumOf, takeLots, usesWithout } from "../../src/points/take-lots.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { contextAt, faultsOf, ledgerOf, nothing } from "./support.ts";

const key = () => crypto.randomUUID();

describe("what comes back of a spend", () => {
  const lot = fc.record({
    id: fc.uuid(),
    remaining: fc.integer({ min: 1, max: 50 }),
    spendableAt: fc.constant(0),
    expiresAt: fc.option(fc.integer({ min: 1, max: 9 })),
  });
  const someLots = fc.uniqueArray(lot, { selector: ({ id }) => id, minLength: 1, maxLength: 6 });
  const terms = { issuedByBrandId: "brd_a", fundedByBrandId: "brd_a", costMicroMinor: 0 };
  const spendOf = (lots: readonly LotFacts[], amount: number): Spend => {
    const lotOf = (lotId: string) => lots.find(({ id }) => id === lotId) as LotFacts;
    const uses = takeLots(lots, amount).map((use) => ({ ...use, lot: { ...lotOf(use.lotId), ...terms } }));
    return { id: "trf_1", amount, uses, reversals: [] };
  };
  /** The spend after so many more points of it came back at a moment. */
  const reversed = (spend: Spend, points: number, now: number): Spend => {
    const { uses } = reversalOf(spend, points, { now, grace: 99 });
    return { ...spend, reversals: [...spend.reversals, { amount: points, createdAt: now, uses }] };
  };
  const shares = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 8 });

  test("leaves spent what fewer points would have spent, however many parts it comes in", () => {
    fc.assert(
      fc.property(someLots, fc.nat(), shares, (lots, asked, parts) => {
        const amount = 1 + (asked % sumOf(lots));
        let spend = spendOf(lots, amount);
        for (const part of parts) {
          const points = Math.min(part, leftOf(spend));
          if (points > 0) spend = reversed(spend, points, 0);
          const back = spend.reversals.flatMap(({ uses }) => uses);
          const ofLots = Map.groupBy(back, ({ lotId }) => lotId);
          const together = [...ofLots].map(([lotId, uses]) => ({ lotId, amount: amountOf(uses) }));
          expect(usesWithout(spend.uses, together)).toMatchObject(takeLots(lots, leftOf(spend)));
        }
      }),
    );
  });

  test("is never more of a lot than was used of it, also when lots expire between the parts", () => {
    const steps = fc.array(fc.record({ part: fc.integer({ min: 1, max: 40 }), wait: fc.nat({ max: 3 }) }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(someLots, fc.nat(), steps, (lots, asked, parts) => {
        let spend = spendOf(lots, 1 + (asked % sumOf(lots)));
        let now = 0;
        const renewed: number[] = [];
        for (const { part, wait } of parts) {
          now += wait;
          const points = Math.min(part, leftOf(spend));
          if (points === 0) break;
          const { uses, newLots } = reversalOf(spend, points, { now, grace: 99 });
          expect(amountOf(uses) + amountOf(newLots)).toBe(points);
          renewed.push(...newLots.map(({ amount }) => amount));
          for (const use of uses) {
            const end = spend.uses.find(({ lotId }) => lotId === use.lotId)?.lot.expiresAt;
            expect(end === null || Number(end) > now).toBe(true);
          }
          spend = reversed(spend, points, now);
        }
        const back = Map.groupBy(
          spend.reversals.flatMap(({ uses }) => uses),
          ({ lotId }) => lotId,
        );
        for (const { lotId, amount } of spend.uses)
          expect(amountOf(back.get(lotId) ?? [])).toBeLessThanOrEqual(amount);
        expect(amountOf([...back.values()].flat()) + renewed.reduce((sum, one) => sum + one, 0)).toBe(
          amountOf(spend.reversals),
        );
      }),
    );
  });
});

describe("a spend", () => {
  const REVERSE = `mutation ($input: ReverseSpendInput!) { reverseSpend(input: $input) {
    ... on ReverseSpendPayload { points member { points } } ... on Refusal { code message }
    ... on ReversalExceedsSpend { left asked } } }`;
  let brand: TestBrand;
  let memberId: string;

  beforeEach(async () => {
    brand = await newBrand();
    ({ memberId } = await newMember(brand));
  });

  const give = async (amount: number) =>
    adjustBalance(
      await contextAt(brand.brandId, Date.now()),
      { memberId, unit: "POINTS", amount, reason: "x", idempotencyKey: key() },
      nothing,
    );
  const spend = async (points: number): Promise<string> => {
    const order = { memberId, orderReference: "A-1", orderAmountMinor: 100_000, idempotencyKey: key() };
    const context = await contextAt(brand.brandId, Date.now());
    const answer = await spendPoints(context, { ...order, points }, nothing);
    if (isRefusal(answer)) throw new Error(answer.refusal);
    return answer.outcome.transferId;
  };
  const reverse = async (transferId: string, points?: number) =>
    outcomeOf(
      await brand.till(REVERSE, { input: { transferId, points, reason: "returned", idempotencyKey: key() } }),
    );

  test("comes back in parts, and then no more", async () => {
    await give(100);
    const transferId = await spend(80);
    expect(await reverse(transferId, 30)).toMatchObject({ points: 30, member: { points: 50 } });
    expect(await reverse(transferId, 0)).toMatchObject({ code: "INVALID_VALUE" });
    const exceeded = await reverse(transferId, 51);
    expect(exceeded).toMatchObject({ code: "REVERSAL_EXCEEDS_SPEND", asked: 51, left: 50 });
    expect(await reverse(transferId)).toMatchObject({ points: 50, member: { points: 100 } });
    expect(await reverse(transferId, 1)).toMatchObject({ code: "SPEND_ALREADY_REVERSED" });
    expect(faultsOf(await ledgerOf(brand.brandId))).toEqual([]);
  });

  test("of which parts come back at once never comes back more than once", async () => {
    for (const amount of [40, 40, 40]) await give(amount);
    const transferId = await spend(100);
    const answers = await Promise.all(Array.from({ length: 8 }, () => reverse(transferId, 30)));
    expect(answers.filter(({ points }) => points === 30)).toHaveLength(3);
    expect(answers.filter(({ left }) => left === 10)).toHaveLength(5);
    const ledger = await ledgerOf(brand.brandId);
    expect(ledger.lots.map(({ remaining }) => remaining)).toEqual([30, 40, 40]);
    expect(faultsOf(ledger)).toEqual([]);
  });

  test("that gives back by what it read before, in two requests, gives a lot's points back twice", async () => {
    await give(40);
    await give(100);
    await spend(20);
    const transferId = await spend(70);
    await spend(30);
    const naive = async () => {
      const read = await database().query.transfers.findFirst({
        where: { brandId: brand.brandId, id: transferId },
        with: { uses: { with: { lot: true } }, reversals: { with: { uses: true } } },
      });
      if (!read) throw new Error("no spend");
      const { uses } = reversalOf(read, 35, { now: Date.now(), grace: 0 });
      return async () => {
        const id = key();
        await database()
          .insert(transfers)
          .values({
            ...{ brandId: brand.brandId, id, memberId, amount: 35, createdAt: Date.now() },
            ...{ debitAccountId: read.creditAccountId, creditAccountId: read.debitAccountId },
            ...{ reversesTransferId: transferId, cause: { operation: "reverseSpend" } },
          });
        await database()
          .insert(lotUses)
          .values(uses.map((use) => ({ brandId: brand.brandId, transferId: id, ...use })));
      };
    };
    for (const write of await Promise.all([naive(), naive()])) await write();
    expect(faultsOf(await ledgerOf(brand.brandId)).join()).toContain("came back");
  });
});
