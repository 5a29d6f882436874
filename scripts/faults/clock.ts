import { and, eq } from "drizzle-orm";
import { Temporal } from "temporal-polyfill";
import { benefits } from "../../schema/tables/benefits.ts";
import { useBenefit } from "../../src/benefits/use-benefit.ts";
import { signCardPayload } from "../../src/cards/card-payload.ts";
import { isRefusal } from "../../src/errors.ts";
import { asPlatform } from "../../src/jobs/platform.ts";
import { adjustBalance } from "../../src/points/adjust-balance.ts";
import { spendPoints } from "../../src/points/spend-points.ts";
import { faultsIn, faultsOfHealth } from "./invariants.ts";
import type { Scenario } from "./scenario.ts";
import { foundStock, type Stock } from "./stock.ts";
import type { World } from "./world.ts";
import { post } from "./writes.ts";

const SECOND = 1_000;
const HOUR = 3_600_000;

/** A check: what it is, what came of it, and what should have. */
type Check = [what: string, is: string, shouldBe: string];

/**
 * Clocks that do not agree. Those of the Worker and the database cannot be moved from outside: what a skew
 * of theirs does is shown by payloads signed at another time, and by the same verbs at a moment of one's own.
 */
export const clock: Scenario = {
  name: "clock",
  title: "clocks that differ, go back, pass midnight where the brand is, and meet a leap second",
  run: async ({ world, seed, tell }) => {
    const stock = await foundStock(world, { seed, members: 20, coupons: 20 });
    const checks: Check[] = [];
    for (const part of [cards, leapSecond, steppedBack, midnight]) {
      tell(part.name);
      checks.push(...(await part(world, stock)));
    }
    const wrong = checks.filter(([, is, shouldBe]) => is !== shouldBe);
    const broken = [
      ...wrong.map(([what, is, shouldBe]) => `${what}: ${is}, and not ${shouldBe}`),
      ...(await world.withDatabase((database) => faultsIn(database, stock.brandId))),
      ...(await faultsOfHealth(world)),
    ];
    const as = (state: string) =>
      checks.filter(([, is]) => (is === "ACCEPTED") === (state === "ACCEPTED")).length;
    return {
      ...{ operations: checks.length, acknowledged: as("ACCEPTED"), refused: as("REFUSED"), unknown: 0 },
      ...{ faults: checks.length, lost: [], twice: [], broken, slowestMs: 0 },
      notes: [
        "the Worker's own clock was not moved: its verbs were called at other moments, on the same database",
      ],
    };
  },
};

const memberOf = ({ points }: Stock, position: number): string => [...points.keys()].at(position) as string;

/** A phone's payload is judged by the Worker's clock alone, with ten seconds' tolerance. */
async function cards(world: World, stock: Stock): Promise<Check[]> {
  const { signingKeys, issuer } = await world.environment();
  const scan = async (offsetMs: number) => {
    const card = { brandId: stock.brandId, memberId: memberOf(stock, 5), payloadId: crypto.randomUUID() };
    const { payload } = await signCardPayload(signingKeys, issuer, card, Date.now() + offsetMs);
    const query = `mutation ($input: ScanCardInput!) { scanCard(input: $input) {
      ... on ScanCardPayload { offline } ... on Refusal { code } } }`;
    const response = await post(world.url, await stock.token("TILL"), {
      query,
      variables: { input: { payload } },
    });
    const { data } = (await response.json()) as { data?: { scanCard?: { code?: string } } };
    return data?.scanCard?.code ?? (data?.scanCard ? "ACCEPTED" : `HTTP ${response.status}`);
  };
  const expected: [offsetMs: number, code: string][] = [
    [0, "ACCEPTED"],
    [-55 * SECOND, "ACCEPTED"],
    [8 * SECOND, "ACCEPTED"],
    [-75 * SECOND, "CARD_EXPIRED"],
    [-HOUR, "CARD_EXPIRED"],
    [HOUR, "CARD_MALFORMED"],
  ];
  const checks: Check[] = [];
  for (const [offsetMs, code] of expected)
    checks.push([`a card signed ${offsetMs / SECOND} s from now`, await scan(offsetMs), code]);
  return checks;
}

/** RFC 3339 has a second 60: what a till sends within it is no fault of the till's. */
async function leapSecond(world: World, stock: Stock): Promise<Check[]> {
  const query = `mutation ($input: RecordOrdersInput!) { recordOrders(input: $input) {
    ... on RecordOrdersPayload { results { status } } ... on Refusal { code } } }`;
  const record = async (placedAt: string) => {
    const line = { lineId: "1", sku: "TEA", name: "Tea", quantity: 1, amountMinor: 100 };
    const order = {
      source: "till",
      externalId: `o-${placedAt}`,
      member: { id: memberOf(stock, 6) },
      placedAt,
    };
    const orders = [{ ...order, paidAt: placedAt, totalMinor: 100, currency: "CNY", lines: [line] }];
    const input = { orders, idempotencyKey: `leap-${placedAt}` };
    const response = await post(world.url, await stock.token(), { query, variables: { input } });
    const body = (await response.json()) as {
      data?: { recordOrders?: { results?: { status: string }[]; code?: string } };
      errors?: { message: string }[];
    };
    const answer = body.data?.recordOrders;
    if (answer?.results?.[0]?.status === "RECORDED") return "ACCEPTED";
    return answer?.code ?? body.errors?.[0]?.message ?? JSON.stringify(answer);
  };
  const moments = [
    "2016-12-31T23:59:59Z",
    "2016-12-31T23:59:60Z",
    "2017-01-01T08:59:60.5+09:00",
    "2017-01-01T00:00:00Z",
  ];
  const checks: Check[] = [];
  for (const moment of moments) checks.push([`an order at ${moment}`, await record(moment), "ACCEPTED"]);
  return checks;
}

/** What was done an hour ahead is there when the clock is right again, and can be worked with. */
async function steppedBack(world: World, stock: Stock): Promise<Check[]> {
  const environment = await world.environment();
  const memberId = memberOf(stock, 7);
  return world.withDatabase(async (database) => {
    const at = (now: number) => asPlatform(database, environment, stock.brandId, now);
    const nothing = () => database.query.guard.findFirst();
    const spend = async (now: number, points: number, key: string) => {
      const order = { orderReference: key, orderAmountMinor: 10_000_000, idempotencyKey: key };
      const result = await spendPoints(at(now), { memberId, points, ...order }, nothing);
      return isRefusal(result) ? result.refusal : "ACCEPTED";
    };
    const now = Date.now();
    const had = stock.points.get(memberId) ?? 0;
    const credit = {
      memberId,
      unit: "POINTS",
      amount: 500,
      reason: "ahead",
      idempotencyKey: "ahead",
    } as const;
    const ahead = await adjustBalance(at(now + HOUR), credit, nothing);
    return [
      ["points credited an hour ahead", isRefusal(ahead) ? ahead.refusal : "ACCEPTED", "ACCEPTED"],
      ["a spend after the clock went back", await spend(now, 10, "back-1"), "ACCEPTED"],
      ["the same again, another hour back", await spend(now - HOUR, 10, "back-1"), "ACCEPTED"],
      // Points of a moment that has not come are not spendable yet, and so refused in words.
      ["more than there was before the step", await spend(now, had, "back-2"), "BalanceTooLow"],
      ["when the moment has come", await spend(now + HOUR, had, "back-3"), "ACCEPTED"],
    ];
  });
}

/** A quota of a day is over at midnight where the brand is, to the millisecond, and so is a leap year's day. */
async function midnight(world: World, stock: Stock): Promise<Check[]> {
  const environment = await world.environment();
  return world.withDatabase(async (database) => {
    const [benefit] = await database.select().from(benefits).where(eq(benefits.brandId, stock.brandId));
    if (!benefit) throw new Error("The brand has no benefit.");
    const where = and(eq(benefits.brandId, stock.brandId), eq(benefits.id, benefit.id));
    await database.update(benefits).set({ quota: 1, quotaPeriod: "DAY" }).where(where);
    const use = async (position: number, now: number, key: string) => {
      const input = {
        memberId: memberOf(stock, position),
        benefitId: benefit.id,
        reference: key,
        idempotencyKey: key,
      };
      const context = asPlatform(database, environment, stock.brandId, now);
      const result = await useBenefit(context, input, () => database.query.guard.findFirst());
      return isRefusal(result) ? result.refusal : "ACCEPTED";
    };
    const checks: Check[] = [];
    const days = ["2028-02-29", "2028-12-31"];
    for (const [position, day] of days.entries()) {
      const next = Temporal.PlainDate.from(day)
        .add({ days: 1 })
        .toZonedDateTime("Asia/Shanghai").epochMilliseconds;
      const member = 8 + position;
      checks.push(
        [`a use as ${day} ends`, await use(member, next - 1, `${day}-1`), "ACCEPTED"],
        ["another in the same millisecond", await use(member, next - 1, `${day}-2`), "BenefitUsedUp"],
        ["one as the next day begins", await use(member, next, `${day}-3`), "ACCEPTED"],
        [
          "one by a clock that went back over midnight",
          await use(member, next - 1, `${day}-4`),
          "BenefitUsedUp",
        ],
      );
    }
    return checks;
  });
}
