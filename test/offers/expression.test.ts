import { describe, expect, test } from "vitest";
import type { Buyer, Cart } from "../../src/carts/cart.ts";
import { faultOfExpression, holds, needsMember, valuesOf } from "../../src/offers/expression.ts";
import { lineOf, occasionOf } from "./support.ts";

const two = [
  lineOf({ amountMinor: 10_000, quantity: 2, brand: "Leaf" }),
  lineOf({ lineId: "L2", sku: "CUP", categories: ["cups", "gifts"], amountMinor: 5_000, isReduced: true }),
];

describe("a condition over the cart, the member and the time", () => {
  test.each<[expression: string, cart: Partial<Cart>, buyer: Partial<Buyer>, holds: boolean]>([
    ["cart.subtotalMinor >= 15000", { lines: two }, {}, true],
    ["cart.subtotalMinor > 15000", { lines: two }, {}, false],
    ["cart.quantity == 3 && cart.shippingMinor == 0", { lines: two }, {}, true],
    ['"CUP" in cart.skus && !("POT" in cart.skus)', { lines: two }, {}, true],
    ['"gifts" in cart.categories', { lines: two }, {}, true],
    ['cart.brands == ["Leaf", ""]', { lines: two }, {}, true],
    ['cart.channel == "app" || cart.store.startsWith("SH-")', { store: "SH-01" }, {}, true],
    ['cart.paymentMethod == ""', {}, {}, true],
    ['cart.lines.exists(line, line.isReduced && "gifts" in line.categories)', { lines: two }, {}, true],
    ["cart.lines.all(line, line.amountMinor >= 5000)", { lines: two }, {}, true],
    ["cart.lines.filter(line, line.quantity > 1).size() == 1", { lines: two }, {}, true],
    ["cart.lines[1].quantity == 1", { lines: two }, {}, true],
    ["cart.lines[1].quantity == 1", {}, {}, false],
    ["cart.subtotalMinor / (cart.quantity - 1) > 0", {}, {}, false],
    ["cart.subtotalMinor % 8888 == 0", { lines: [lineOf({ amountMinor: 8_888 })] }, {}, true],
    ['member.tierRank >= 2 || member.tierId == "tir_gold"', {}, { tierId: "tir_gold" }, true],
    ["member.paidOrders > 2 && member.paidOrders % 2 == 1", {}, { paidOrders: 3 }, true],
    ["member.daysSinceEnrolled == 306", {}, {}, true],
    ['member.segments.exists(name, name == "students")', { segments: ["students"] }, {}, true],
    ["time.weekday == 2 && time.hour == 12 && time.minute == 0", {}, {}, true],
    ['time.date == "2026-11-03" && time.day == 3 && time.month == 11 && time.year == 2026', {}, {}, true],
    ["time.hour < 12 ? cart.quantity > 1 : cart.quantity > 0", {}, {}, true],
  ])("%s", (expression, cart, buyer, isMet) => {
    expect(faultOfExpression(expression)).toBeUndefined();
    expect(holds(expression, valuesOf(occasionOf(cart, buyer)))).toBe(isMet);
  });

  test("the clock is the brand's", () => {
    const occasion = occasionOf({}, {}, "America/New_York");
    expect(holds("time.hour == 23 && time.weekday == 1", valuesOf(occasion))).toBe(true);
  });

  test("what asks for the member is known", () => {
    expect(needsMember("cart.lines.exists(line, line.quantity > member.paidOrders)")).toBe(true);
    expect(needsMember('cart.channel == "member"')).toBe(false);
  });
});

describe("one that is wrong is refused, with the character at which it is", () => {
  test.each<[expression: string, character: number, word: string]>([
    ["cart.subtotalMinor >", 21, "Unexpected token"],
    ["cart.total > 5", 6, "total"],
    ["cart.quantity > 1 && basket.quantity > 1", 22, "basket"],
    ['cart.quantity > "3"', 1, "int > string"],
    ["cart.quantity", 1, "must be true or false, but is of type int"],
    ['cart.quantity > 1\n&& cart.channel == "app', 38, ""],
    ['"好" in cart.skus && cart.colour == 1', 26, "colour"],
    ['cart.channel.matches("(a+)+$")', 14, "matches() is not allowed"],
    ["cel.bind(x, cart.skus, x.size() > 1)", 5, "bind() is not allowed"],
    ["dyn(cart).anything > 1", 1, "dyn() is not allowed"],
    ['cart.skus.join(",") == "A"', 11, "join() is not allowed"],
    ["(cart.skus + cart.skus).size() > 1", 2, "lists cannot be added"],
    ['cart.lines.map(l, cart.skus + cart.brands).exists(m, "A" in m)', 19, "lists cannot be added"],
    ["", 1, ""],
  ])("%s", (expression, character, word) => {
    const fault = faultOfExpression(expression);
    expect(fault).toMatch(new RegExp(`^at character ${character}: `));
    expect(fault).toContain(word);
  });

  test("the line is shown with a mark below what is wrong", () => {
    expect(faultOfExpression("cart.quantity > 1 &&\n  cart.total > 5 &&\n  true")).toBe(
      "at character 29: No such key: total\n\n  cart.total > 5 &&\n       ^",
    );
  });

  test("one that is too long, too deep or would take too long is refused", () => {
    expect(faultOfExpression(`cart.quantity > ${"1".repeat(1_000)}`)).toContain("1000 characters");
    expect(faultOfExpression(`${"(".repeat(100)}true${")".repeat(100)}`)).toContain("maxDepth");
    expect(faultOfExpression(`cart.quantity in [${Array(200).fill(1).join(",")}]`)).toContain(
      "maxListElements",
    );
    const nested =
      "cart.lines.all(a, cart.lines.all(b, cart.lines.all(c, a.sku == b.sku || b.sku == c.sku)))";
    expect(faultOfExpression(nested)).toContain("takes too long");
  });

  test("the dearest that is allowed takes less than half a second on a cart of 200 lines", () => {
    const pairs = "cart.lines.all(a, cart.lines.all(b, a.quantity == b.quantity || b.isReduced))";
    expect(faultOfExpression(pairs)).toBeUndefined();
    const lines = Array.from({ length: 200 }, (_, place) => lineOf({ lineId: `L${place}` }));
    const before = Date.now();
    expect(holds(pairs, valuesOf(occasionOf({ lines })))).toBe(true);
    expect(Date.now() - before).toBeLessThan(500);
  });

  test("an expression that cannot stand never holds", () => {
    expect(holds("cart.total > 5", valuesOf(occasionOf()))).toBe(false);
  });
});
