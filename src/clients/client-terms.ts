import type { ClientKind } from "../../schema/tables/clients.ts";
import type { Actor } from "../access/actor.ts";
import { isScope, type Scope, scopesFor } from "../access/scopes.ts";
import { InvalidValue, type Refusal, refusalType } from "../errors.ts";

export const ScopeNotHeld = refusalType(
  "ScopeNotHeld",
  "An operator cannot give, or take over, a scope that its own token does not carry.",
  {
    en: "Your own token does not carry {scope}, so you cannot hand it out.",
    "zh-CN": "您自己的令牌没有 {scope} 权限,因此不能授予它。",
  },
  { scope: ["String", "The scope."] },
);

/** What a client may be given, as far as it can be judged without the database. */
interface ClientTerms {
  kind: ClientKind;
  scopes: readonly string[];
  allianceId: string | null;
  jointCampaignIds: readonly string[];
  hasIdentityProvider: boolean;
}

/** Why a client cannot be made on these terms: each kind has its scopes, and what only it is given. */
export function faultOfTerms(terms: ClientTerms, creator: Actor): Refusal | undefined {
  const { kind, scopes, allianceId, jointCampaignIds, hasIdentityProvider } = terms;
  const possible: readonly string[] = scopesFor(kind);
  if (scopes.length === 0 || scopes.some((scope) => !possible.includes(scope))) {
    return InvalidValue({
      field: "scopes",
      reason: `must be one or more of what a ${kind} client can have: ${possible.join(", ")}`,
    });
  }
  if (kind === "PARTNER" && !allianceId) {
    return InvalidValue({ field: "allianceId", reason: "must say which alliance a PARTNER client is for" });
  }
  if (kind !== "PARTNER" && (allianceId || jointCampaignIds.length > 0)) {
    return InvalidValue({ field: "allianceId", reason: "is for PARTNER clients only, as are campaigns" });
  }
  if (kind !== "STOREFRONT" && hasIdentityProvider) {
    return InvalidValue({ field: "identityProvider", reason: "is for STOREFRONT clients only" });
  }
  return faultOfGrant(scopes, creator);
}

/** What scopes that no operator has are worth: who gives one must hold these. */
const worth: Partial<Record<Scope, readonly Scope[]>> = {
  // A member's own token reads and changes everything of the member.
  "members:token": ["members:read", "members:personal", "members:write"],
  "cards:scan": ["members:read"],
  "joint:recognise": ["alliances:manage"],
  "joint:issue": ["alliances:manage"],
};

/**
 * Why an operator cannot have a client with these scopes in its hands: otherwise `clients:manage` alone
 * would be worth all that an operator can be given.
 */
export function faultOfGrant(scopes: readonly string[], { scopes: held }: Actor): Refusal | undefined {
  const needed = scopes.filter(isScope).flatMap((scope) => worth[scope] ?? [scope]);
  const missing = needed.find((scope) => !held.has(scope));
  return missing && ScopeNotHeld({ scope: missing });
}
