import { recordActivities } from "../../src/orders/record-activities.ts";
import { recordOrders } from "../../src/orders/record-orders.ts";
import { recordRefunds } from "../../src/orders/record-refunds.ts";
import type { DemoOrder } from "./content.ts";
import { asClient, DAY_MS, type Demo, done, type LoadedBrand, memberIdOf, readNothing } from "./demo.ts";

const SOURCE = "shop";

/** Lets members buy, bring things back, and do what else earns; each on its day. */
export async function loadOrders(demo: Demo, brand: LoadedBrand): Promise<void> {
  for (const [position, order] of brand.content.orders.entries()) {
    await loadOrder(demo, brand, order, `${brand.content.key}-${position + 1}`);
  }
  for (const [position, [person, kind, daysAgo]] of brand.content.activities.entries()) {
    const context = asClient(demo, brand, "SERVICE", daysAgo);
    const externalId = `${brand.content.key}-activity-${position + 1}`;
    const member = { id: memberIdOf(brand, person) };
    const activity = { source: SOURCE, externalId, member, kind, name: null, detail: [] };
    const activities = [{ ...activity, occurredAt: momentOf(demo, daysAgo) }];
    const input = { activities, idempotencyKey: externalId };
    await recorded(recordActivities(context, input, readNothing(demo)));
  }
}

async function loadOrder(
  demo: Demo,
  brand: LoadedBrand,
  { person, daysAgo, channel, bought, returned }: DemoOrder,
  externalId: string,
): Promise<void> {
  const { products } = brand.content;
  const lines = Object.entries(bought).map(([sku, quantity = 1]) => {
    const product = products[sku];
    if (!product) throw new Error(`${brand.content.slug} does not sell ${sku}.`);
    const { name, category, amountMinor } = product;
    return { lineId: sku, sku, name, categories: [category], quantity, amountMinor: amountMinor * quantity };
  });
  const paid = asClient(demo, brand, "SERVICE", daysAgo);
  const delivered = asClient(demo, brand, "SERVICE", daysAgo - 1);
  const order = {
    ...{ source: SOURCE, externalId, member: { id: memberIdOf(brand, person) }, channel, store: null },
    ...{ currency: "CNY", shippingMinor: 0, discountMinor: 0, pointsSpent: 0, lines, couponCodes: [] },
    totalMinor: lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
    ...{ placedAt: momentOf(demo, daysAgo), paidAt: momentOf(demo, daysAgo) },
    ...{ completedAt: null, cancelledAt: null },
  };
  const read = readNothing(demo);
  const first = { orders: [order], idempotencyKey: `${externalId}-paid` };
  await recorded(recordOrders(paid, first, read));
  const later = { ...order, completedAt: momentOf(demo, daysAgo - 1) };
  const second = { orders: [later], idempotencyKey: `${externalId}-completed` };
  await recorded(recordOrders(delivered, second, read));
  if (!returned) return;
  const back = asClient(demo, brand, "SERVICE", daysAgo - 2);
  const refund = {
    ...{ source: SOURCE, externalId: `${externalId}-back`, orderExternalId: externalId, shippingMinor: 0 },
    lines: Object.entries(returned).map(([lineId, quantity = 1]) => ({ lineId, quantity })),
    refundedAt: momentOf(demo, daysAgo - 2),
  };
  await recorded(recordRefunds(back, { refunds: [refund], idempotencyKey: `${externalId}-back` }, read));
}

/** The same in a load that goes on after an interruption, unlike the operations' own clock. */
const momentOf = ({ now }: Demo, daysAgo: number): number => Math.round(now - daysAgo * DAY_MS);

/** @throws Error when a fact was refused: the content is then at odds with itself. */
async function recorded(result: Parameters<typeof done<{ results: { refusal: unknown }[] }, unknown>>[0]) {
  const { results } = await done(result);
  const refused = results.find(({ refusal }) => refusal !== null);
  if (refused) throw new Error(`The demo data was refused: ${JSON.stringify(refused)}`);
}
