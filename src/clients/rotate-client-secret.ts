import { and, eq, isNull } from "drizzle-orm";
import { type ClientSecret, clients } from "../../schema/tables/clients.ts";
import { hashSecret, newSecret } from "../access/secrets.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { InvalidValue, isRefusal, NotFound, type Refusal } from "../errors.ts";
import { faultOfGrant } from "./client-terms.ts";

const MAX_OVERLAP_HOURS = 168;
/** Each token request tries them all. */
const MAX_LIVE_SECRETS = 5;

export interface RotateClientSecretInput {
  clientId: string;
  overlapHours: number;
}

/** What is answered, but never kept. */
export interface RotatedSecret {
  clientId: string;
  clientSecret: string;
}

/**
 * Gives a client a new secret; the old ones live on for the overlap, or end at once with 0 hours.
 * It takes no idempotency key, as only a hash is kept: when the answer was lost, rotate again.
 *
 * Refuses with NotFound, also for a client that was revoked, with InvalidValue, and with ScopeNotHeld.
 */
export async function rotateClientSecret<Row>(
  context: Context,
  input: RotateClientSecretInput,
  read: Read<{ clientId: string }, Row>,
) {
  const { database, now } = context;
  const actor = actorOf(context);
  const { brandId } = actor;
  const { clientId, overlapHours } = input;
  const clientSecret = newSecret();
  const added = { hash: await hashSecret(clientSecret), expiresAt: null };
  const committed = await commit(context, {
    name: "rotateClientSecret",
    input,
    load: () => [
      database.query.clients.findFirst({
        columns: { scopes: true, secrets: true, publicKeys: true },
        where: { brandId, id: clientId, revokedAt: { isNull: true } },
      }),
    ],
    decide: ([client]) => {
      if (!client) return NotFound({ id: clientId });
      const secrets = [added, ...secretsLeft(client.secrets, overlapHours, now)];
      const fault =
        faultOfRotation(client, overlapHours, secrets.length) ?? faultOfGrant(client.scopes, actor);
      if (fault) return fault;
      return {
        outcome: { clientId },
        effects: [
          database
            .update(clients)
            .set({ secrets })
            .where(
              and(
                eq(clients.brandId, brandId),
                eq(clients.id, clientId),
                // Two rotations at once must not lose one's secret.
                eq(clients.secrets, client.secrets),
                isNull(clients.revokedAt),
              ),
            ),
          mustChange(database),
        ],
        audit: [{ subjectId: clientId, detail: { overlapHours } }],
      };
    },
    read,
  });
  return isRefusal(committed) ? committed : { ...committed, outcome: { ...committed.outcome, clientSecret } };
}

/** The old secrets that live on, none longer than the overlap from now. */
function secretsLeft(secrets: readonly ClientSecret[], overlapHours: number, now: number): ClientSecret[] {
  const end = now + overlapHours * 3_600_000;
  return secrets
    .map(({ hash, expiresAt }) => ({ hash, expiresAt: Math.min(expiresAt ?? end, end) }))
    .filter(({ expiresAt }) => expiresAt > now);
}

function faultOfRotation(
  { publicKeys }: { publicKeys: unknown },
  overlapHours: number,
  count: number,
): Refusal | undefined {
  if (publicKeys !== null) {
    return InvalidValue({ field: "clientId", reason: "must be a client with a secret; this one has keys" });
  }
  if (overlapHours < 0 || overlapHours > MAX_OVERLAP_HOURS) {
    return InvalidValue({ field: "overlapHours", reason: `must lie between 0 and ${MAX_OVERLAP_HOURS}` });
  }
  return count > MAX_LIVE_SECRETS
    ? InvalidValue({
        field: "overlapHours",
        reason: `must be 0, which ends the old secrets: at most ${MAX_LIVE_SECRETS} can live at once`,
      })
    : undefined;
}
