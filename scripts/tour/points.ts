import { Temporal } from "temporal-polyfill";
import { callerOf, outcomeOf } from "./caller.ts";
import { type Guest, type Tour, yuan } from "./tour.ts";

const LINES = [
  { lineId: "1", sku: "latte", categories: ["drinks"], quantity: 1, amountMinor: 3_200 },
  { lineId: "2", sku: "bag", categories: ["beans"], quantity: 1, amountMinor: 12_800 },
];
const TOTAL = 16_000;
const TIME_ZONE = "Asia/Shanghai";

const PREVIEW = `query ($memberId: ID!, $lines: [CartLineInput!]!, $at: DateTime!) {
  previewEarning(memberId: $memberId, lines: $lines, at: $at) {
    ... on EarningPreview { points growthValue } ... on Refusal { code message } } }`;
const RECORD = `mutation ($input: RecordOrdersInput!) { recordOrders(input: $input) {
  ... on RecordOrdersPayload { results { status order { state
    award { points growthValue state spendableAt steps { description } } } } }
  ... on Refusal { code message } } }`;
const DO = `mutation ($input: RecordActivitiesInput!) { recordActivities(input: $input) {
  ... on RecordActivitiesPayload { results { status } } ... on Refusal { code message } } }`;
const SPEND = `mutation ($input: SpendPointsInput!) { spendPoints(input: $input) {
  ... on SpendPointsPayload { worthMinor member { points } } ... on Refusal { code message } } }`;
const REFUND = `mutation ($input: RecordRefundsInput!) { recordRefunds(input: $input) {
  ... on RecordRefundsPayload { results { status returned { pointsTakenBack pointsOwed growthValueTakenBack } } }
  ... on Refusal { code message } } }`;
const STATEMENT = `{ me { points pendingPoints pointsDebt pointsHistory(first: 10) { nodes { points description } }
  tierForecast { description } } }`;

/** Orders earn, and say why; what goes back takes along what it gave; the statement adds up. */
export async function buyAndBringBack(tour: Tour, guest: Guest): Promise<void> {
  tour.report.chapter("She buys: what it earns and why, and what goes back");
  const paidAt = someTuesday();
  await buy(tour, guest, paidAt);
  await spendAndBringBack(tour, guest);
  await readStatement(tour, guest);
}

async function buy({ url, report, run }: Tour, { memberId, member }: Guest, paidAt: string): Promise<void> {
  const { step, expect } = report;
  const service = await callerOf(url, "coffee", "SERVICE");
  const order = {
    ...{ source: "shop", externalId: `T-${run}`, member: { id: memberId }, currency: "CNY" },
    ...{ placedAt: paidAt, paidAt, totalMinor: TOTAL, lines: LINES },
  };
  const record = async (sent: object, key: string) => {
    const input = { orders: [sent], idempotencyKey: `order-${run}-${key}` };
    return outcomeOf(await service(RECORD, { input })).results[0];
  };
  await step("Tess", `previewEarning, a cart of ${yuan(TOTAL)}`, async (say) => {
    const answer = await member(PREVIEW, { memberId, lines: LINES, at: paidAt });
    const { points, growthValue } = outcomeOf(answer);
    expect([points, growthValue, answer.databaseRequests], [500, 160, 1]);
    say(`${points} points and ${growthValue} growth value, on a Tuesday`);
  });
  await step("service", "recordOrders, paid weeks ago", async (say) => {
    const { status, order: recorded } = await record(order, "paid");
    const { points, state, steps } = recorded.award;
    expect([status, points, state, steps.length], ["RECORDED", 500, "PENDING", 6]);
    const words = steps.map(({ description }: { description: string }) => description);
    say(`pending: ${words[0]};`);
    say(`${words.slice(1, 4).join("; ")};`);
    say(`${words[4]};`);
    say(words[5]);
  });
  await step("service", "the same order, under another key", async (say) => {
    const { status, order: recorded } = await record(order, "again");
    expect([status, recorded.award.points], ["UNCHANGED", 500]);
    say("UNCHANGED: it earned once");
  });
  await step("service", "the same order, completed", async (say) => {
    const completedAt = new Date(Date.parse(paidAt) + 3_600_000).toISOString();
    const { status, order: recorded } = await record({ ...order, completedAt }, "completed");
    expect([status, recorded.state], ["ADVANCED", "COMPLETED"]);
    expect(Date.parse(recorded.award.spendableAt) < Date.now(), true);
    say("ADVANCED: a week later its points can be spent");
  });
  await step("the clock", "every five minutes: the jobs", async (say) => {
    const called = await fetch(`${url}/cdn-cgi/handler/scheduled?time=${Date.now()}`);
    expect(called.status, 200);
    const { points, pendingPoints } = (await member(STATEMENT)).data.me;
    expect([points, pendingPoints], [500, 0]);
    say("500 points, no longer pending");
  });
}

async function spendAndBringBack({ url, report, run }: Tour, { memberId }: Guest): Promise<void> {
  const { step, expect } = report;
  const service = await callerOf(url, "coffee", "SERVICE");
  const till = await callerOf(url, "coffee", "TILL");
  const did = async (kind: "CHECK_IN" | "REVIEW") => {
    const activity = { source: "app", externalId: `${kind}-${run}`, member: { id: memberId }, kind };
    const activities = [{ ...activity, occurredAt: new Date().toISOString() }];
    const answer = await service(DO, { input: { activities, idempotencyKey: `${kind}-${run}` } });
    expect(outcomeOf(answer).results[0].status, "RECORDED");
  };
  await step("service", "recordActivities, a check-in", async (say) => {
    await did("CHECK_IN");
    say("2 points, once a day");
  });
  await step("till", "spendPoints, 300 on ¥68.00", async (say) => {
    const input = { memberId, points: 300, orderReference: `POS-P-${run}`, orderAmountMinor: 6_800 };
    const spent = outcomeOf(await till(SPEND, { input: { ...input, idempotencyKey: `spend-${run}` } }));
    expect([spent.worthMinor, spent.member.points], [300, 202]);
    say(`${yuan(spent.worthMinor)} off, 202 points left`);
  });
  await step("service", "recordRefunds, the bag goes back", async (say) => {
    const refund = { source: "shop", externalId: `T-${run}-R`, orderExternalId: `T-${run}` };
    const lines = [{ lineId: "2", quantity: 1 }];
    const refunds = [{ ...refund, lines, refundedAt: new Date().toISOString() }];
    const answer = await service(REFUND, { input: { refunds, idempotencyKey: `refund-${run}` } });
    const [{ status, returned }] = outcomeOf(answer).results;
    const sums = { pointsTakenBack: 462, pointsOwed: 260, growthValueTakenBack: 128 };
    expect([status, returned], ["RECORDED", sums]);
    say("takes 462 of 500 points along, 260 of them owed");
  });
  await step("service", "recordActivities, a review", async (say) => {
    await did("REVIEW");
    say("10 points, which pay what she owes first");
  });
}

async function readStatement({ report }: Tour, { member }: Guest): Promise<void> {
  const { step, expect } = report;
  await step("Tess", "me: her statement and forecast", async (say) => {
    const { data, databaseRequests } = await member(STATEMENT);
    const { points, pointsDebt, pointsHistory, tierForecast } = data.me;
    const lines = pointsHistory.nodes as { points: number; description: string }[];
    expect([points, pointsDebt, databaseRequests], [0, 250, 1]);
    expect(
      lines.reduce((sum, line) => sum + line.points, 0),
      points,
    );
    for (const line of lines) {
      const [first, ...rest] = folded(line.description.replace(/T-\w+|POS-P-\w+/, "…"));
      say(`${String(line.points).padStart(4)}  ${first}`);
      for (const part of rest) say(`      ${part}`);
    }
    for (const part of tierForecast.description.replace(/until [^;]+;/, "until …;").split("; ")) say(part);
  });
}

/** A text in lines of so many columns, parted after commas. */
function folded(text: string, columns = 48): string[] {
  const lines: string[] = [];
  for (const part of text.split(/(?<=,) /)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + part.length <= columns) {
      lines[lines.length - 1] = `${last} ${part}`;
    } else {
      lines.push(part);
    }
  }
  return lines;
}

/** Noon of a Tuesday two weeks ago, in Shanghai: so long ago that what it earned can be spent. */
function someTuesday(): string {
  const today = Temporal.Now.plainDateISO(TIME_ZONE);
  const tuesday = today.subtract({ days: ((today.dayOfWeek + 5) % 7) + 14 });
  return tuesday.toZonedDateTime({ timeZone: TIME_ZONE, plainTime: "12:00" }).toInstant().toString();
}
