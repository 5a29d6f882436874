import { openDataKey } from "../brands/data-key.ts";
import type { Context } from "../context.ts";
import { openProfile } from "../members/profile.ts";
import { daysFromBirthday } from "./birthday.ts";
import type { Buyer } from "./cart.ts";

type MemberRow = Omit<Buyer, "memberId" | "tierId" | "tierRank" | "paidOrders" | "daysFromBirthday"> &
  Parameters<typeof openProfile>[0] & { id: string; tier: { id: string; rank: number } };

/** A member as offers ask for one, at a moment; the birthday is opened only where an offer asks for it. */
export async function buyerOf(
  { environment }: Pick<Context, "environment">,
  { wrappedDataKey, timeZone }: { wrappedDataKey: string; timeZone: string },
  member: MemberRow,
  { at, paidOrders, asksForBirthday }: { at: number; paidOrders: number; asksForBirthday: boolean },
): Promise<Buyer> {
  const { id: memberId, tier, enrolledAt } = member;
  const buyer = { memberId, tierId: tier.id, tierRank: tier.rank, enrolledAt, paidOrders };
  if (!asksForBirthday) return { ...buyer, daysFromBirthday: null };
  const key = await openDataKey(environment.encryptionKeys, wrappedDataKey);
  const { birthday } = await openProfile(member, key);
  return { ...buyer, daysFromBirthday: birthday ? daysFromBirthday(birthday, at, timeZone) : null };
}
