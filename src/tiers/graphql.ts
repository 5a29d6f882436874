import type { TierRequirement } from "../../schema/tables/tiers.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { rowMutation } from "../graphql/mutation.ts";
import { registerNode } from "../graphql/nodes.ts";
import {
  LocalizedTextInput,
  localizedField,
  optionalLocalizedField,
  someTexts,
  textsOf,
} from "../graphql/texts.ts";
import { createTier } from "./create-tier.ts";
import { updateTier } from "./update-tier.ts";

const Requirement = builder.objectRef<TierRequirement>("TierRequirement").implement({
  description: "What a member needs to reach a tier.",
  authScopes: { public: true },
  fields: (t) => ({
    growthValue: t.expose("growthValue", {
      type: "SafeInt",
      description: "Growth value, at least this much.",
    }),
  }),
});

export const Tier = builder.drizzleNode("tiers", {
  name: "Tier",
  description: "A rank in a brand's ladder.",
  authScopes: { public: true },
  id: { column: ({ id }) => id, description: "`tir_…`" },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    rank: t.exposeInt("rank", { description: "1 is the tier that everyone starts in." }),
    name: t.field(localizedField("name", "What members call it.")),
    description: t.field(optionalLocalizedField("description", "What it means to have it.")),
    color: t.exposeString("color", { description: "Its colour, `#RRGGBB`." }),
    requirement: t.expose("requirement", { type: Requirement, description: "What is needed to reach it." }),
  }),
});

// Tiers are part of the public program.
registerNode("Tier", "tiers", () => ({}));

rowMutation("createTier", {
  description: "Adds a tier to the ladder.",
  scopes: ["program:write"],
  input: (t) => ({
    rank: t.int({ required: true, description: "Its place, free in the ladder; 1 is the lowest." }),
    name: t.field({
      type: [LocalizedTextInput],
      validate: someTexts,
      required: true,
      description: "What members call it.",
    }),
    description: t.field({
      type: [LocalizedTextInput],
      validate: someTexts,
      description: "What it means to have it.",
    }),
    color: t.string({ required: true, description: "`#RRGGBB`" }),
    requiredGrowthValue: t.field({
      type: "SafeInt",
      required: true,
      description: "Growth value that reaches it.",
    }),
  }),
  row: "tier",
  type: Tier,
  table: "tiers",
  rowDescription: "The new tier.",
  refusals: [InvalidValue],
  resolve: ({ name, description, ...rest }, context, read) => {
    const texts = { name: textsOf(name), description: description ? textsOf(description) : null };
    return createTier(context, { ...rest, ...texts }, read);
  },
});

rowMutation("updateTier", {
  description:
    "Changes a tier; what is left out, or null, stays. Members keep their tier, and rise when their growth value next changes.",
  scopes: ["program:write"],
  input: (t) => ({
    tierId: t.id({ required: true, description: "Which tier." }),
    name: t.field({ type: [LocalizedTextInput], validate: someTexts, description: "What members call it." }),
    description: t.field({
      type: [LocalizedTextInput],
      validate: someTexts,
      description: "What it means to have it.",
    }),
    color: t.string({ description: "`#RRGGBB`" }),
    requiredGrowthValue: t.field({ type: "SafeInt", description: "Growth value that reaches it." }),
  }),
  row: "tier",
  type: Tier,
  table: "tiers",
  rowDescription: "The tier as it is now.",
  refusals: [NotFound, InvalidValue],
  resolve: ({ name, description, ...rest }, context, read) => {
    const texts = { name: name && textsOf(name), description: description && textsOf(description) };
    return updateTier(context, { ...rest, ...texts }, read);
  },
});
