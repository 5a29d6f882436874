import { Brand } from "../brands/graphql.ts";
import { formatCode, parseCode } from "../codes/code.ts";
import { builder } from "../graphql/builder.ts";
import { FEW } from "../graphql/costs.ts";
import { registerNode, type Visible } from "../graphql/nodes.ts";
import { Member } from "../members/graphql.ts";
import { shortText } from "../texts.ts";
import { type CouponStatus, statusOf } from "./redeemable.ts";

export const couponReaders = [
  ...(["program:read", "program:write", "members:read", "member:self", "cards:scan"] as const),
  ...(["coupons:issue", "coupons:claim", "coupons:redeem", "coupons:revoke", "joint:issue"] as const),
  "checkouts:write",
] as const;

export const CouponStatusEnum = builder.enumType("CouponStatus", {
  description: "Where a coupon is in its life.",
  values: {
    UPCOMING: { description: "Its time has not come." },
    AVAILABLE: {
      description: "Can be used by the member who holds it; without one, it is to be claimed first.",
    },
    HELD: { description: "A checkout holds it, for a time." },
    REDEEMED: { description: "Was used." },
    EXPIRED: { description: "Was not used in its time." },
    REVOKED: { description: "Taken back by the brand." },
  } satisfies Record<CouponStatus, { description: string }>,
});

builder.drizzleObject("redemptions", {
  name: "Redemption",
  description: "One use of a coupon on an order.",
  authScopes: { anyOf: ["members:read", "member:self", "coupons:redeem"] },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    id: t.exposeID("id", { description: "`rdm_…`; rolling it back needs it." }),
    orderReference: t.exposeString("orderReference", { description: "The order, as the caller named it." }),
    orderAmountMinor: t.expose("orderAmountMinor", {
      type: "SafeInt",
      description: "The order's amount before the discount.",
    }),
    discountMinor: t.expose("discountMinor", { type: "SafeInt", description: "The discount given." }),
    rolledBackMinor: t.expose("rolledBackMinor", {
      type: "SafeInt",
      description: "How much of the discount was undone, in parts or as a whole.",
    }),
    channel: t.exposeString("channel", { nullable: true, description: "Where it was bought, if told." }),
    store: t.exposeString("store", { nullable: true, description: "In which store, if told." }),
    currency: t.exposeString("currency", { description: "ISO 4217." }),
    redeemedAt: t.expose("redeemedAt", { type: "DateTime", description: "When." }),
    rolledBackAt: t.expose("rolledBackAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was undone.",
    }),
    rollbackReason: t.exposeString("rollbackReason", {
      nullable: true,
      authScopes: { anyOf: ["members:read", "coupons:redeem"] },
      description: "Why it was undone, for the brand's own record; not for the member.",
    }),
  }),
});

export const Coupon = builder.drizzleNode("coupons", {
  name: "Coupon",
  description: "One code of an offer, held by a member or not yet claimed.",
  authScopes: { anyOf: couponReaders },
  id: { column: ({ id }) => id, description: "`cpn_…`" },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    code: t.string({
      description: "What a person shows or types: `K7QM-2X9D-PB4R-TW30`.",
      select: { columns: { code: true } },
      resolve: ({ code }) => formatCode(code),
    }),
    status: t.field({
      type: CouponStatusEnum,
      description: "Where it is in its life now.",
      select: { columns: { state: true, startsAt: true, expiresAt: true, heldUntil: true } },
      resolve: (coupon, _args, { now }) => statusOf(coupon, now),
    }),
    issuedAt: t.expose("issuedAt", { type: "DateTime", description: "When it was given out." }),
    claimedAt: t.expose("claimedAt", {
      type: "DateTime",
      nullable: true,
      description: "When a member got it.",
    }),
    startsAt: t.expose("startsAt", {
      type: "DateTime",
      nullable: true,
      description: "Cannot be used before.",
    }),
    expiresAt: t.expose("expiresAt", {
      type: "DateTime",
      nullable: true,
      description: "Cannot be used from then on.",
    }),
    offer: t.relation("offer", { description: "Its terms." }),
    member: t.relation("member", {
      type: Member,
      nullable: true,
      // A code alone does not show a till who holds it: the member's card does.
      authScopes: { anyOf: ["members:read", "member:self"] },
      description: "Who holds it; null until it is claimed.",
    }),
    issuedBy: t.relation("issuedBy", {
      type: Brand,
      description: "The brand that gave it out: a partner's, in a joint campaign.",
    }),
    redemptions: t.relation("redemptions", {
      description: "Its uses, newest first; all but the newest were rolled back.",
      complexity: FEW,
      // Whoever had it before is not its member's to know.
      query: (_args, { actor }) => ({
        ...(actor?.memberId ? { where: { memberId: actor.memberId } } : {}),
        orderBy: { redeemedAt: "desc" as const },
        limit: 20,
      }),
    }),
  }),
});

/** What a mutation that answers a coupon says of it. */
export const couponRow = { row: "coupon", type: Coupon, table: "coupons" } as const;

const visibleCoupons: Visible = (context) => {
  const { actor } = context;
  if (!actor || actor.kind === "PARTNER") return null;
  return actor.memberId
    ? { brandId: actor.brandId, memberId: actor.memberId, member: { state: "ACTIVE" } }
    : { brandId: actor.brandId };
};

registerNode("Coupon", "coupons", visibleCoupons);

builder.queryFields((t) => ({
  coupon: t.drizzleField({
    type: Coupon,
    nullable: true,
    description:
      "The coupon with this code; null when the brand has none, or the code was mistyped, or it is one of a batch that nobody has touched: `evaluateCart` tells what such a code gives, `claimCoupon` makes it a coupon.",
    authScopes: { anyOf: ["coupons:redeem", "member:self"] },
    args: {
      code: t.arg.string({ required: true, description: "As typed, in any case.", validate: shortText }),
    },
    resolve: async (query, _root, { code: typed }, context) => {
      const code = parseCode(typed);
      // A mistyped code is told from its letters; nobody need ask the database.
      if (code === undefined) return null;
      const visible = visibleCoupons(context) ?? { id: "" };
      return context.database.query.coupons.findFirst(query({ where: { AND: [visible, { code }] } }));
    },
  }),
}));
