import { type ClientKind, clients } from "../../schema/tables/clients.ts";
import { readPublicKeys } from "../access/public-keys.ts";
import { hashSecret, newSecret } from "../access/secrets.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { isRefusal, NotFound } from "../errors.ts";
import { faultOfTerms } from "./client-terms.ts";

export interface CreateClientInput {
  kind: ClientKind;
  name: string;
  scopes: string[];
  /** JSON text of a JWK set: the client then signs assertions and has no secret. */
  publicKeys?: string | null;
  identityProvider?: { issuer: string; audience: string; jwks: string; externalIdClaim: string } | null;
  allianceId?: string | null;
  jointCampaignIds?: string[] | null;
}

/** What is answered, but never kept. */
export interface CreatedClient {
  clientId: string;
  /** Null for a client that signs assertions. */
  clientSecret: string | null;
}

/**
 * Makes a client of the brand; its secret is in this answer and nowhere else. It takes no idempotency
 * key: only a hash is kept, so a repeated call could not show the secret again. A client whose answer
 * was lost is useless to everyone; revoke it and make another.
 *
 * Refuses with InvalidValue, ScopeNotHeld, and with NotFound for an alliance that the brand is not
 * active in or a campaign that it has no part in.
 */
export async function createClient<Row>(
  context: Context,
  input: CreateClientInput,
  read: Read<{ clientId: string }, Row>,
) {
  const { database, newId, now } = context;
  const actor = actorOf(context);
  const { brandId } = actor;
  const { kind, name, allianceId = null, identityProvider = null } = input;
  const campaignIds = [...new Set(input.jointCampaignIds)];
  const scopes = [...new Set(input.scopes)];

  const terms = { kind, scopes, allianceId, jointCampaignIds: campaignIds };
  const fault = faultOfTerms({ ...terms, hasIdentityProvider: identityProvider !== null }, actor);
  if (fault) return fault;
  const publicKeys = input.publicKeys == null ? null : await readPublicKeys(input.publicKeys, "publicKeys");
  if (isRefusal(publicKeys)) return publicKeys;
  const jwks = identityProvider && (await readPublicKeys(identityProvider.jwks, "identityProvider.jwks"));
  if (isRefusal(jwks)) return jwks;

  const clientSecret = publicKeys ? null : newSecret();
  const secrets = clientSecret ? [{ hash: await hashSecret(clientSecret), expiresAt: null }] : [];
  const committed = await commit(context, {
    name: "createClient",
    // Neither keys nor secret: what names the call is enough.
    input: { kind, name },
    load: () => [
      database.query.allianceBrands.findFirst({
        columns: { brandId: true },
        where: { allianceId: allianceId ?? "", brandId, state: "ACTIVE" },
      }),
      database.query.jointCampaigns.findMany({
        columns: { id: true },
        where: {
          allianceId: allianceId ?? "",
          id: { in: campaignIds },
          OR: [{ brandId }, { partners: { partnerBrandId: brandId } }],
        },
      }),
    ],
    decide: ([membership, campaigns]) => {
      if (allianceId && !membership) return NotFound({ id: allianceId });
      const unknown = campaignIds.find((id) => !campaigns.some((campaign) => campaign.id === id));
      if (unknown) return NotFound({ id: unknown });
      const clientId = newId("Client");
      return {
        outcome: { clientId },
        effects: [
          database.insert(clients).values({
            ...{ brandId, id: clientId, kind, name, scopes, secrets, publicKeys, allianceId },
            identityProvider: identityProvider && jwks && { ...identityProvider, jwks },
            jointCampaignIds: campaignIds.length > 0 ? campaignIds : null,
            createdAt: now,
          }),
        ],
        audit: [{ subjectId: clientId, detail: { ...terms, name } }],
      };
    },
    read,
  });
  return isRefusal(committed) ? committed : { ...committed, outcome: { ...committed.outcome, clientSecret } };
}
