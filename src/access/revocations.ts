import { gt } from "drizzle-orm";
import { clients } from "../../schema/tables/clients.ts";
import type { Database } from "../database/client.ts";
import { CallerError } from "../errors.ts";
import type { Actor } from "./actor.ts";
import { ACCESS_TOKEN_SECONDS } from "./tokens.ts";

const FRESH_MS = 30_000;

/** The clients revoked within a token's life, as this isolate last read them, by database. */
const known = new Map<string, { clientIds: ReadonlySet<string>; readAt: number }>();

/**
 * Refuses the tokens of a revoked client, at most half a minute after its revocation. Only clients
 * revoked within the life of a token matter, so the list is short and one request serves all callers.
 *
 * @param source names the database, so that isolates that serve several keep them apart.
 * @throws CallerError UNAUTHENTICATED
 */
export async function refuseRevoked(
  actor: Actor,
  database: Database,
  source: string,
  now: number,
): Promise<void> {
  let list = known.get(source);
  if (!list || now - list.readAt >= FRESH_MS || now < list.readAt) {
    const since = now - (ACCESS_TOKEN_SECONDS + 60) * 1_000;
    const rows = await database.select({ id: clients.id }).from(clients).where(gt(clients.revokedAt, since));
    list = { clientIds: new Set(rows.map(({ id }) => id)), readAt: now };
    known.set(source, list);
  }
  if (list.clientIds.has(actor.clientId)) {
    throw new CallerError("UNAUTHENTICATED", "The client of this access token was revoked.");
  }
}

/** Makes this isolate read the list again, for a client that was revoked here. */
export function forgetRevocations(): void {
  known.clear();
}
