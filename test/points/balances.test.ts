import { eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { accounts, transfers } from "../../schema/tables/points.ts";
import { barrier } from "../support/barrier.ts";
import { newBrand } from "../support/brand.ts";
import { database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";

const ADJUST = `mutation ($input: AdjustBalanceInput!) { adjustBalance(input: $input) {
  ... on AdjustBalancePayload { member { points growthValue } } ... on Refusal { code message } ... on BalanceTooLow { balance missing } } }`;
const key = () => crypto.randomUUID();

test("a balance is the sum of its transfers, and the brand's accounts mirror it, whatever races", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  const amounts = Array.from({ length: 60 }, (_, position) => (position % 3 === 2 ? -70 : 50));
  await Promise.all(
    amounts.map((amount) =>
      brand.service(ADJUST, {
        input: { memberId, unit: "POINTS", amount, reason: "test", idempotencyKey: key() },
      }),
    ),
  );
  const rows = await database().query.accounts.findMany({
    where: { brandId: brand.brandId, unit: "POINTS" },
  });
  expect(rows.reduce((sum, { balance }) => sum + balance, 0)).toBe(0);
  for (const { id, balance } of rows) {
    const [sums] = await database()
      .select({
        credits: sql<number>`coalesce(sum(case when ${transfers.creditAccountId} = ${id} then ${transfers.amount} end), 0)`,
        debits: sql<number>`coalesce(sum(case when ${transfers.debitAccountId} = ${id} then ${transfers.amount} end), 0)`,
      })
      .from(transfers)
      .where(eq(transfers.brandId, brand.brandId));
    expect(balance).toBe((sums?.credits ?? 0) - (sums?.debits ?? 0));
  }
});

test("100 spends of one balance never go below zero", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  const adjust = (amount: number) =>
    brand.service(ADJUST, {
      input: { memberId, unit: "POINTS", amount, reason: "test", idempotencyKey: key() },
    });
  await adjust(1_000);
  const answers = await Promise.all(Array.from({ length: 100 }, () => adjust(-30)));
  const outcomes = answers.map(outcomeOf);
  expect(outcomes.filter(({ member }) => member)).toHaveLength(33);
  expect(outcomes.filter(({ code }) => code === "BALANCE_TOO_LOW")).toHaveLength(67);
  expect(outcomeOf(await adjust(-10))).toMatchObject({ member: { points: 0 } });
});

test("one that reads the balance and writes it back, in two requests, loses spends", async () => {
  const brand = await newBrand();
  const { memberId } = await newMember(brand);
  await brand.service(ADJUST, {
    input: { memberId, unit: "POINTS", amount: 1_000, reason: "test", idempotencyKey: key() },
  });
  const allHaveRead = barrier(40);
  const readThenWrite = async () => {
    const client = database();
    const account = await client.query.accounts.findFirst({
      where: { brandId: brand.brandId, memberId, unit: "POINTS", kind: "AVAILABLE" },
    });
    await allHaveRead();
    if (!account) throw new Error("no account");
    await client
      .update(accounts)
      .set({ balance: account.balance - 10 })
      .where(eq(accounts.id, account.id));
  };
  await Promise.all(Array.from({ length: 40 }, readThenWrite));
  const account = await database().query.accounts.findFirst({
    where: { brandId: brand.brandId, memberId, unit: "POINTS", kind: "AVAILABLE" },
  });
  expect(account?.balance).toBeGreaterThan(600);
});
