import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reviewTiers } from "../../src/tiers/review-tiers.ts";
import { anonymous, database, environment } from "../support/caller.ts";
import { newMember } from "../support/member.ts";
import { adjustGrowthValue, brandWithLadder, setRules, storedTier, yearly } from "./program.ts";

const PREVIEW = `query ($rules: TierRulesInput!, $first: Int, $after: ID) {
  previewTierRules(rules: $rules, first: $first, after: $after) {
    ... on TierRulesPreview { memberCount isEveryone hasNextPage endCursor
      movements { when count memberIds from { id name } to { id benefits { name } } } }
    ... on Refusal { code message } ... on InvalidValue { field } } }`;

describe("setting rules", () => {
  test("what cannot stand is refused, with the path of what is wrong", async () => {
    const { brand, ladder } = await brandWithLadder();
    const other = await brandWithLadder();
    const condition = { measure: "SPEND", atLeast: 100, window: { kind: "CALENDAR", period: "YEAR" } };
    const lasting = { measure: "SPEND", atLeast: 100, window: { kind: "LIFETIME" } };
    const rule = (tierId: string, reach: object, keep?: object) => ({
      ...{ tierId, reach: { conditions: [reach] } },
      ...(keep && { keep: { conditions: [keep] } }),
    });
    const tiers = (...rules: object[]) => yearly(ladder, { tiers: rules });
    const wrong: [object, string][] = [
      [tiers(rule(other.ladder.gold, condition)), "tiers.0.tierId"],
      [tiers(rule(ladder.classic, condition)), "tiers.0.tierId"],
      [tiers(rule(ladder.gold, condition), rule(ladder.gold, condition)), "tiers.1.tierId"],
      [tiers(rule(ladder.gold, { ...condition, atLeast: 0 })), "tiers.0.reach.conditions.0.atLeast"],
      [
        tiers(rule(ladder.gold, { ...condition, window: { kind: "CALENDAR" } })),
        "tiers.0.reach.conditions.0.window.period",
      ],
      [
        tiers(rule(ladder.gold, { ...condition, window: { kind: "ROLLING_DAYS" } })),
        "tiers.0.reach.conditions.0.window.days",
      ],
      [
        tiers(rule(ladder.gold, { ...condition, window: { kind: "ROLLING_DAYS", days: 2_000 } })),
        "tiers.0.reach.conditions.0.window.days",
      ],
      [
        tiers(rule(ladder.gold, condition, { ...condition, atLeast: 101 })),
        "tiers.0.keep.conditions.0.atLeast",
      ],
      [tiers(rule(ladder.gold, lasting, condition)), "tiers.0.reach"],
      [
        tiers(rule(ladder.gold, condition), rule(ladder.black, { ...condition, atLeast: 99 })),
        "tiers.1.reach.conditions.0.atLeast",
      ],
      [tiers({ tierId: ladder.gold, reach: { conditions: [] } }), "tiers.0.reach.conditions"],
      [yearly(ladder, { term: null }), "term"],
      [yearly(ladder, { term: {} }), "term"],
      [yearly(ladder, { term: { months: 0 } }), "term.months"],
      [yearly(ladder, { term: null, downgrade: "NEVER", upgrade: "AT_TERM_END" }), "term"],
      [yearly(ladder, { graceDays: 91 }), "graceDays"],
      [yearly(ladder, { warnDaysBefore: [30, 0] }), "warnDaysBefore.1"],
      [yearly(ladder, { warnDaysBefore: [30, 30] }), "warnDaysBefore"],
      [yearly(ladder, { warnDaysBefore: Array(3_000).fill(1) }), "warnDaysBefore"],
      [yearly(ladder, { warnDaysBefore: [1, 2, 3, 4, 5, 6] }), "warnDaysBefore"],
    ];
    for (const [rules, path] of wrong) {
      const set = await setRules(brand.operator, rules);
      expect.soft(set, path).toMatchObject({ code: "INVALID_VALUE", field: `rules.${path}` });
      const answer = await brand.operator(PREVIEW, { rules });
      expect.soft(answer.data.previewTierRules, path).toMatchObject({ field: `rules.${path}` });
    }
    const past = await setRules(brand.operator, yearly(ladder), "2020-01-01T00:00:00Z");
    expect(past).toMatchObject({ code: "INVALID_VALUE", field: "startsAt" });
  });

  test("what is in force is public; what was set and is to come is the brand's own", async () => {
    const { brand, ladder } = await brandWithLadder();
    await setRules(brand.operator, yearly(ladder, { graceDays: 3 }));
    await setRules(
      brand.operator,
      yearly(ladder, { graceDays: 9 }),
      new Date(Date.now() + 60_000).toISOString(),
    );
    const rules =
      "tierRules { upgrade downgrade graceDays term { months } tiers { tierId reach { conditions { measure atLeast window { kind days } } } } }";
    const shown = await anonymous(`query ($slug: String!) { program(brand: $slug) { ${rules} } }`, {
      slug: brand.slug,
    });
    expect(shown.databaseRequests).toBe(1);
    expect(shown.data.program.tierRules).toMatchObject({
      graceDays: 3,
      upgrade: "AT_ONCE",
      term: { months: 12 },
    });
    const SETS = `query ($slug: String!) { program(brand: $slug) { ${rules} tierRuleSets(first: 5) { nodes { startsAt rules { graceDays } } } } }`;
    const own = await brand.operator(SETS, { slug: brand.slug });
    expect(own.databaseRequests).toBe(1);
    const sets = own.data.program.tierRuleSets.nodes as { rules: { graceDays: number } }[];
    expect(sets.map((set) => set.rules.graceDays)).toEqual([9, 3]);
    expect((await anonymous(SETS, { slug: brand.slug })).errors?.[0]?.extensions.code).toBe(
      "UNAUTHENTICATED",
    );
    // An operator of another brand reads that one's public rules, and no more of it.
    const other = await brandWithLadder();
    const foreign = await other.brand.operator(SETS, { slug: brand.slug });
    expect(JSON.stringify(foreign.data)).not.toContain('"graceDays":9');
  });
});

test("a preview says what then happens, to whom, a page at a time, in one request", async () => {
  const { brand, ladder } = await brandWithLadder();
  const amounts = [0, 300, 600, 2_100, 2_500, 7_000];
  const memberIds: string[] = [];
  for (const amount of amounts) {
    const { memberId } = await newMember(brand);
    memberIds.push(memberId);
    if (amount > 0) await adjustGrowthValue(brand.service, memberId, amount);
  }
  const stranger = await brandWithLadder();
  await newMember(stranger.brand);
  const tierIds = async () =>
    Promise.all(memberIds.map(async (id) => (await storedTier(brand.brandId, id)).tierId));
  const names = Object.entries(ladder) as [string, string][];
  const draftOf = ([silver, gold, black]: number[], downgrade: string) => ({
    ...{ term: { months: 12 }, downgrade },
    tiers: [
      [ladder.silver, silver],
      [ladder.gold, gold],
      [ladder.black, black],
    ].map(([tierId, atLeast]) => ({
      tierId,
      reach: { conditions: [{ measure: "GROWTH_VALUE", atLeast, window: { kind: "SINCE_TIER" } }] },
    })),
  });

  const previewed = async (rules: object, first: number) => {
    const moves: { when: string; from: string; to: string; memberId: string }[] = [];
    let after: string | null = null;
    let looked = 0;
    do {
      const answer = await brand.operator(PREVIEW, { rules, first, after });
      expect(answer.databaseRequests).toBe(1);
      const page = answer.data.previewTierRules;
      looked += page.memberCount;
      for (const { when, from, to, memberIds: who, count } of page.movements) {
        expect(who).toHaveLength(count);
        moves.push(...who.map((memberId: string) => ({ when, from: from.id, to: to.id, memberId })));
      }
      expect(page.isEveryone).toBe(after === null && !page.hasNextPage);
      after = page.hasNextPage ? page.endCursor : null;
    } while (after !== null);
    expect(looked).toBe(memberIds.length);
    return moves;
  };

  await fc.assert(
    fc.asyncProperty(
      fc.tuple(
        fc.integer({ min: 1, max: 900 }),
        fc.integer({ min: 1, max: 900 }),
        fc.integer({ min: 1, max: 900 }),
      ),
      fc.constantFrom("NEVER", "TO_EARNED", "ONE_STEP"),
      fc.integer({ min: 1, max: 7 }),
      async ([a, b, c], downgrade, first) => {
        const draft = draftOf([a, a + b, a + b + c], downgrade);
        const before = await tierIds();
        const moves = await previewed(draft, first);
        expect(await tierIds()).toEqual(before);
        await setRules(brand.operator, draft);
        const now = Date.now();
        for (let next: Parameters<typeof reviewTiers>[4]; next !== null; )
          ({ next } = await reviewTiers(database(), await environment(), now, 100, next));
        const after = await tierIds();
        const happened = memberIds.flatMap((memberId, position) =>
          before[position] === after[position]
            ? []
            : [{ when: "IN_FORCE", from: before[position], to: after[position], memberId }],
        );
        const told = moves.filter(({ when }) => when === "IN_FORCE");
        expect(new Set(told.map((move) => JSON.stringify(move)))).toEqual(
          new Set(happened.map((move) => JSON.stringify(move))),
        );
        if (downgrade === "NEVER") expect(moves.filter(({ when }) => when === "TERM_END")).toEqual([]);
      },
    ),
    { numRuns: 6 },
  );
  expect(names).toHaveLength(4);
});

test("a preview tells who would rise at the end of a term", async () => {
  const { brand, ladder } = await brandWithLadder();
  const { memberId } = await newMember(brand);
  await adjustGrowthValue(brand.service, memberId, 400);
  const draft = yearly(ladder, { upgrade: "AT_TERM_END", downgrade: "NEVER" });
  const [silver, ...others] = draft.tiers;
  const conditions = [{ measure: "GROWTH_VALUE", atLeast: 300, window: { kind: "LIFETIME" } }];
  const rules = { ...draft, tiers: [{ ...silver, reach: { conditions } }, ...others] };
  const answer = await brand.operator(PREVIEW, { rules, first: 10, after: null });
  expect(answer.data.previewTierRules.movements).toMatchObject([
    { when: "TERM_END", from: { id: ladder.classic }, to: { id: ladder.silver }, memberIds: [memberId] },
  ]);
});
