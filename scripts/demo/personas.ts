import { sql } from "drizzle-orm";
import type { ClientKind } from "../../schema/tables/clients.ts";
import type { Actor } from "../../src/access/actor.ts";
import { scopesOf } from "../../src/access/grant.ts";
import { scopesFor } from "../../src/access/scopes.ts";
import { issueAccessToken } from "../../src/access/tokens.ts";
import { formatCode } from "../../src/codes/code.ts";
import type { Database } from "../../src/database/client.ts";
import type { Environment } from "../../src/environment.ts";
import { cinema } from "./cinema.ts";
import { coffee } from "./coffee.ts";
import type { DemoBrand } from "./content.ts";
import { clientIdOf, secretOf } from "./demo.ts";
import type { Persona } from "./load.ts";
import { personOf } from "./people.ts";

const MEMBER_VIEW = `{ me {
  displayName points
  tier { name color } tierProgress { growthValue missing next { name } }
  entitlements { benefit { kind name } usable left renewsAt usableFrom usableUntil }
  tierForecast { description } pointsHistory(first: 5) { nodes { points description } }
  availableCoupons { nodes { code expiresAt offer { title } issuedBy { name } } }
  upcomingCoupons { nodes { startsAt offer { title } } }
  redeemedCoupons { nodes { offer { title } redemptions { redeemedAt discountMinor } } }
  expiredCoupons { nodes { expiresAt offer { title } } }
  jointMemberships { partner { name } recognisedTier { name } consent { categories purposes expiresAt } }
  card { number displayName tier { name color } qr { payload expiresAt } }
} }`;

const MEMBER_BY_PHONE = `query ($phone: String!) { member(by: { phone: $phone }) {
  id profile { name birthday region } tier { name } points
  entitlements { benefit { name } usable left }
  availableCoupons { nodes { code offer { title } } }
} }`;

const JOINT_MEMBERS = `{
  jointMembers(first: 10) { nodes { id displayName brand { name } tier { name } level recognisedTier { name } } }
  jointCampaigns { nodes { id name state owner { name } partners { quota issuedCount } } }
}`;

const REDEEM = `mutation ($input: RedeemCouponInput!) { redeemCoupon(input: $input) {
  ... on RedeemCouponPayload { discountMinor payableMinor coupon { status offer { title } } }
  ... on Refusal { code message }
  ... on MinimumSpendNotMet { missingMinor }
} }`;

const OFFERS = `{ offers(first: 20) { nodes {
  id title state issuedCount issueLimit perMemberLimit
  terms { percentageBasisPoints amountOffMinor minimumSpendMinor maximumDiscountMinor startsAt endsAt validDaysAfterClaim }
} } }`;

/** As it is pasted. */
const oneLine = (query: string): string => query.replace(/\s+/g, " ");

/** Who can be tried, each with a fresh token and something worth asking. */
export async function findPersonas(
  database: Database,
  environment: Environment,
  now: number,
): Promise<Persona[]> {
  const lin = personOf("lin", now);
  const linAtTheShop = `${coffee.key}-${lin.key}`;
  const [member, code] = await findMember(database, linAtTheShop, now);
  const clientWith = (id: string) => ({ id, secret: secretOf(id) });
  const client = async (content: DemoBrand, kind: ClientKind, who: string, request: Persona["request"]) => {
    const id = clientIdOf(content.key, kind);
    const token = await issueAccessToken(environment, await findActor(database, id), now);
    return {
      ...{ who, brand: content.name.en as string, kind, token },
      request: { ...request, query: oneLine(request.query) },
      renewal: { client: clientWith(id), grant: { grant_type: "client_credentials" } },
    };
  };
  const order = { orderReference: "TILL-1-0001", orderAmountMinor: 12_800, currency: "CNY" };
  return [
    {
      who: "Lin, a gold member",
      brand: coffee.name.en as string,
      kind: "MEMBER",
      token: await issueAccessToken(environment, member, now),
      renewal: {
        client: clientWith(clientIdOf(coffee.key, "STOREFRONT")),
        grant: {
          grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
          subject_token: linAtTheShop,
          subject_token_type: "urn:tessera:token-type:external-id",
        },
      },
      request: { query: oneLine(MEMBER_VIEW) },
    },
    await client(coffee, "STOREFRONT", "The online shop", {
      query: MEMBER_BY_PHONE,
      variables: { phone: lin.phone },
    }),
    await client(coffee, "TILL", "A till", {
      query: REDEEM,
      variables: { input: { code, ...order, idempotencyKey: `try-${code}` } },
    }),
    await client(coffee, "OPERATOR", "The membership team", { query: OFFERS }),
    await client(cinema, "PARTNER", "The cinema, as the coffee chain's ally", { query: JOINT_MEMBERS }),
  ];
}

/** The member as an actor, and the code of a coupon that it can use now; none when all are used. */
async function findMember(
  database: Database,
  externalId: string,
  now: number,
): Promise<[actor: Actor, code: string]> {
  const found = await database.query.members.findFirst({
    columns: { id: true, brandId: true },
    where: {
      externalId,
      // Written out, so that the index of active members' names answers it.
      RAW: ({ brandId, state }) =>
        sql`${brandId} = (select b.id from brands b where b.slug = ${coffee.slug}) and ${state} = 'ACTIVE'`,
    },
    with: {
      coupons: {
        columns: { code: true },
        where: {
          state: "AVAILABLE",
          AND: [
            { OR: [{ startsAt: { isNull: true } }, { startsAt: { lte: now } }] },
            { OR: [{ expiresAt: { isNull: true } }, { expiresAt: { gt: now } }] },
          ],
        },
        orderBy: { expiryOrder: "asc", id: "asc" },
        limit: 1,
      },
    },
  });
  if (!found) throw new Error(`The demo's member ${externalId} is not there. Load it anew: npm run demo`);
  const actor: Actor = {
    ...{ kind: "MEMBER", brandId: found.brandId, memberId: found.id },
    clientId: clientIdOf(coffee.key, "STOREFRONT"),
    scopes: new Set(scopesFor("MEMBER")),
  };
  return [actor, formatCode(found.coupons[0]?.code ?? "")];
}

async function findActor(database: Database, id: string): Promise<Actor> {
  const client = await database.query.clients.findFirst({ where: { id } });
  if (!client) throw new Error(`The demo's client ${id} is not there. Load it anew: npm run demo`);
  const { kind, brandId, allianceId } = client;
  return {
    ...{ kind, brandId, clientId: id, scopes: new Set(scopesOf(client)) },
    allianceId: allianceId ?? undefined,
  };
}
