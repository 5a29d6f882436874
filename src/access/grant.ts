import type { Actor } from "./actor.ts";
import { OAuthError } from "./oauth-error.ts";
import { isScope, type Scope, scopesFor } from "./scopes.ts";
import type { ClientRow, TokenRequest } from "./token-request.ts";

/** Whom a token will be for, and what its answer says besides. */
export interface Grant {
  actor: Actor;
  answer?: Record<string, string>;
}

/** RFC 6749 §4.4: a token for the client itself; a partner's is bound to its alliance. */
export function grantClientCredentials({ form }: TokenRequest, client: ClientRow): Grant {
  return {
    actor: {
      kind: client.kind,
      brandId: client.brandId,
      clientId: client.id,
      scopes: narrowScopes(form.get("scope"), scopesOf(client)),
      allianceId: client.allianceId ?? undefined,
      jointCampaignIds: client.jointCampaignIds ?? undefined,
    },
  };
}

/** What a client may do: what it was given, as far as its kind can still have it. */
export function scopesOf({ kind, scopes }: Pick<ClientRow, "kind" | "scopes">): Scope[] {
  const possible: readonly string[] = scopesFor(kind);
  return scopes.filter(isScope).filter((scope) => possible.includes(scope));
}

/**
 * The scopes of a token: those asked for, or all that can be had.
 *
 * @throws OAuthError invalid_scope for one that cannot be had, whether or not it exists.
 */
export function narrowScopes(asked: string | undefined, possible: readonly Scope[]): ReadonlySet<Scope> {
  const scopes = asked?.split(" ").filter((scope) => scope !== "") ?? possible;
  const narrowed = possible.filter((scope) => scopes.includes(scope));
  if (narrowed.length < new Set(scopes).size) {
    throw new OAuthError("invalid_scope", "This client was not given every scope that is asked for.");
  }
  return new Set(narrowed);
}
