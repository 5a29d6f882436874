import { type Caller, callerOf, outcomeOf } from "./caller.ts";
import { type Guest, type Tour, yuan } from "./tour.ts";

const LATTES = { lineId: "lattes", sku: "latte", categories: ["drinks"], quantity: 2, amountMinor: 6_400 };
const BEANS = { lineId: "beans", sku: "bag", categories: ["beans"], quantity: 1, amountMinor: 12_800 };
const HUNDRED = "¥30 off ¥100";

const EVALUATION = `payableMinor discountMinor steps { name discountMinor lines { lineId discountMinor } }
  offers { title state discountMinor reasons { code message } } earning { points } isBest`;
const EVALUATE = `query ($cart: CartInput!) { evaluateCart(input: $cart) {
  ... on CartEvaluation { ${EVALUATION} } ... on Refusal { code message } } }`;
const CHECKOUT = `mutation ($input: CheckoutInput!) { checkout(input: $input) {
  ... on CheckoutPayload { checkout { id state payableMinor decisionId
    coupons { discountMinor coupon { id code status offer { id title } } } } }
  ... on PriceChanged { code payableMinor } ... on Refusal { code message } } }`;
const REDEEM = `mutation ($input: RedeemCouponInput!) { redeemCoupon(input: $input) {
  ... on RedeemCouponPayload { discountMinor } ... on Refusal { code message } } }`;
const COMPLETE = `mutation ($input: CompleteCheckoutInput!) { completeCheckout(input: $input) {
  ... on CompleteCheckoutPayload { checkout { state coupons { coupon { status } }
    order { state totalMinor award { points } } } } ... on Refusal { code message } } }`;
const REFUND = `mutation ($input: RefundOrderInput!) { refundOrder(input: $input) {
  ... on RefundOrderPayload { amountMinor coupons { discountMinor isWhole } returned { pointsTakenBack } }
  ... on Refusal { code message } } }`;
const DECISION = `query ($id: ID!) { decision(id: $id) { evaluation { payableMinor }
  replay { isSame evaluation { payableMinor } } } }`;
const PERFORMANCE = `query ($id: ID!, $from: Date!, $to: Date!) { node(id: $id) { ... on Offer {
  performance(from: $from, to: $to) { issued redeemed discountMinor revenueMinor } } } }`;

/** What a cart was told to cost, and to earn. */
interface Told {
  payableMinor: number;
  points: number;
}

interface Held {
  id: string;
  payableMinor: number;
  decisionId: string;
  hundred: { code: string; offerId: string };
}

/** A cart that lacks something, the cart that does not, what is held for it, and a part that goes back. */
export async function fillACart(tour: Tour, guest: Guest): Promise<void> {
  tour.report.chapter("She fills a cart: what it lacks, what it costs, and what goes back");
  const held = await checkOut(tour, guest, await askWhy(tour, guest));
  await bringBack(tour, held);
}

const cartOf = (memberId: string, lines: object[], codes: string[] = []) => ({
  ...{ memberId, lines, codes, channel: "app" },
});

async function askWhy({ report }: Tour, { memberId, member }: Guest): Promise<Told> {
  const { step, expect } = report;
  await step("Tess", `evaluateCart, two lattes at ${yuan(3_200)}`, async (say) => {
    const answer = await member(EVALUATE, { cart: cartOf(memberId, [LATTES], ["WELCOME10", "WELCOME99"]) });
    const { payableMinor, steps, offers } = outcomeOf(answer);
    const why = (title: string | null) =>
      offers.find((offer: { title: string | null }) => offer.title === title)?.reasons[0];
    expect(why(HUNDRED), { code: "MINIMUM_SPEND" });
    expect([why("¥10 off a first order")?.code, why(null)?.code], ["FIRST_ORDER", "NOT_FOUND"]);
    expect(answer.databaseRequests, 1);
    say(`${yuan(payableMinor)} to pay, in 1 database request:`);
    for (const { name, discountMinor } of steps) say(`${yuan(discountMinor)} off: ${name}`);
    say(`${HUNDRED}: ${why(HUNDRED).message}`);
    say(`WELCOME10: ${why("¥10 off a first order").message}`);
  });
  return step("Tess", "evaluateCart, with a bag of beans", async (say) => {
    const answer = await member(EVALUATE, { cart: cartOf(memberId, [LATTES, BEANS]) });
    const { payableMinor, discountMinor, steps, offers, earning, isBest } = outcomeOf(answer);
    const used = offers.find(({ title }: { title: string }) => title === HUNDRED);
    expect(used, { state: "USED", discountMinor: 3_000 });
    expect([payableMinor + discountMinor, isBest, answer.databaseRequests], [19_200, true, 1]);
    say(`${yuan(payableMinor)} to pay, the least that there is:`);
    for (const { name, discountMinor: off } of steps) say(`${yuan(off)} off: ${name}`);
    say("and what it will earn");
    return { payableMinor, points: earning.points };
  });
}

async function checkOut(
  { url, report, run }: Tour,
  { memberId }: Guest,
  { payableMinor: expectedPayableMinor, points }: Told,
): Promise<Held> {
  const { step, expect } = report;
  const storefront = await callerOf(url, "coffee", "STOREFRONT");
  const order = { source: "shop", orderReference: `C-${run}` };
  const input = { memberId, ...order, cart: cartOf(memberId, [LATTES, BEANS]), expectedPayableMinor };
  await step("storefront", "checkout, at a price of yesterday", async (say) => {
    const stale = { ...input, expectedPayableMinor: 100, idempotencyKey: `stale-${run}` };
    const refusal = outcomeOf(await storefront(CHECKOUT, { input: stale }));
    expect(refusal, { code: "PRICE_CHANGED", payableMinor: expectedPayableMinor });
    say(`refused: ${refusal.code}; nothing is held`);
  });
  const held = await step("storefront", "checkout, at the price she saw", async (say) => {
    const { checkout } = outcomeOf(
      await storefront(CHECKOUT, { input: { ...input, idempotencyKey: `checkout-${run}` } }),
    );
    expect(checkout, { state: "OPEN", payableMinor: expectedPayableMinor });
    const coupons: { coupon: { code: string; status: string; offer: { id: string; title: string } } }[] =
      checkout.coupons;
    expect(new Set(coupons.map(({ coupon }) => coupon.status)), new Set(["HELD"]));
    const hundred = coupons.find(({ coupon }) => coupon.offer.title === HUNDRED)?.coupon;
    say(`${coupons.length} coupons held for a quarter of an hour`);
    return { ...checkout, hundred: { code: hundred?.code, offerId: hundred?.offer.id } } as Held;
  });
  await redeemElsewhere({ url, report, run }, held);
  await step("storefront", "completeCheckout, it is paid", async (say) => {
    const done = { checkoutId: held.id, recordOrder: true, idempotencyKey: `complete-${run}` };
    const { checkout } = outcomeOf(await storefront(COMPLETE, { input: done }));
    expect(checkout, {
      state: "COMPLETED",
      order: { state: "PAID", totalMinor: expectedPayableMinor, award: { points } },
    });
    say("redeemed, spent and recorded in one commit;");
    say("the order earns as many points as she was told");
  });
  return held;
}

async function redeemElsewhere({ url, report, run }: Tour, { hundred }: Held): Promise<void> {
  const { step, expect } = report;
  const till: Caller = await callerOf(url, "coffee", "TILL");
  await step("till", "redeemCoupon, one that is held", async (say) => {
    const order = { orderReference: `T2-${run}`, orderAmountMinor: 20_000, currency: "CNY" };
    const input = { code: hundred.code, ...order, idempotencyKey: `elsewhere-${run}` };
    const refusal = outcomeOf(await till(REDEEM, { input }));
    expect(refusal, { code: "COUPON_HELD" });
    say(`refused: ${refusal.code}`);
  });
}

async function bringBack({ url, report, run }: Tour, held: Held): Promise<void> {
  const { step, expect } = report;
  const service = await callerOf(url, "coffee", "SERVICE");
  await step("service", "refundOrder, the bag of beans", async (say) => {
    const order = { source: "shop", orderReference: `C-${run}` };
    const lines = [{ lineId: BEANS.lineId, quantity: 1 }];
    const input = { ...order, lines, shipping: false, idempotencyKey: `refund-${run}` };
    const { amountMinor, coupons, returned } = outcomeOf(await service(REFUND, { input }));
    expect([amountMinor < BEANS.amountMinor, coupons.length > 0], [true, true]);
    expect([amountMinor > 0, returned.pointsTakenBack > 0], [true, true]);
    const rolledBack = coupons.reduce(
      (sum: number, one: { discountMinor: number }) => sum + one.discountMinor,
      0,
    );
    say(`${yuan(amountMinor)} to pay back: what was paid for it;`);
    say(`${yuan(rolledBack)} of its coupons rolled back,`);
    say("and the points that it had earned taken along");
  });
  await step("service", "decision, made again", async (say) => {
    const { decision } = (await service(DECISION, { id: held.decisionId })).data;
    expect(decision, { evaluation: { payableMinor: held.payableMinor }, replay: { isSame: true } });
    say("the same to the byte, from the facts of then");
  });
  await step("service", `performance of ${HUNDRED}`, async (say) => {
    const days = (count: number) => new Date(Date.now() + count * 86_400_000).toISOString().slice(0, 10);
    const span = { from: days(-90), to: days(1) };
    const answer = await service(PERFORMANCE, { id: held.hundred.offerId, ...span });
    const { issued, redeemed, revenueMinor } = outcomeOf(answer).performance;
    expect(
      [issued > redeemed, redeemed > 0, revenueMinor > 0, answer.databaseRequests],
      [true, true, true, 1],
    );
    say(`${redeemed} of ${issued} were used`);
  });
}
