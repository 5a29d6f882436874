import { callerOf, outcomeOf } from "./caller.ts";
import type { Guest, Tour } from "./tour.ts";

const ADJUST = `mutation ($input: AdjustBalanceInput!) { adjustBalance(input: $input) {
  ... on AdjustBalancePayload { member { growthValue tier { name } tierProgress { missing next { name } } } }
  ... on Refusal { code message } } }`;
const CLAIM = `mutation ($input: ClaimBenefitInput!) { claimBenefit(input: $input) {
  ... on ClaimBenefitPayload { usage { kind coupon { offer { title } } } } ... on Refusal { code message } } }`;
const VIEW = `{ me { tier { name } entitlements { usable benefit { name } } } }`;

/** Growth value lifts the member through the ladder; what the tier gives is there at once. */
export async function riseToGold(tour: Tour, guest: Guest): Promise<void> {
  const { url, report, run } = tour;
  const { memberId, member } = guest;
  const { chapter, step, expect } = report;
  const service = await callerOf(url, "coffee", "SERVICE");
  const add = async (amount: number) => {
    const input = {
      memberId,
      unit: "GROWTH_VALUE",
      amount,
      reason: "Purchases",
      idempotencyKey: `${run}-${amount}`,
    };
    return outcomeOf(await service(ADJUST, { input })).member;
  };
  chapter("Growth value lifts the member");
  await step("service", "adjustBalance, 499 growth value", async (say) => {
    expect(await add(499), { growthValue: 499, tier: { name: "Classic" }, tierProgress: { missing: 1 } });
    say("still Classic: 1 short of Silver");
  });
  await step("service", "adjustBalance, 1501 more", async (say) => {
    const lifted = await add(1_501);
    expect(lifted, { growthValue: 2_000, tier: { name: "Gold" }, tierProgress: { missing: 4_000 } });
    say("Gold, past Silver: 4000 short of Black");
  });
  await step("Tess", "me: entitlements", async (say) => {
    const { tier, entitlements } = (await member(VIEW)).data.me;
    const names = entitlements.map(({ benefit }: { benefit: { name: string } }) => benefit.name) as string[];
    expect([tier.name, names.length, names.includes("A drink each week")], ["Gold", 9, true]);
    say("2 have become 9, such as A drink each week");
  });
  await claimWeeklyDrink(tour, guest);
}

/** What a benefit gives is claimed once a week, also by two devices at once. */
async function claimWeeklyDrink({ report, run }: Tour, { memberId, member }: Guest): Promise<void> {
  const { step, expect } = report;
  const { data } = await member("{ me { entitlements { benefit { id name } } } }");
  const { benefit } = data.me.entitlements.find(
    (each: { benefit: { name: string } }) => each.benefit.name === "A drink each week",
  );
  const claim = async (key: string) => {
    const input = { memberId, benefitId: benefit.id, idempotencyKey: `claim-${run}-${key}` };
    return outcomeOf(await member(CLAIM, { input }));
  };
  await step("Tess", "claimBenefit, two devices at once", async (say) => {
    const answers = await Promise.all([claim("phone"), claim("tablet")]);
    const given = answers.filter(({ usage }) => usage);
    const refused = answers.find(({ code }) => code);
    expect([given.length, refused?.code], [1, "BENEFIT_USED_UP"]);
    expect(given[0]?.usage.coupon.offer.title, "A classic drink on the house");
    say("one coupon: A classic drink on the house");
    say(`the other: ${refused?.code}, until Monday, 00:00`);
  });
}
