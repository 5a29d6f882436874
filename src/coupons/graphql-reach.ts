import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import type { offers as offersTable } from "../../schema/tables/offers.ts";
import { builder } from "../graphql/builder.ts";
import { Member } from "../members/graphql.ts";
import { Offer } from "../offers/graphql.ts";
import { isInGrace } from "../points/expiry.ts";
import { balances, expiredPoints, spendable } from "../points/graphql.ts";
import { policyOf } from "../points/policy.ts";
import { Tier } from "../tiers/graphql.ts";
import { type InReach, MOST_IN_REACH, offersInReach, SOON_MS } from "./reach.ts";

const readers = ["members:read", "member:self"] as const;

/** What of a brand's offers is looked at. */
const MOST_OFFERS = 100;

type Shape = Omit<InReach<typeof Offer.$inferType>, "tierId"> & { tier: typeof Tier.$inferType | null };

const OfferInReachType = builder.objectRef<Shape>("OfferInReach").implement({
  description: "An offer that a member has no coupon of and could get one, and what it takes.",
  authScopes: { anyOf: readers },
  fields: (t) => ({
    offer: t.expose("offer", { type: Offer, description: "Which offer." }),
    claimableFrom: t.expose("claimableFrom", {
      type: "DateTime",
      nullable: true,
      description:
        "From when the member can claim it, also if that is past; null where it cannot be claimed.",
    }),
    missingPoints: t.expose("missingPoints", {
      type: "SafeInt",
      nullable: true,
      description:
        "How many points are missing to buy it; 0 when there are enough, null where points buy none.",
    }),
    tier: t.expose("tier", {
      type: Tier,
      nullable: true,
      description: "The nearest tier whose members can use it; null where the member's can.",
    }),
  }),
});

type Columns = Record<"brandId" | "id", SQLWrapper>;

/**
 * How many coupons a member has, by offer, as JSON. The sign keeps SQLite from the index of offers, in whose order
 * it would go through all coupons of the brand.
 */
const heldOf = ({ brandId, id }: Columns): SQL<string> =>
  sql`(select json_group_object(c.offer_id, c.held) from (
    select offer_id, count(*) as held from coupons
    where brand_id = ${brandId} and member_id = ${id} and state <> 'REVOKED' group by +offer_id) c)`;

type OfferColumns = Record<"terms" | "state" | "issueLimit" | "issuedCount", SQLWrapper>;

/** Offers that coupons are given out of, as far as the rows tell: what is left is decided on them. */
const givenOut = (now: number, way: (terms: SQLWrapper) => SQL) => ({
  columns: {
    ...{ id: true, brandId: true, state: true, terms: true, issueLimit: true, issuedCount: true },
  } as const,
  where: {
    RAW: ({ terms, state, issueLimit, issuedCount }: OfferColumns) =>
      sql`${state} = 'ACTIVE' and (${issueLimit} is null or ${issuedCount} < ${issueLimit})
        and coalesce(${terms} ->> '$.endsAt' > ${now}, true) and ${way(terms)}`,
  },
  orderBy: { id: "desc" } as const,
  limit: MOST_OFFERS,
});

const claimable = (now: number) =>
  givenOut(
    now,
    (terms) => sql`${terms} ->> '$.claimableFrom' <= ${now + SOON_MS}
      and coalesce(${terms} ->> '$.claimableUntil' > ${now}, true)`,
  );

const convertible = (now: number) => givenOut(now, (terms) => sql`${terms} ->> '$.pricePoints' is not null`);

builder.drizzleObjectFields(Member, (t) => ({
  offersInReach: t.field({
    type: [OfferInReachType],
    authScopes: { anyOf: readers },
    description: `The offers that the member has no coupon of and could get one: to claim now or within 30 days, for points, or with a higher tier; at most ${MOST_IN_REACH}, the nearest first.`,
    select: (_args, { now }, nestedSelection) => ({
      columns: { tierId: true },
      extras: { couponsHeld: heldOf as never },
      with: {
        ...balances,
        ...expiredPoints(now),
        brand: {
          columns: { id: true, timeZone: true, pointsPolicy: true },
          with: {
            tiersAhead: nestedSelection({ columns: { id: true, brandId: true, rank: true } }, ["tier"]),
            claimableOffers: nestedSelection(claimable(now), ["offer"]),
            convertibleOffers: nestedSelection(convertible(now), ["offer"]),
          },
        },
      },
    }),
    resolve: (member, _args, { now }) => {
      const { claimableOffers, convertibleOffers, tiersAhead } = member.brand as unknown as Around;
      const offers = new Map([...claimableOffers, ...convertibleOffers].map((offer) => [offer.id, offer]));
      const { couponsHeld } = member as unknown as { couponsHeld: string | Record<string, number> };
      const held = typeof couponsHeld === "string" ? JSON.parse(couponsHeld) : couponsHeld;
      const { timeZone, pointsPolicy } = member.brand;
      const grace = { now, timeZone, graceDays: policyOf(pointsPolicy).expiredGraceDays };
      // Those that expired and are in their grace can be exchanged as well.
      const expiredLots = member.expiredLots.filter((lot) => !isInGrace(lot, grace));
      const points = spendable({ ...member, expiredLots });
      const facts = { tierId: member.tierId, ladder: tiersAhead, points, held };
      return offersInReach([...offers.values()], facts, now).map(({ tierId, ...reach }) => ({
        ...reach,
        offer: reach.offer as never,
        tier: (tiersAhead.find(({ id }) => id === tierId) ?? null) as never,
      }));
    },
  }),
}));

/** What was selected of the member's brand. */
interface Around {
  claimableOffers: (typeof offersTable.$inferSelect)[];
  convertibleOffers: (typeof offersTable.$inferSelect)[];
  tiersAhead: { id: string; rank: number }[];
}
