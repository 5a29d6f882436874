import { sql } from "drizzle-orm";
import { type allianceBrandStates, allianceBrands } from "../../schema/tables/alliances.ts";
import { Brand } from "../brands/graphql.ts";
import { actorOf, type Context, hasScope } from "../context.ts";
import { InvalidValue, isRefusal, NotFound } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { mutation, payloadType, rowMutation } from "../graphql/mutation.ts";
import { registerNode, type Visible } from "../graphql/nodes.ts";
import { LocalizedTextInput, localizedField, shortText, textsOf } from "../graphql/texts.ts";
import { Tier } from "../tiers/graphql.ts";
import { acceptAllianceInvitation } from "./accept-alliance-invitation.ts";
import { createAlliance } from "./create-alliance.ts";
import { inviteBrand } from "./invite-brand.ts";
import { leaveAlliance } from "./leave-alliance.ts";
import { AlreadyInAlliance } from "./refusals.ts";
import { setTierLevels } from "./set-tier-levels.ts";

const readers = ["alliances:manage", "joint:recognise", "joint:issue", "member:self"] as const;

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

export const AllianceBrand = builder.drizzleObject("allianceBrands", {
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
      description:
        "Its brands, oldest first: all for operators of a brand that is invited or takes part, those that take part for its partner and member tokens, none for anyone else.",
      query: (_args, context) => ({
        where: { ...brandsShown(context), RAW: (part) => isSeenBy(part as typeof allianceBrands, context) },
        orderBy: { invitedAt: "asc", brandId: "asc" },
      }),
    }),
  }),
});

const brandsShown = (context: Context) =>
  hasScope(context, "alliances:manage") ? {} : { state: "ACTIVE" as const };

/** A condition: the caller's own brand is in the same alliance; an invitation is for operators only. */
function isSeenBy(part: typeof allianceBrands, context: Context) {
  const states = hasScope(context, "alliances:manage") ? sql`('INVITED', 'ACTIVE')` : sql`('ACTIVE')`;
  return sql`exists (select 1 from ${allianceBrands} where ${allianceBrands.allianceId} = ${part.allianceId}
    and ${allianceBrands.brandId} = ${actorOf(context).brandId} and ${allianceBrands.state} in ${states})`;
}

/** Operators see the alliances of their brand and its invitations; a partner token the one it is bound to. */
const visibleAlliances: Visible = (context) => {
  const { actor } = context;
  if (!actor || !readers.some((scope) => actor.scopes.has(scope))) return null;
  const { brandId, kind, allianceId = "" } = actor;
  if (hasScope(context, "alliances:manage")) {
    return { brands: { brandId, state: { in: ["INVITED", "ACTIVE"] } } };
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
          query({ where: visibleAlliances(context) ?? { id: "" }, orderBy: { id: "desc" } }),
        ),
    },
    { description: "A page of alliances." },
    { description: "An alliance and its place in the list." },
  ),
);

const TierLevelInput = builder.inputType("TierLevelInput", {
  description: "Where one of the brand's tiers stands on the alliance's common scale.",
  fields: (t) => ({
    tierId: t.id({ required: true, description: "One of the brand's own tiers." }),
    level: t.int({ required: true, description: "1 to 9; it does not fall as ranks rise." }),
  }),
});

const allianceRow = {
  ...({ row: "alliance", type: Alliance, table: "alliances" } as const),
  scopes: ["alliances:manage"] as const,
  where: (id: string) => ({ id }),
};

rowMutation("createAlliance", {
  ...allianceRow,
  description: "Founds an alliance; the brand takes part at once.",
  input: (t) => ({
    name: t.field({ type: [LocalizedTextInput], required: true, description: "What it is called." }),
    tierLevels: t.field({
      type: [TierLevelInput],
      required: true,
      description: "The brand's tiers on the common scale; one that is left out is not recognised.",
    }),
  }),
  rowDescription: "The new alliance.",
  refusals: [InvalidValue, NotFound],
  resolve: ({ name, tierLevels }, context, read) =>
    createAlliance(context, { name: textsOf(name), tierLevels }, read),
});

rowMutation("inviteBrand", {
  ...allianceRow,
  description: "Invites a brand to an alliance that the caller's brand takes part in.",
  input: (t) => ({
    allianceId: t.id({ required: true, description: "To which alliance." }),
    brand: t.string({ required: true, description: "The brand's slug.", validate: shortText }),
  }),
  rowDescription: "The alliance, with the brand invited.",
  refusals: [NotFound, AlreadyInAlliance, InvalidValue],
  resolve: (input, context, read) => inviteBrand(context, input, read),
});

rowMutation("acceptAllianceInvitation", {
  ...allianceRow,
  description: "Takes part in an alliance that the brand was invited to.",
  input: (t) => ({
    allianceId: t.id({ required: true, description: "Which alliance." }),
    tierLevels: t.field({
      type: [TierLevelInput],
      required: true,
      description: "The brand's tiers on the common scale; one that is left out is not recognised.",
    }),
  }),
  rowDescription: "The alliance, with the brand in it.",
  refusals: [NotFound, AlreadyInAlliance, InvalidValue],
  resolve: (input, context, read) => acceptAllianceInvitation(context, input, read),
});

rowMutation("setTierLevels", {
  ...allianceRow,
  description: "Puts the brand's tiers on an alliance's common scale anew; it counts at once for everyone.",
  input: (t) => ({
    allianceId: t.id({ required: true, description: "In which alliance." }),
    tierLevels: t.field({
      type: [TierLevelInput],
      required: true,
      description: "All of the brand's levels; a tier that is left out is no longer recognised.",
    }),
  }),
  rowDescription: "The alliance as it is now.",
  refusals: [NotFound, InvalidValue],
  resolve: (input, context, read) => setTierLevels(context, input, read),
});

mutation("leaveAlliance", {
  description:
    "Leaves an alliance, or declines an invitation. At once the brand's joint memberships end, in both directions, and so do the joint campaigns that it owns or is named in. Coupons that were issued stay valid.",
  scopes: ["alliances:manage"],
  input: (t) => ({ allianceId: t.id({ required: true, description: "Which alliance." }) }),
  payload: payloadType<{ allianceId: string; endedJointCampaignIds: string[] }>(
    "LeaveAlliancePayload",
    "What `leaveAlliance` did.",
    (t) => ({
      allianceId: t.exposeID("allianceId", { description: "The alliance, which the brand no longer sees." }),
      endedJointCampaignIds: t.expose("endedJointCampaignIds", {
        type: ["ID"],
        description: "The joint campaigns that ended with it.",
      }),
    }),
  ),
  refusals: [NotFound],
  resolve: async (input, context) => {
    const left = await leaveAlliance(context, input);
    return isRefusal(left) ? left : left.outcome;
  },
});
