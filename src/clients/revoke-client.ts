import { and, eq, isNull } from "drizzle-orm";
import { clients } from "../../schema/tables/clients.ts";
import { forgetRevocations } from "../access/revocations.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";

/**
 * Ends a client for good: it gets no more tokens, and those it has, or got for members, are refused here
 * at once and everywhere within a minute. One that is revoked already stays as it is.
 */
export async function revokeClient<Row>(
  context: Context,
  input: { clientId: string },
  read: Read<{ clientId: string }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { clientId } = input;
  const committed = await commit(context, {
    name: "revokeClient",
    input,
    load: () => [
      database.query.clients.findFirst({ columns: { revokedAt: true }, where: { brandId, id: clientId } }),
    ],
    decide: ([client]) => {
      if (!client) return NotFound({ id: clientId });
      if (client.revokedAt !== null) return { outcome: { clientId }, effects: [], audit: [] };
      return {
        outcome: { clientId },
        effects: [
          database
            .update(clients)
            .set({ revokedAt: now })
            .where(and(eq(clients.brandId, brandId), eq(clients.id, clientId), isNull(clients.revokedAt))),
          mustChange(database),
        ],
        audit: [{ subjectId: clientId }],
      };
    },
    read,
  });
  forgetRevocations();
  return committed;
}
