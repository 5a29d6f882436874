import { index, primaryKey, snakeCase, text, unique } from "drizzle-orm/sqlite-core";
import { brands } from "./brands.ts";
import { json, moment } from "./columns.ts";

export const clientKinds = ["STOREFRONT", "PARTNER", "TILL", "OPERATOR", "SERVICE"] as const;
export type ClientKind = (typeof clientKinds)[number];

/** A secret as it is stored; during a rotation the old one lives until `expiresAt`. */
export interface ClientSecret {
  hash: string;
  expiresAt: number | null;
}

/** Whose tokens a storefront client may exchange for a member token. */
export interface IdentityProvider {
  issuer: string;
  audience: string;
  /** The provider's public keys. */
  jwks: { keys: Record<string, unknown>[] };
  /** The claim that holds the member's external id. */
  externalIdClaim: string;
}

/** An OAuth client: a system that calls with a token of its own. */
export const clients = snakeCase.table(
  "clients",
  {
    brandId: text()
      .notNull()
      .references(() => brands.id),
    id: text().notNull(),
    kind: text({ enum: clientKinds }).notNull(),
    name: text().notNull(),
    scopes: json<string[]>().notNull(),
    secrets: json<ClientSecret[]>().notNull(),
    /** For private_key_jwt. */
    publicKeys: json<{ keys: Record<string, unknown>[] }>(),
    identityProvider: json<IdentityProvider>(),
    /** Partners only: the alliance, and if given the joint campaigns, that its tokens are bound to. */
    allianceId: text(),
    jointCampaignIds: json<string[]>(),
    createdAt: moment().notNull(),
    revokedAt: moment(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.id] }),
    unique("client_id").on(t.id),
    index("clients_by_revocation").on(t.revokedAt),
  ],
);
