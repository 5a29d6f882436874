import { gt } from "drizzle-orm";
import { clients } from "../../schema/tables/clients.ts";
import type { Database } from "../database/client.ts";
import { CallerError } from "../errors.ts";
import type { Actor } from "./actor.ts";
import { ACCESS_TOKEN_SECONDS } from "./tokens.ts";

/** After this the list is read again behind an answer … */
const FRESH_MS = 25_000;
/** … and after this before one: a revoked client's tokens stop within the minute. */
const USABLE_MS = 55_000;

interface Revocations {
  clientIds: ReadonlySet<string>;
  readAt: number;
  /** When another request should read it again; moved on at once, so that only one does. */
  refreshAt: number;
}

/** The clients revoked within a token's life, as this isolate last read them, by database. */
const known = new Map<string, Revocations>();

/** What a request needs to ask which clients were revoked. */
export interface RevocationSource {
  /** Names the database, so that isolates that serve several keep them apart. */
  name: string;
  /** The request's own client. */
  database: Database;
  /** Another one, for what is read behind the answer. */
  openAnother: () => Database;
  /** Keeps work going after the answer. */
  background: (work: Promise<unknown>) => void;
}

/**
 * Refuses the tokens of a revoked client, at most a minute after its revocation. Only clients revoked
 * within the life of a token matter, so the list is short and one read serves all callers; it is
 * renewed behind the answers, so that hardly any request waits for it.
 *
 * @throws CallerError UNAUTHENTICATED
 */
export async function refuseRevoked(actor: Actor, source: RevocationSource, now: number): Promise<void> {
  const list = known.get(source.name);
  if (!list || now - list.readAt >= USABLE_MS || now < list.readAt) {
    await read(source.name, source.database, now);
  } else if (now >= list.refreshAt) {
    list.refreshAt = now + FRESH_MS;
    source.background(read(source.name, source.openAnother(), now).catch(() => undefined));
  }
  if (known.get(source.name)?.clientIds.has(actor.clientId)) {
    throw new CallerError("UNAUTHENTICATED", "The client of this access token was revoked.");
  }
}

async function read(name: string, database: Database, now: number): Promise<void> {
  const since = now - (ACCESS_TOKEN_SECONDS + 60) * 1_000;
  const rows = await database.select({ id: clients.id }).from(clients).where(gt(clients.revokedAt, since));
  known.set(name, { clientIds: new Set(rows.map(({ id }) => id)), readAt: now, refreshAt: now + FRESH_MS });
}

/** Makes this isolate read the list again, for a client that was revoked here. */
export function forgetRevocations(): void {
  known.clear();
}
