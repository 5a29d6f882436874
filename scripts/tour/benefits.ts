import { callerOf, outcomeOf } from "./caller.ts";
import type { Guest, Tour } from "./tour.ts";

const ENTITLEMENTS = `{ me { entitlements { left benefit { id name quota quotaPeriod } } } }`;
const USE = `mutation ($input: UseBenefitInput!) { useBenefit(input: $input) {
  ... on UseBenefitPayload { member { entitlements { left used benefit { id } } } }
  ... on Refusal { code message } ... on BenefitUsedUp { quota renewsAt } } }`;

/** A till records that a benefit is used, until there is none left. */
export async function useBenefitUntilUsedUp({ url, report, run }: Tour, guest: Guest): Promise<void> {
  const { chapter, step, expect } = report;
  const { memberId, member } = guest;
  const till = await callerOf(url, "coffee", "TILL");
  chapter("A till records the use of a benefit, until it is used up");
  const benefitId = await step("Tess", "me: entitlements", async (say) => {
    const { entitlements } = (await member(ENTITLEMENTS)).data.me;
    expect(entitlements.length, 2);
    const upgrade = entitlements.find(({ left }: { left: number }) => left === 2);
    expect(upgrade, { benefit: { name: "Size upgrade", quota: 2, quotaPeriod: "MONTH" } });
    say("Size upgrade: 2 left this month");
    return upgrade.benefit.id as string;
  });
  const use = async (key: string) => {
    const input = { memberId, benefitId, idempotencyKey: `use-${run}-${key}` };
    const answer = outcomeOf(await till(USE, { input }));
    const { entitlements } = answer.member ?? {};
    return {
      ...answer,
      now: entitlements?.find((each: { benefit: { id: string } }) => each.benefit.id === benefitId),
    };
  };
  await step("till", "useBenefit, twice with one key", async (say) => {
    expect((await use("1")).now, { left: 1, used: 1 });
    expect((await use("1")).now, { left: 1, used: 1 });
    say("1 left: it counted once");
  });
  await step("till", "useBenefit", async (say) => {
    expect((await use("2")).now, { left: 0, used: 2 });
    say("0 left");
  });
  await step("till", "useBenefit", async (say) => {
    const refusal = await use("3");
    expect(refusal, { code: "BENEFIT_USED_UP", quota: 2, renewsAt: firstOfNextMonth(Date.now()) });
    say(`refused: ${refusal.code}, until the 1st, 00:00`);
  });
}

const SHANGHAI_MS = 8 * 3_600_000;

/** Midnight in Shanghai, which has kept UTC+8 without summer time since 1991. */
function firstOfNextMonth(now: number): string {
  const there = new Date(now + SHANGHAI_MS);
  const first = Date.UTC(there.getUTCFullYear(), there.getUTCMonth() + 1, 1);
  return new Date(first - SHANGHAI_MS).toISOString();
}
