import { NotFound, type Refusal } from "../errors.ts";
import { whyNotAnother } from "../offers/issuing.ts";

export interface ShareOutFacts {
  /** The joint members to whom coupons may be issued, of the campaign's owner. */
  reachable: readonly { id: string; memberId: string }[];
  /** How many coupons of the offer a member has; none when missing. */
  holdings: readonly { memberId: string | null; held: number }[];
  /** How many one member can have; null is without limit. */
  perMemberLimit: number | null;
}

export interface Shares {
  holders: { jointMemberId: string; memberId: string }[];
  /** In the words of the partner, who knows members by pseudonym only. */
  refused: { jointMemberId: string; refusal: Refusal }[];
}

/** Which of the joint members that a partner names get a coupon, and why the others do not. */
export function shareOut(
  jointMemberIds: readonly string[],
  { reachable, holdings, perMemberLimit }: ShareOutFacts,
): Shares {
  const members = new Map(reachable.map(({ id, memberId }) => [id, memberId]));
  const held = new Map(holdings.map((holding) => [holding.memberId, holding.held]));
  const shares: Shares = { holders: [], refused: [] };
  for (const jointMemberId of new Set(jointMemberIds)) {
    const memberId = members.get(jointMemberId);
    if (memberId === undefined) {
      shares.refused.push({ jointMemberId, refusal: NotFound({ id: jointMemberId }) });
      continue;
    }
    const refusal = whyNotAnother({ perMemberLimit }, jointMemberId, held.get(memberId) ?? 0);
    if (refusal) shares.refused.push({ jointMemberId, refusal });
    else shares.holders.push({ jointMemberId, memberId });
  }
  return shares;
}
