import { useBenefit } from "../../src/benefits/use-benefit.ts";
import { enrolMember } from "../../src/members/enrol-member.ts";
import { adjustBalance } from "../../src/points/adjust-balance.ts";
import type { DemoMember } from "./content.ts";
import { asClient, type Demo, done, type LoadedBrand, memberIdOf, readNothing } from "./demo.ts";
import { personOf } from "./people.ts";
import { seeded } from "./seeded.ts";

const channels = ["SMS", "EMAIL", "WECHAT", "PUSH"] as const;
const REASON = "Purchases of earlier years";

/** The customer's id in the brand's own systems. */
export const externalIdOf = (brand: LoadedBrand, person: string): string => `${brand.content.key}-${person}`;

/** Enrols a brand's members, gives them what they have collected, and uses some of their benefits. */
export async function loadMembers(demo: Demo, brand: LoadedBrand): Promise<void> {
  for (const member of brand.content.members) await loadMember(demo, brand, member);
  for (const [position, [person, benefit, daysAgo]] of brand.content.uses.entries()) {
    const benefitId = brand.benefitIds[benefit] as string;
    const input = { memberId: memberIdOf(brand, person), benefitId, idempotencyKey: `demo-use-${position}` };
    await done(useBenefit(asClient(demo, brand, "TILL", daysAgo), input, readNothing(demo)));
  }
}

async function loadMember(demo: Demo, brand: LoadedBrand, [key, daysAgo, growthValue, points]: DemoMember) {
  const { key: _, ...person } = personOf(key, demo.now);
  const random = seeded(externalIdOf(brand, key));
  const { channels: sources } = brand.content;
  const input = {
    ...person,
    externalId: externalIdOf(brand, key),
    sourceChannel: sources[Math.floor(random() * sources.length)] as string,
    // Most were asked about most channels, and most agreed.
    consents: channels.filter(() => random() < 0.8).map((channel) => ({ channel, granted: random() < 0.7 })),
    idempotencyKey: `demo-enrol-${key}`,
  };
  const enrolled = enrolMember(asClient(demo, brand, "STOREFRONT", daysAgo), input, readNothing(demo));
  const { memberId } = await done(enrolled);
  brand.memberIds[key] = memberId;

  const balances = [
    ["GROWTH_VALUE", growthValue],
    ["POINTS", points],
  ] as const;
  for (const [unit, amount] of balances) {
    if (amount === 0) continue;
    const context = asClient(demo, brand, "SERVICE", daysAgo / 2);
    const change = { memberId, unit, amount, reason: REASON, idempotencyKey: `demo-${unit}-${key}` };
    await done(adjustBalance(context, change, readNothing(demo)));
  }
}
