import { builder } from "../graphql/builder.ts";
import { FEW } from "../graphql/costs.ts";
import { Terms } from "../offers/graphql-terms.ts";
import { Coupon, couponReaders } from "./graphql.ts";
import { type CouponEvent, type CouponEventKind, historyOf } from "./history.ts";

/** How many of a coupon's changes its history shows, besides that it was issued. */
const MOST_CHANGES = 50;

const CouponEventKindEnum = builder.enumType("CouponEventKind", {
  description: "What happened to a coupon.",
  values: {
    ISSUED: { description: "It was given out." },
    CLAIMED: { description: "A member got it by its code, or by claiming its offer." },
    GIVEN: { description: "Its member gave it to another." },
    HELD: { description: "A checkout set it aside." },
    RELEASED: { description: "That checkout was cancelled, or its time was over." },
    REDEEMED: { description: "It was used on an order." },
    PARTLY_ROLLED_BACK: { description: "A part of its discount was undone; it stays used." },
    ROLLED_BACK: { description: "Its use was undone: it can be used again in its time." },
    REVOKED: { description: "The brand took it back." },
    EXPIRED: { description: "Its time passed." },
  } satisfies Record<CouponEventKind, { description: string }>,
});

const CouponEventType = builder.objectRef<CouponEvent>("CouponEvent").implement({
  description: "Something that happened to a coupon.",
  authScopes: { anyOf: couponReaders },
  fields: (t) => ({
    kind: t.expose("kind", { type: CouponEventKindEnum, description: "What." }),
    at: t.expose("at", { type: "DateTime", description: "When." }),
    memberId: t.exposeID("memberId", {
      nullable: true,
      authScopes: { anyOf: ["members:read"] },
      description: "Who has it since; of one that was given away, to whom.",
    }),
    redemptionId: t.exposeID("redemptionId", {
      nullable: true,
      description: "`rdm_…`: the use that it is about, where it is about one.",
    }),
    reference: t.exposeString("reference", {
      nullable: true,
      description:
        "The order, as who called named it; or why it was undone or taken back, which is not for the member.",
    }),
  }),
});

builder.drizzleObjectFields(Coupon, (t) => ({
  terms: t.field({
    type: Terms,
    description:
      "What it gives and when: what its offer said when it was issued. `offer.terms` is what the offer says now.",
    select: { with: { version: { columns: { terms: true } } } },
    resolve: ({ version }) => version.terms,
  }),
  history: t.field({
    type: [CouponEventType],
    complexity: FEW,
    description: `What happened to it, newest last: that it was issued, and its last ${MOST_CHANGES} changes. A member who was given it sees what happened since.`,
    select: {
      columns: { state: true, startsAt: true, expiresAt: true, heldUntil: true, issuedAt: true },
      with: { changes: { orderBy: { id: "desc" }, limit: MOST_CHANGES } },
    },
    resolve: (coupon, _args, { actor, now }) =>
      historyOf(coupon, coupon.changes, { now, readerId: actor?.memberId }),
  }),
}));
