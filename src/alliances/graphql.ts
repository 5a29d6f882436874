import type { allianceBrandStates } from "../../schema/tables/alliances.ts";
import { Brand } from "../brands/graphql.ts";
import { actorOf, type Context, hasScope } from "../context.ts";
import { builder, pageOf } from "../graphql/builder.ts";
import { registerNode, type Visible } from "../graphql/nodes.ts";
import { localizedField } from "../graphql/texts.ts";
import { Tier } from "../tiers/graphql.ts";

const readers = [
  "alliances:manage",
  "joint:recognise",
  "joint:issue",
  "member:self",
  "members:read",
] as const;

/** What an operator's brand is while it sees an alliance. */
const present = ["INVITED", "ACTIVE"] as const;

const AllianceBrandState = builder.enumType("AllianceBrandState", {
  description: "A brand's part in an alliance.",
  values: {
    INVITED: { description: "Was invited, and has not answered." },
    ACTIVE: { description: "Takes part." },
    LEFT: { description: "Declined, or took part once." },
  } satisfies Record<(typeof allianceBrandStates)[number], { description: string }>,
});

const TierLevel = builder.objectRef<{ tier: typeof Tier.$inferType; level: number }>("TierLevel").implement({
  description: "A brand's tier on an alliance's common scale.",
  authScopes: { anyOf: readers },
  fields: (t) => ({
    tier: t.expose("tier", { type: Tier, description: "The brand's tier." }),
    level: t.exposeInt("level", { description: "1 to 9; partners recognise tiers by it." }),
  }),
});

const AllianceBrand = builder.drizzleObject("allianceBrands", {
  name: "AllianceBrand",
  description: "A brand's part in an alliance.",
  authScopes: { anyOf: readers },
  select: { columns: { allianceId: true, brandId: true } },
  fields: (t) => ({
    brand: t.relation("brand", { type: Brand, description: "The brand." }),
    state: t.expose("state", { type: AllianceBrandState, description: "Invited, active or gone." }),
    invitedAt: t.expose("invitedAt", { type: "DateTime", description: "When it was invited." }),
    joinedAt: t.expose("joinedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it accepted; null before.",
    }),
    tierLevels: t.field({
      type: [TierLevel],
      description:
        "Its tiers on the alliance's scale, lowest rank first; a tier that is missing is not recognised.",
      select: (_args, _context, nestedSelection) => ({
        columns: { tierLevels: true },
        with: {
          tiers: nestedSelection({ columns: { id: true, brandId: true }, orderBy: { rank: "asc" } }, [
            "tier",
          ]),
        },
      }),
      resolve: ({ tierLevels, tiers }) =>
        (tiers as { id: string; brandId: string }[]).flatMap((tier) => {
          const level = tierLevels[tier.id];
          return level === undefined ? [] : [{ tier, level }];
        }),
    }),
  }),
});

export const Alliance = builder.drizzleNode("alliances", {
  name: "Alliance",
  description:
    "An agreement between brands: their members may link memberships, and they issue each other's coupons.",
  authScopes: { anyOf: readers },
  id: { column: ({ id }) => id, description: "`aln_…`" },
  select: { columns: { id: true } },
  fields: (t) => ({
    name: t.field(localizedField("name", "What it is called.")),
    founder: t.relation("founder", { type: Brand, description: "The brand that founded it." }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was founded." }),
    brands: t.relation("brands", {
      type: AllianceBrand,
      description:
        "Its brands, oldest first: all for operators of a brand that is invited or takes part, those that take part for its partner and member tokens, none for anyone else.",
      query: (_args, context) => ({
        where: brandsShown(context),
        orderBy: { invitedAt: "asc", brandId: "asc" },
      }),
    }),
  }),
});

/** The parts of an alliance that the caller's brand has a part in; invitations are for operators only. */
function brandsShown(context: Context) {
  const { brandId } = actorOf(context);
  if (hasScope(context, "alliances:manage")) {
    return { alliance: { brands: { brandId, state: { in: [...present] } } } };
  }
  return { state: "ACTIVE" as const, alliance: { brands: { brandId, state: "ACTIVE" as const } } };
}

/** Operators see the alliances of their brand and its invitations; a partner token the one it is bound to. */
const visibleAlliances: Visible = (context) => {
  const { actor } = context;
  if (!actor || !readers.some((scope) => actor.scopes.has(scope))) return null;
  const { brandId, kind, allianceId = "" } = actor;
  if (hasScope(context, "alliances:manage")) {
    return { brands: { brandId, state: { in: [...present] } } };
  }
  return { ...(kind === "PARTNER" ? { id: allianceId } : {}), brands: { brandId, state: "ACTIVE" } };
};

registerNode("Alliance", "alliances", visibleAlliances);

builder.queryField("alliances", (t) =>
  t.drizzleConnection(
    {
      type: "alliances",
      description:
        "The alliances that the caller's brand takes part in, newest first; for operators also those it is invited to, for a partner token the one it is bound to.",
      authScopes: { anyOf: readers },
      resolve: (query, _root, _args, context) =>
        context.database.query.alliances.findMany(
          query({ where: visibleAlliances(context) ?? { id: "" }, orderBy: { id: "desc", brandId: "desc" } }),
        ),
    },
    ...pageOf("Alliance"),
  ),
);
