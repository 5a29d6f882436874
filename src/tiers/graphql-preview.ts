import { actorOf, type Context } from "../context.ts";
import { InvalidValue, isRefusal } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { selectionOf } from "../graphql/nodes.ts";
import { refusalRef } from "../graphql/refusals.ts";
import { Tier } from "./graphql.ts";
import { rulesIn, TierRulesInput } from "./graphql-set-rules.ts";
import {
  MOST_PREVIEWED,
  type Movement,
  previewTierRules,
  type TierRulesPreview,
} from "./preview-tier-rules.ts";

const scopes = ["program:write"] as const;

type TierShape = typeof Tier.$inferType;

const MovementWhen = builder.enumType("TierMovementTime", {
  description: "When members would move.",
  values: {
    IN_FORCE: { description: "As soon as the rules are in force." },
    TERM_END: { description: "At the end of the term that then runs, if nothing more were counted." },
  } satisfies Record<Movement["when"], { description: string }>,
});

const MovementType = builder
  .objectRef<Movement & { from: TierShape; to: TierShape }>("TierMovement")
  .implement({
    description: "Members who would move from one tier to another.",
    authScopes: { anyOf: scopes },
    fields: (t) => ({
      from: t.expose("from", { type: Tier, description: "The tier before." }),
      to: t.expose("to", { type: Tier, description: "The tier after." }),
      when: t.expose("when", { type: MovementWhen, description: "When." }),
      count: t.int({
        description: "How many of the members that were looked at.",
        resolve: ({ memberIds }) => memberIds.length,
      }),
      memberIds: t.exposeIDList("memberIds", { description: "Who." }),
    }),
  });

type PreviewShape = Omit<TierRulesPreview, "movements"> & {
  movements: (Movement & { from: TierShape; to: TierShape })[];
  isEveryone: boolean;
};

const Preview = builder.objectRef<PreviewShape>("TierRulesPreview").implement({
  description: "What tier rules would do to a page of the brand's members, as things are now.",
  authScopes: { anyOf: scopes },
  fields: (t) => ({
    movements: t.expose("movements", { type: [MovementType], description: "Who would move, most first." }),
    memberCount: t.exposeInt("memberCount", { description: "How many members were looked at." }),
    isEveryone: t.exposeBoolean("isEveryone", {
      description: "Whether these were all of the brand's active members.",
    }),
    hasNextPage: t.exposeBoolean("hasNextPage", {
      description: "Whether there are more members to look at.",
    }),
    endCursor: t.exposeID("endCursor", {
      nullable: true,
      description: "The last member that was looked at: what `after` takes.",
    }),
  }),
});

const PreviewResult = builder.unionType("PreviewTierRulesResult", {
  description: "What the rules would do, or which part of them cannot stand.",
  types: [Preview, refusalRef(InvalidValue)],
  resolveType: (value) => (isRefusal(value) ? value.refusal : "TierRulesPreview") as never,
});

/** The tiers of the brand, with what is asked of those at a path. */
const tiersAt = (context: Context, info: Parameters<typeof selectionOf>[1], end: string) =>
  context.database.query.tiers.findMany({
    ...(selectionOf(context, info, "Tier", ["movements", end]) as object),
    where: { brandId: actorOf(context).brandId },
  }) as unknown as Promise<TierShape[]>;

builder.queryFields((t) => ({
  previewTierRules: t.field({
    type: PreviewResult,
    description:
      "What tier rules would do if they came into force now: who would rise or fall, and to which tier. Nothing is changed.",
    authScopes: { anyOf: scopes },
    // It looks at thousands of members, so an operation may ask for one.
    complexity: 3_500,
    args: {
      rules: t.arg({ type: TierRulesInput, required: true, description: "The rules, all of them." }),
      first: t.arg.int({
        defaultValue: 1_000,
        description: `How many members to look at, 1 to ${MOST_PREVIEWED}.`,
      }),
      after: t.arg.id({ description: "Only members after this one: the page before's `endCursor`." }),
    },
    resolve: async (_root, { rules, first, after }, context, info) => {
      // Asked for in one turn, they travel as one request.
      const [preview, froms, tos] = await Promise.all([
        previewTierRules(context, {
          ...{ rules: rulesIn(rules), first: first ?? 1_000, after: after ?? null },
        }),
        tiersAt(context, info, "from"),
        tiersAt(context, info, "to"),
      ]);
      if (isRefusal(preview)) return preview as never;
      const named = (tiers: TierShape[], tierId: string) =>
        tiers.find((tier) => (tier as { id?: string }).id === tierId) as TierShape;
      return {
        ...preview,
        isEveryone: after == null && !preview.hasNextPage,
        movements: preview.movements.map((movement) => ({
          ...movement,
          from: named(froms, movement.fromTierId),
          to: named(tos, movement.toTierId),
        })),
      };
    },
  }),
}));
