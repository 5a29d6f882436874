import { callerOf, outcomeOf } from "./caller.ts";
import type { Guest, Tour } from "./tour.ts";

const ADJUST = `mutation ($input: AdjustBalanceInput!) { adjustBalance(input: $input) {
  ... on AdjustBalancePayload { member { growthValue tier { name } tierProgress { missing next { name } } } }
  ... on Refusal { code message } } }`;
const VIEW = `{ me { tier { name } entitlements { usable benefit { name } } } }`;

/** Growth value lifts the member through the ladder; what the tier gives is there at once. */
export async function riseToGold({ url, report, run }: Tour, { memberId, member }: Guest): Promise<void> {
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
}
