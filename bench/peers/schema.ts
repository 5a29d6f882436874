/** The part of the API that is measured, as Apollo and Mercurius serve it: plain SDL and resolvers. */
import { type Client, createClient } from "@libsql/client/http";
import type { Actor } from "../../src/access/actor.ts";
import { verifyAccessToken } from "../../src/access/tokens.ts";
import { type Bindings, type Environment, readEnvironment } from "../../src/environment.ts";
import { type Redemption, redeem, redeemedOf, selectView, viewOf } from "../support/by-hand.ts";
import { type Loaders, loadersFor, memberByLoaders } from "./loaders.ts";

export const typeDefs = `
  scalar DateTime
  type Query { me: Member }
  type Mutation { redeemCoupon(input: RedeemCouponInput!): RedeemCouponResult! }
  type Member {
    id: ID!
    externalId: String!
    points: Int!
    tier: Tier!
    tierProgress: TierProgress!
    entitlements: [Entitlement!]!
    availableCoupons(first: Int): CouponConnection!
    card: MemberCard!
  }
  type Tier { name: String! rank: Int! color: String! }
  type TierProgress { growthValue: Int! missing: Int next: Tier }
  type Entitlement { usable: Boolean! used: Int! left: Int benefit: Benefit! }
  type Benefit { kind: String! name: String! quota: Int }
  type CouponConnection { nodes: [Coupon!]! }
  type Coupon { id: ID! code: String! status: String! expiresAt: DateTime offer: Offer! }
  type Offer { title: String! }
  type MemberCard { number: String! displayName: String }
  input RedeemCouponInput {
    code: String!
    memberId: ID
    orderReference: String!
    orderAmountMinor: Int!
    currency: String!
    idempotencyKey: String!
  }
  union RedeemCouponResult = RedeemCouponPayload | CouponNotRedeemable
  interface Refusal { code: String! message: String! }
  type CouponNotRedeemable implements Refusal { code: String! message: String! }
  type RedeemCouponPayload {
    redemptionId: ID!
    discountMinor: Int!
    payableMinor: Int!
    coupon: Coupon!
  }
`;

export interface Context {
  environment: Environment;
  client: Client;
  actor: Actor;
  now: number;
  loaders: Loaders;
}

const environment = await readEnvironment(process.env as unknown as Bindings);
const client = createClient({ url: environment.database.url });

/** What each operation is given; the token is verified once, then remembered, as Tessera does. */
export async function contextFor(authorization: string | undefined): Promise<Context> {
  const now = Date.now();
  const actor = await verifyAccessToken(environment, authorization?.slice("Bearer ".length) ?? "", now);
  return { environment, client, actor, now, loaders: loadersFor(client, actor.brandId, now) };
}

async function meByOneSql(_root: unknown, _args: unknown, { environment, client, actor, now }: Context) {
  const { rows } = await client.execute(selectView(actor.brandId, actor.memberId ?? "", now));
  const [row] = rows;
  return row ? viewOf(row, environment.encryptionKeys) : null;
}

async function redeemCoupon(
  _root: unknown,
  { input }: { input: Redemption },
  { client, actor, now }: Context,
) {
  const id = crypto.randomUUID();
  try {
    const results = await client.batch(redeem(actor.brandId, id, input, now), "write");
    return { __typename: "RedeemCouponPayload", ...redeemedOf(results.at(-1)?.rows[0], id, input) };
  } catch (error) {
    if (!/guard\.must_hold|UNIQUE/.test(String(error))) throw error;
    return {
      __typename: "CouponNotRedeemable",
      code: "COUPON_NOT_REDEEMABLE",
      message: "It cannot be used.",
    };
  }
}

export const resolvers =
  process.env.READING === "loaders"
    ? { ...memberByLoaders, Mutation: { redeemCoupon } }
    : { Query: { me: meByOneSql }, Mutation: { redeemCoupon } };
