import type { StackingGroup, StackingRules, stackingModes } from "../../schema/tables/rules.ts";
import { programReaders } from "../access/scopes.ts";
import { Brand } from "../brands/graphql.ts";
import { actorOf } from "../context.ts";
import { InvalidValue } from "../errors.ts";
import { builder, pageOf } from "../graphql/builder.ts";
import { rowMutation } from "../graphql/mutation.ts";
import { groupName } from "./graphql-terms.ts";
import { setStackingRules } from "./set-stacking-rules.ts";
import { stackingOf } from "./stacking.ts";

const StackingMode = builder.enumType("StackingMode", {
  description: "Which of a group's coupons that can be used on a cart are used.",
  values: {
    ALL: { description: "All of them." },
    BEST: { description: "The one that saves most, alone." },
    PRIORITY: {
      description: "By priority: the highest first, and none below one that could be used and is left out.",
    },
  } satisfies Record<(typeof stackingModes)[number], { description: string }>,
});

const texts = {
  groups: "In the order in which their coupons are taken off; coupons of no group come after them. Up to 20.",
  mostCoupons:
    "How many coupons on a cart at most, those of offers that apply by themselves included; null is without limit.",
  name: "What offers name it by, in `group` of their terms.",
  mode: "Which of its coupons are used.",
  mostOfGroup: "How many of the group at most; null is without limit.",
  startsAt: "In force from then on, until a later set is.",
};

const Group = builder.objectRef<StackingGroup>("StackingGroup").implement({
  description: "How the coupons of a group are used together. A group that no rules name is of mode ALL.",
  authScopes: { public: true },
  fields: (t) => ({
    name: t.exposeString("name", { description: texts.name }),
    mode: t.expose("mode", { type: StackingMode, description: texts.mode }),
    mostCoupons: t.exposeInt("mostCoupons", { nullable: true, description: texts.mostOfGroup }),
  }),
});

const Rules = builder.objectRef<StackingRules>("StackingRules").implement({
  description: "How coupons are used together on a cart.",
  authScopes: { public: true },
  fields: (t) => ({
    mostCoupons: t.exposeInt("mostCoupons", { nullable: true, description: texts.mostCoupons }),
    groups: t.expose("groups", { type: [Group], description: texts.groups }),
  }),
});

const StackingRuleSet = builder.drizzleObject("ruleSets", {
  variant: "StackingRuleSet",
  description: "How coupons are used together, from a moment on. Never changed: new rules are a new set.",
  authScopes: programReaders,
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    id: t.exposeID("id", { description: "`rul_…`" }),
    startsAt: t.expose("startsAt", { type: "DateTime", description: texts.startsAt }),
    rules: t.field({
      type: Rules,
      description: "The rules.",
      select: { columns: { rules: true } },
      resolve: ({ rules }) => rules as StackingRules,
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When they were set." }),
  }),
});

builder.drizzleObjectFields(Brand, (t) => ({
  stackingRules: t.field({
    type: Rules,
    description: "How coupons are used together now; one on a cart, where the brand has set nothing.",
    select: (_args, { now }) => ({
      with: {
        stackingRules: {
          columns: { rules: true },
          where: { kind: "STACKING", startsAt: { lte: now } },
          orderBy: { startsAt: "desc", id: "desc" },
          limit: 1,
        },
      },
    }),
    resolve: ({ stackingRules: [set] }) => stackingOf(set),
  }),
  stackingRuleSets: t.relatedConnection(
    "stackingRuleSets",
    {
      type: StackingRuleSet,
      nullable: true,
      authScopes: programReaders,
      description:
        "The brand's own rules that were ever set, and those to come, the newest first. Null, with an error, without the scope.",
      // A brand is public; what it plans, and once had, is its own.
      query: (_args, context) => ({
        where: { kind: "STACKING", brandId: actorOf(context).brandId },
        orderBy: { id: "desc" },
      }),
    },
    ...pageOf("StackingRuleSet"),
  ),
}));

const GroupInput = builder.inputType("StackingGroupInput", {
  description: "How the coupons of a group are used together.",
  fields: (t) => ({
    name: t.string({ required: true, description: texts.name, validate: groupName }),
    mode: t.field({ type: StackingMode, description: `${texts.mode} ALL by default.` }),
    mostCoupons: t.int({ description: texts.mostOfGroup }),
  }),
});

rowMutation("setStackingRules", {
  description:
    "Sets how coupons are used together on a cart from a moment on, whole: what is left out of the rules before no longer holds.",
  scopes: ["program:write"],
  input: (t) => ({
    startsAt: t.field({ type: "DateTime", description: `${texts.startsAt} Now, when left out.` }),
    mostCoupons: t.int({ description: texts.mostCoupons }),
    groups: t.field({ type: [GroupInput], description: texts.groups }),
  }),
  row: "ruleSet",
  type: StackingRuleSet,
  table: "ruleSets",
  rowDescription: "The new rules.",
  refusals: [InvalidValue],
  resolve: ({ startsAt, mostCoupons, groups }, context, read) => {
    const rules: StackingRules = {
      mostCoupons: mostCoupons ?? null,
      groups: (groups ?? []).map((group) => ({
        name: group.name,
        mode: group.mode ?? "ALL",
        mostCoupons: group.mostCoupons ?? null,
      })),
    };
    return setStackingRules(context, { startsAt: startsAt ?? null, rules }, read);
  },
});
