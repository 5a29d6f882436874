import { sql } from "drizzle-orm";
import { seldom } from "../database/seldom.ts";
import { builder } from "../graphql/builder.ts";
import { Member } from "../members/graphql.ts";
import { Coupon } from "./graphql.ts";

const CouponEdge = builder.edgeObject({
  name: "CouponEdge",
  type: Coupon,
  description: "A coupon in a list, with the cursor to go on from.",
});

const CouponConnection = builder.connectionObject(
  { name: "CouponConnection", type: Coupon, description: "A page of coupons." },
  CouponEdge,
);

const soonestFirst = { expiryOrder: "asc", id: "asc" } as const;

/** Nothing happened to it, or what held it has no more time. */
const free = (now: number) => ({
  OR: [{ state: "AVAILABLE" as const }, { state: "HELD" as const, heldUntil: { lte: now } }],
});
/** Open at the start, or begun; open at the end, or not over. */
const begun = (now: number) => ({
  OR: [{ startsAt: { isNull: true as const } }, { startsAt: { lte: now } }],
});
const notOver = (now: number) => ({
  OR: [{ expiresAt: { isNull: true as const } }, { expiresAt: { gt: now } }],
});

builder.drizzleObjectFields(Member, (t) => ({
  availableCoupons: t.relatedConnection(
    "availableCoupons",
    {
      description: "The coupons that can be used now, those that expire first at the front.",
      query: (_args, { now }) => ({
        where: { AND: [free(now), begun(now), notOver(now)] },
        orderBy: soonestFirst,
      }),
    },
    CouponConnection,
    CouponEdge,
  ),
  upcomingCoupons: t.relatedConnection(
    "upcomingCoupons",
    {
      description: "The coupons whose time has not come, those that expire first at the front.",
      query: (_args, { now }) => ({
        where: { startsAt: { gt: now }, AND: [free(now), notOver(now)] },
        orderBy: soonestFirst,
      }),
    },
    CouponConnection,
    CouponEdge,
  ),
  heldCoupons: t.relatedConnection(
    "heldCoupons",
    {
      description: "The coupons that checkouts hold now, those that expire first at the front.",
      query: (_args, { now }) => ({
        where: { state: "HELD", heldUntil: { gt: now } },
        orderBy: soonestFirst,
      }),
    },
    CouponConnection,
    CouponEdge,
  ),
  redeemedCoupons: t.relatedConnection(
    "redeemedCoupons",
    {
      description: "The coupons that were used, newest first.",
      query: {
        where: { RAW: ({ state }) => seldom(sql`${state} = 'REDEEMED'`) },
        orderBy: { id: "desc" },
      },
    },
    CouponConnection,
    CouponEdge,
  ),
  revokedCoupons: t.relatedConnection(
    "revokedCoupons",
    {
      description: "The coupons that the brand took back, newest first.",
      query: {
        where: { RAW: ({ state }) => seldom(sql`${state} = 'REVOKED'`) },
        orderBy: { id: "desc" },
      },
    },
    CouponConnection,
    CouponEdge,
  ),
  expiredCoupons: t.relatedConnection(
    "expiredCoupons",
    {
      description: "The coupons that were not used in their time, newest first.",
      query: (_args, { now }) => ({
        where: {
          ...{ state: { in: ["AVAILABLE", "HELD"] }, AND: [free(now)] },
          RAW: ({ expiryOrder }) => seldom(sql`${expiryOrder} <= ${now}`),
        },
        orderBy: { id: "desc" },
      }),
    },
    CouponConnection,
    CouponEdge,
  ),
}));
