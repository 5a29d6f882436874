import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { standings } from "../../schema/tables/standings.ts";
import { forecastOf } from "../../src/tiers/forecast.ts";
import { changeWords, type ForecastWords, forecastWords } from "../../src/tiers/tier-words.ts";
import { anOrder, recordActivity, recordOrder } from "../orders/support.ts";
import { callerOfKind, database } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { adjustGrowthValue, brandWithLadder, key, setRules, yearly } from "./program.ts";
import { at, fact, goldMember, growth, yearlyRules } from "./support.ts";

const missing = (amount: number, measure = "GROWTH_VALUE") => ({
  ...{ met: false, match: "ALL" },
  missing: [{ measure, missing: amount, window: { kind: "LIFETIME" } }],
});

describe("a forecast in words", () => {
  const reader = { locales: ["en"], timeZone: "Asia/Shanghai", currency: "CNY" };
  const gold = {
    ...{ tierName: { en: "Gold", "zh-CN": "金卡" }, nextName: { en: "Diamond", "zh-CN": "钻石" } },
    until: at("2027-03-31T16:00:00Z"),
    ...{ keep: missing(320), reach: missing(1_250) },
  } as ForecastWords;
  const zh = { ...reader, locales: ["zh-CN"] };

  test.each([
    [{}, "Gold until 31 March 2027; 320 more growth value to keep it, 1,250 to Diamond"],
    [
      { keep: missing(32_050, "SPEND") },
      "Gold until 31 March 2027; ¥320.50 more spent to keep it, 1,250 more growth value to Diamond",
    ],
    [
      { keep: missing(1, "ORDERS") },
      "Gold until 31 March 2027; 1 more order to keep it, 1,250 more growth value to Diamond",
    ],
    [{ nextName: null, reach: null }, "Gold until 31 March 2027; 320 more growth value to keep it"],
    [
      { keep: { met: true, match: "ALL", missing: [] } },
      "Gold until 31 March 2027; already kept for another term, 1,250 more growth value to Diamond",
    ],
    [{ until: null, keep: null }, "Gold; 1,250 more growth value to Diamond"],
    [{ until: null, keep: null, nextName: null, reach: null }, "Gold"],
    [
      {
        keep: {
          ...{ met: false, match: "ANY" },
          missing: [...missing(2, "VISITS").missing, ...missing(30_000, "SPEND").missing],
        },
        ...{ nextName: null, reach: null },
      },
      "Gold until 31 March 2027; 2 more visits or ¥300 more spent to keep it",
    ],
  ])("%o", (changes, words) => {
    expect(forecastWords({ ...gold, ...changes } as ForecastWords, reader)).toBe(words);
  });

  test("in Chinese, and as each English writes its days", () => {
    expect(forecastWords(gold, zh)).toBe(
      "金卡,有效期至 2027年3月31日;还需 320 成长值可保级;还需 1,250 可升至钻石",
    );
    expect(forecastWords({ ...gold, keep: missing(30_000, "SPEND") } as ForecastWords, zh)).toBe(
      "金卡,有效期至 2027年3月31日;还需消费 ¥300 可保级;还需 1,250 成长值可升至钻石",
    );
    expect(forecastWords(gold, { ...reader, locales: ["en-US"] })).toContain("until March 31, 2027;");
    expect(forecastWords(gold, { ...reader, locales: ["de"] })).toContain("Gold until 31 March 2027");
  });

  test("money of a currency without minor units", () => {
    const words = forecastWords({ ...gold, keep: missing(3_200, "SPEND") } as ForecastWords, {
      ...{ ...reader, currency: "JPY" },
    });
    expect(words).toContain("¥3,200 more spent");
  });

  test("of a change", () => {
    const names = { from: { en: "Gold", "zh-CN": "金卡" }, to: { en: "Silver", "zh-CN": "银卡" } };
    expect(changeWords("LOWERED", names, ["en"])).toBe("Now Silver: Gold was not kept");
    expect(changeWords("EARNED", names, ["zh-CN"])).toBe("升至银卡");
  });
});

describe("a forecast", () => {
  const ofGold = (amount: number, now: string, changes = {}) =>
    forecastOf(
      goldMember([fact("2025-06-01T00:00:00Z", amount)], changes),
      { tierId: "gold", grants: [] },
      at(now),
    );

  test("counts in the window of the term's end, not in that of today", () => {
    const early = goldMember([fact("2025-02-20T00:00:00Z", 1_500), fact("2025-06-01T00:00:00Z", 300)]);
    const { keep, reach } = forecastOf(early, { tierId: "gold", grants: [] }, at("2025-07-01T00:00:00Z"));
    expect([keep?.missing[0]?.missing, reach?.missing[0]?.missing]).toEqual([1_700, 4_200]);
  });

  test("says what is kept, and in the time of grace until when it can be", () => {
    expect(ofGold(2_000, "2025-07-01T00:00:00Z").keep).toEqual({ met: true, match: "ALL", missing: [] });
    const grace = ofGold(0, "2026-03-15T00:00:00Z", { graceDays: 10 });
    expect(grace).toMatchObject({ tier: { id: "gold" }, until: at("2026-03-20T16:00:00Z") });
  });

  test("takes what became due as done, before any job has run", () => {
    expect(ofGold(0, "2026-03-15T00:00:00Z")).toMatchObject({
      ...{ tier: { id: "classic" }, until: null, keep: null, next: { id: "silver" } },
    });
  });

  test("of a tier that was given ends with what was given, one after the other", () => {
    const [from, middle, end] = ["2025-05-01", "2025-08-01", "2025-11-01"].map((day) =>
      at(`${day}T00:00:00Z`),
    );
    const grant = { tierId: "black", reason: null };
    const grants = [
      { ...grant, id: "1", startsAt: from as number, endsAt: middle as number },
      { ...grant, id: "2", startsAt: middle as number, endsAt: end as number },
    ];
    const forecast = forecastOf(goldMember([]), { tierId: "black", grants }, at("2025-07-01T00:00:00Z"));
    expect(forecast).toMatchObject({
      tier: { id: "black" },
      until: end,
      keep: null,
      next: null,
      reach: null,
    });
  });

  test("is kept by who reaches the tier at the end of its term, whatever keeping asks for", () => {
    const tiers = yearlyRules().tiers.map((rule) => ({ ...rule, keep: growth(9_000, { kind: "LIFETIME" }) }));
    expect(ofGold(2_000, "2025-07-01T00:00:00Z", { tiers }).keep).toMatchObject({ met: true, missing: [] });
    expect(ofGold(1_999, "2025-07-01T00:00:00Z", { tiers }).keep).toMatchObject({ met: false });
  });

  test("goes on for as long as the same tier was given", () => {
    const grant = { id: "1", tierId: "gold", reason: null, startsAt: at("2025-05-01T00:00:00Z") };
    const endOf = (endsAt: number | null) =>
      forecastOf(
        goldMember([]),
        { tierId: "gold", grants: [{ ...grant, endsAt }] },
        at("2025-07-01T00:00:00Z"),
      );
    expect(endOf(null)).toMatchObject({ tier: { id: "gold" }, until: null, keep: null });
    const later = at("2026-05-01T00:00:00Z");
    expect(endOf(later)).toMatchObject({ until: later, keep: null });
    // One that ends before the tier does changes nothing.
    expect(endOf(at("2025-09-01T00:00:00Z"))).toMatchObject({ until: at("2026-03-10T16:00:00Z") });
  });

  test("does not end where nobody falls; otherwise what is missing is of the term", () => {
    const lasting = ofGold(0, "2025-07-01T00:00:00Z", { downgrade: "NEVER" });
    expect([lasting.until, lasting.keep]).toEqual([null, null]);
    const tiers = yearlyRules().tiers.map((rule) => ({ ...rule, keep: growth(1, { kind: "SINCE_TIER" }) }));
    expect(ofGold(0, "2025-07-01T00:00:00Z", { tiers }).keep?.missing[0]?.missing).toBe(1);
  });
});

const FORECAST = `{ me { tier { name } tierForecast {
  until description tier { name color benefits { name } } next { name rank requirement { growthValue } }
  keep { met match missing { measure missing window { kind days period } } } reach { met missing { measure missing } } }
  tierHistory(first: 5) { nodes { from { name } to { name } cause description counted { measure value atLeast window { kind days } } } } } }`;

test("everything of a member's tier is one request, in the member's words, for the member and the brand", async () => {
  const { brand, ladder } = await brandWithLadder();
  await setRules(brand.operator, yearly(ladder));
  const { memberId, member } = await newMember(brand, { locale: "en" });
  await adjustGrowthValue(brand.service, memberId, 2_500);
  const answer = await member(FORECAST, {}, { "accept-language": "en" });
  expect(answer.errors).toBeUndefined();
  const { tierForecast, tierHistory } = answer.data.me;
  expect(answer.databaseRequests).toBe(1);
  expect(tierForecast).toMatchObject({
    ...{ tier: { name: "Gold" }, next: { name: "Black", rank: 4 }, keep: { met: false } },
    reach: { missing: [{ measure: "GROWTH_VALUE", missing: 3_500 }] },
  });
  expect(tierForecast.description).toMatch(
    /^Gold until \d+ \w+ \d{4}; 2,000 more growth value to keep it, 3,500 to Black$/,
  );
  expect(tierHistory.nodes).toEqual([
    {
      ...{ from: { name: "Classic" }, to: { name: "Gold" }, cause: "EARNED", description: "Reached Gold" },
      counted: [
        {
          ...{ measure: "GROWTH_VALUE", value: 2_500, atLeast: 2_000 },
          window: { kind: "ROLLING_DAYS", days: 365 },
        },
      ],
    },
  ]);
  const till = await callerOfKind("TILL", {
    brandId: brand.brandId,
    scopes: new Set(["cards:scan", "points:spend"]),
  });
  const denied = await till(
    `mutation ($input: SpendPointsInput!) { spendPoints(input: $input) { ... on SpendPointsPayload { member { tierForecast { description } } } ... on Refusal { code } } }`,
    { input: { memberId, points: 1, orderReference: "A", orderAmountMinor: 100, idempotencyKey: key() } },
  );
  expect(JSON.stringify(denied)).not.toContain("Gold");
});

test("what is counted of facts, in SQL, is what the rules count: old and new, taken back and called off", async () => {
  const { brand, ladder } = await brandWithLadder();
  const conditions = ["SPEND", "ORDERS", "VISITS", "GROWTH_VALUE"].map((measure) => ({
    ...{ measure, atLeast: 1_000_000_000, window: { kind: "LIFETIME" } },
  }));
  await setRules(brand.operator, { tiers: [{ tierId: ladder.silver, reach: { conditions } }] });
  const { memberId, member } = await newMember(brand);
  await database().update(standings).set({ since: 0 }).where(eq(standings.memberId, memberId));
  const ofMember = { member: { id: memberId } };
  const old = { placedAt: "2015-01-01T00:00:00Z", paidAt: "2015-01-02T00:00:00Z" };
  await recordOrder(brand.service, anOrder({ ...ofMember, ...old }));
  await recordOrder(brand.service, anOrder({ ...ofMember, ...old }));
  await recordOrder(brand.service, anOrder(ofMember));
  await recordOrder(brand.service, anOrder({ ...ofMember, cancelledAt: "2026-11-05T00:00:00Z" }));
  await recordOrder(brand.service, anOrder({ ...ofMember, paidAt: undefined }));
  for (const kind of ["CHECK_IN", "LOG_IN", "CHECK_IN"])
    await recordActivity(brand.service, {
      ...{ source: "app", externalId: key(), ...ofMember, kind, occurredAt: "2026-11-05T00:00:00Z" },
    });
  await adjustGrowthValue(brand.service, memberId, 300);
  await adjustGrowthValue(brand.service, memberId, -100);
  const { data } = await member(`{ me { tierForecast { reach { missing { measure missing } } } } }`);
  const left = data.me.tierForecast.reach.missing.map((it: { measure: string; missing: number }) => [
    it.measure,
    1_000_000_000 - it.missing,
  ]);
  expect(left).toEqual([
    ["SPEND", 3 * 13_003],
    ["ORDERS", 3],
    ["VISITS", 2],
    ["GROWTH_VALUE", 200],
  ]);
});
