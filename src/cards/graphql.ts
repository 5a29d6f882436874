import { renderSVG } from "uqr";
import { openDataKey } from "../brands/data-key.ts";
import { Brand } from "../brands/graphql.ts";
import { opaqueText } from "../graphql/bounds.ts";
import { builder } from "../graphql/builder.ts";
import { rowMutation } from "../graphql/mutation.ts";
import { Member } from "../members/graphql.ts";
import { displayNameOf, openProfile } from "../members/profile.ts";
import { MemberClosed } from "../members/refusals.ts";
import { Tier } from "../tiers/graphql.ts";
import { signCardPayload } from "./card-payload.ts";
import { CardAlreadyScanned, CardExpired, CardForeign, CardMalformed } from "./refusals.ts";
import { scanCard } from "./scan-card.ts";

interface Card {
  brandId: string;
  memberId: string;
  isClosed: boolean;
  number: string;
  displayName: string | null;
  tier: typeof Tier.$inferType;
  brand: typeof Brand.$inferType;
}

interface Qr {
  payload: string;
  expiresAt: number;
}

const CardQr = builder.objectRef<Qr>("CardQr").implement({
  description: "What a till scans. It lives 60 seconds, is accepted once, and carries no personal data.",
  authScopes: { anyOf: ["members:token", "member:self"] },
  fields: (t) => ({
    payload: t.exposeString("payload", {
      description:
        "A compact JWS (ES256, `typ: card+jwt`), to be verified with `/.well-known/jwks.json` alone.",
    }),
    svg: t.string({
      description: "The payload as a QR code, an SVG to show as it is.",
      resolve: ({ payload }) => renderSVG(payload, { ecc: "L", border: 2 }),
    }),
    expiresAt: t.expose("expiresAt", { type: "DateTime", description: "Ask for another before." }),
  }),
});

const MemberCard = builder.objectRef<Card>("MemberCard").implement({
  description: "The electronic member card.",
  authScopes: { anyOf: ["members:read", "member:self", "cards:scan"] },
  fields: (t) => ({
    number: t.string({
      description: "16 digits in groups: what to show, or tell, when the phone is offline.",
      resolve: ({ number }) => number.replace(/(\d{4})(?=\d)/g, "$1 "),
    }),
    displayName: t.exposeString("displayName", {
      nullable: true,
      description: "The holder, as a screen in a shop may show it: `李*`, `Anna K.`",
    }),
    tier: t.expose("tier", { type: Tier, description: "The holder's tier, with its colour." }),
    brand: t.expose("brand", { type: Brand, description: "Whose card it is." }),
    qr: t.field({
      type: CardQr,
      nullable: true,
      authScopes: { anyOf: ["members:token", "member:self"] },
      description:
        "A new code; only the member's own app and the storefront get one. Null for a membership that was closed.",
      // A till that is offline believes whatever is signed.
      resolve: ({ brandId, memberId, isClosed }, _args, { environment, newId, now }) =>
        isClosed
          ? null
          : signCardPayload(
              environment.signingKeys,
              environment.issuer,
              { brandId, memberId, payloadId: newId("CardPayload") },
              now,
            ),
    }),
  }),
});

builder.drizzleObjectFields(Member, (t) => ({
  card: t.field({
    type: MemberCard,
    description: "The electronic member card.",
    select: (_args, _context, nestedSelection) => ({
      columns: { cardNumber: true, profile: true, state: true },
      with: {
        brand: nestedSelection({ columns: { id: true, wrappedDataKey: true } }, ["brand"]),
        tier: nestedSelection({ columns: { brandId: true, id: true } }, ["tier"]),
      },
    }),
    resolve: async (member, _args, { environment }) => {
      const { wrappedDataKey } = member.brand as unknown as { wrappedDataKey: string };
      const key = await openDataKey(environment.encryptionKeys, wrappedDataKey);
      const { name } = await openProfile(member, key);
      return {
        brandId: member.brandId,
        memberId: member.id,
        isClosed: member.state === "CLOSED",
        number: member.cardNumber,
        displayName: displayNameOf(name),
        tier: member.tier as never,
        brand: member.brand as never,
      };
    },
  }),
}));

rowMutation("scanCard", {
  description:
    "Accepts a member card at a till: the QR's payload once, or the static number of a phone that is offline.",
  scopes: ["cards:scan"],
  input: (t) => ({
    payload: t.string({
      required: true,
      description: "What the scanner read, or the 16 digits.",
      validate: opaqueText(2_000),
    }),
    idempotencyKey: t.string({
      description: "Yours: with it, a scan whose answer was lost may be sent again and is answered the same.",
      validate: opaqueText(100),
    }),
  }),
  row: "member",
  type: Member,
  table: "members",
  rowDescription: "Who it is: tier, entitlements and coupons, without personal data.",
  refusals: [CardMalformed, CardExpired, CardForeign, CardAlreadyScanned, MemberClosed],
  resolve: (input, context, read) => scanCard(context, input, read),
  fields: (t) => ({
    offline: t.boolean({
      description: "Whether it was the static number, which proves less than a fresh code.",
      resolve: ({ outcome }) => outcome.offline,
    }),
  }),
});
