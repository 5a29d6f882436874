import { actorOf, type Context } from "../context.ts";

/** A link of the member that the token belongs to, with its other direction; to load. */
export function ownLink(context: Context, jointMembershipId: string) {
  const { brandId, memberId = "" } = actorOf(context);
  return context.database.query.jointMemberships.findFirst({
    where: { brandId, id: jointMembershipId, memberId },
    with: { reverse: { columns: { id: true } }, member: { columns: { state: true, closedAt: true } } },
  });
}
