import type { IdentityProvider, ClientKind as Kind } from "../../schema/tables/clients.ts";
import { actorOf, hasScope } from "../context.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { listOf, opaqueText } from "../graphql/bounds.ts";
import { builder, pageOf } from "../graphql/builder.ts";
import { rowMutation } from "../graphql/mutation.ts";
import { registerNode, type Visible } from "../graphql/nodes.ts";
import { shortText } from "../texts.ts";
import { ScopeNotHeld } from "./client-terms.ts";
import { type CreatedClient, createClient } from "./create-client.ts";
import { revokeClient } from "./revoke-client.ts";
import { type RotatedSecret, rotateClientSecret } from "./rotate-client-secret.ts";

const jwksText = opaqueText(20_000);

const ClientKind = builder.enumType("ClientKind", {
  description: "What kind of system calls; it decides which scopes it can have.",
  values: {
    STOREFRONT: { description: "A shop front's server. It can obtain its members' own tokens." },
    PARTNER: { description: "For joint membership: bound to one alliance." },
    TILL: { description: "A shop's till: scans cards and redeems coupons." },
    OPERATOR: { description: "The membership team's own tools." },
    SERVICE: { description: "Another system of the brand's: orders, imports." },
  } satisfies Record<Kind, { description: string }>,
});

const IdentityProviderRef = builder.objectRef<IdentityProvider>("IdentityProvider").implement({
  description: "Whose tokens a storefront can exchange for its members' own.",
  authScopes: { anyOf: ["clients:manage"] },
  fields: (t) => ({
    issuer: t.exposeString("issuer", { description: "The `iss` of its tokens." }),
    audience: t.exposeString("audience", { description: "The `aud` of its tokens." }),
    externalIdClaim: t.exposeString("externalIdClaim", {
      description: "The claim that holds the member's external id.",
    }),
  }),
});

export const Client = builder.drizzleNode("clients", {
  name: "Client",
  description: "A system of the brand's that calls with tokens of its own, obtained at /oauth/token.",
  authScopes: { anyOf: ["clients:manage"] },
  id: { column: ({ id }) => id, description: "`cli_…`: also its OAuth client id." },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    kind: t.expose("kind", { type: ClientKind, description: "What kind of system it is." }),
    name: t.exposeString("name", { description: "What the operators call it." }),
    scopes: t.exposeStringList("scopes", { description: "What its tokens allow." }),
    hasPublicKeys: t.boolean({
      description: "Whether it authenticates with `private_key_jwt` instead of a secret.",
      select: { columns: { publicKeys: true } },
      resolve: ({ publicKeys }) => publicKeys !== null,
    }),
    identityProvider: t.expose("identityProvider", {
      type: IdentityProviderRef,
      nullable: true,
      description: "Storefronts only: whose tokens it can exchange.",
    }),
    allianceId: t.exposeID("allianceId", {
      nullable: true,
      description: "Partners only: the alliance that its tokens are bound to.",
    }),
    jointCampaignIds: t.expose("jointCampaignIds", {
      type: ["ID"],
      nullable: true,
      description: "Partners only: the joint campaigns its tokens are bound to; null is all it has part in.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was made." }),
    revokedAt: t.expose("revokedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was revoked; its tokens stop within a minute of it.",
    }),
  }),
});

const visible: Visible = (context) =>
  hasScope(context, "clients:manage") ? { brandId: actorOf(context).brandId } : null;

registerNode("Client", "clients", visible);

builder.queryField("clients", (t) =>
  t.drizzleConnection(
    {
      type: "clients",
      description: "The brand's clients, oldest first, with those that were revoked.",
      authScopes: { anyOf: ["clients:manage"] },
      resolve: (query, _root, _args, context) =>
        context.database.query.clients.findMany(
          query({ where: { brandId: actorOf(context).brandId }, orderBy: { id: "asc", brandId: "asc" } }),
        ),
    },
    ...pageOf("Client"),
  ),
);

const IdentityProviderInput = builder.inputType("IdentityProviderInput", {
  description: "Whose tokens a storefront can exchange for its members' own.",
  fields: (t) => ({
    issuer: t.string({ required: true, description: "The `iss` of its tokens.", validate: shortText }),
    audience: t.string({
      required: true,
      description: "The `aud` that its tokens have for this storefront.",
      validate: shortText,
    }),
    jwks: t.string({
      required: true,
      description: "Its public signature keys: the JSON text of a JWK set.",
      validate: jwksText,
    }),
    externalIdClaim: t.string({
      required: true,
      defaultValue: "sub",
      description: "The claim that holds the member's external id.",
      validate: shortText,
    }),
  }),
});

const clientRow = { row: "client", type: Client, table: "clients" } as const;

rowMutation("createClient", {
  description:
    "Makes a client of the brand, with a secret that is shown this once, or with public keys of its own.",
  scopes: ["clients:manage"],
  input: (t) => ({
    kind: t.field({ type: ClientKind, required: true, description: "What kind of system it is." }),
    name: t.string({ required: true, description: "What the operators call it.", validate: shortText }),
    scopes: t.stringList({
      required: true,
      description: "What its tokens allow: one or more of the scopes its kind can have.",
      validate: listOf(opaqueText(100), 100),
    }),
    publicKeys: t.string({
      description:
        "The JSON text of a JWK set with its public keys. It then authenticates with `private_key_jwt` and has no secret.",
      validate: jwksText,
    }),
    identityProvider: t.field({
      type: IdentityProviderInput,
      description: "STOREFRONT only: whose tokens it can exchange.",
    }),
    allianceId: t.id({ description: "PARTNER, and required there: the alliance it is bound to." }),
    jointCampaignIds: t.idList({
      description: "PARTNER only: the joint campaigns it is bound to; without them, all it has part in.",
      validate: listOf(opaqueText(100), 100),
    }),
  }),
  ...clientRow,
  rowDescription: "The new client.",
  fields: (t) => ({
    clientSecret: t.string({
      nullable: true,
      description: "Its secret, shown only now; null for a client with keys. Keep it like a password.",
      resolve: ({ outcome }) => (outcome as CreatedClient).clientSecret,
    }),
  }),
  refusals: [InvalidValue, ScopeNotHeld, NotFound],
  resolve: (input, context, read) => createClient(context, input, read),
});

rowMutation("rotateClientSecret", {
  description: "Gives a client a new secret. The old one lives on for a while, so that nothing stops.",
  scopes: ["clients:manage"],
  input: (t) => ({
    clientId: t.id({ required: true, description: "Which client." }),
    overlapHours: t.int({
      required: true,
      defaultValue: 24,
      description: "How long the old secret lives on, 0–168. With 0 it gets no more tokens at once.",
    }),
  }),
  ...clientRow,
  rowDescription: "The client.",
  fields: (t) => ({
    clientSecret: t.string({
      description: "The new secret, shown only now. Keep it like a password.",
      resolve: ({ outcome }) => (outcome as RotatedSecret).clientSecret,
    }),
  }),
  refusals: [NotFound, ScopeNotHeld, InvalidValue],
  resolve: (input, context, read) => rotateClientSecret(context, input, read),
});

rowMutation("revokeClient", {
  description: "Ends a client for good. Its tokens, and those it got for members, stop within a minute.",
  scopes: ["clients:manage"],
  input: (t) => ({ clientId: t.id({ required: true, description: "Which client." }) }),
  ...clientRow,
  rowDescription: "The client as it is now.",
  refusals: [NotFound],
  resolve: (input, context, read) => revokeClient(context, input, read),
});
