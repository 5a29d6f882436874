import { actorOf } from "../context.ts";
import { InvalidValue } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { rowMutation } from "../graphql/mutation.ts";
import { registerNode } from "../graphql/nodes.ts";
import {
  LocalizedTextInput,
  languageTag,
  localizedField,
  optionalLocalizedField,
  someTexts,
  textsOf,
} from "../graphql/texts.ts";
import { updateBrand } from "./update-brand.ts";

export const Brand = builder.drizzleNode("brands", {
  name: "Brand",
  description: "A brand and its loyalty program, as everyone may see it.",
  authScopes: { public: true },
  id: { column: ({ id }) => id, description: "`brd_…`" },
  select: { columns: { id: true } },
  fields: (t) => ({
    slug: t.exposeString("slug", { description: "The brand's name in addresses and commands." }),
    name: t.field(localizedField("name", "The brand's name.")),
    description: t.field(optionalLocalizedField("description", "What its program is, in a few sentences.")),
    locale: t.exposeString("locale", { description: "The brand's own language, BCP 47." }),
    timeZone: t.exposeString("timeZone", { description: "IANA; calendar days are computed in it." }),
    currency: t.exposeString("currency", { description: "ISO 4217; amounts are in its minor unit." }),
    pointsName: t.field(localizedField("pointsName", "What its points are called.")),
    tiers: t.relation("tiers", {
      description: "The ladder, lowest first: what each tier needs and gives.",
      query: { orderBy: { rank: "asc" } },
    }),
  }),
});

// A brand is public as a program; every brand may be found by its id.
registerNode("Brand", "brands", () => ({}));

builder.queryFields((t) => ({
  program: t.drizzleField({
    type: Brand,
    nullable: true,
    description: "A brand's program, without a member: what would I get as a gold member?",
    authScopes: { public: true },
    args: { brand: t.arg.string({ required: true, description: "The brand's slug." }) },
    resolve: async (query, _root, { brand }, { database, shownPrograms }) => {
      const found = await database.query.brands.findFirst(
        query({ columns: { id: true, programVersion: true }, where: { slug: brand } }),
      );
      shownPrograms?.set(brand, found && { brandId: found.id, version: found.programVersion });
      return found;
    },
  }),
  brand: t.drizzleField({
    type: Brand,
    nullable: true,
    description: "The brand that the token belongs to.",
    authScopes: { anyOf: ["program:read", "program:write", "member:self", "joint:recognise", "joint:issue"] },
    resolve: (query, _root, _args, context) =>
      context.database.query.brands.findFirst(query({ where: { id: actorOf(context).brandId } })),
  }),
}));

rowMutation("updateBrand", {
  description: "Changes the brand's settings; what is left out, or null, stays.",
  scopes: ["program:write"],
  input: (t) => ({
    name: t.field({ type: [LocalizedTextInput], validate: someTexts, description: "The brand's name." }),
    description: t.field({
      type: [LocalizedTextInput],
      validate: someTexts,
      description: "What its program is.",
    }),
    locale: t.string({ description: "BCP 47.", validate: languageTag }),
    timeZone: t.string({
      description:
        "IANA: `Asia/Shanghai`. Days are reckoned in it from then on; the periods of quotas and limits, a day, week, month or year, begin anew with it.",
    }),
    currency: t.string({ description: "ISO 4217: `CNY`." }),
    pointsName: t.field({
      type: [LocalizedTextInput],
      validate: someTexts,
      description: "What its points are called.",
    }),
  }),
  row: "brand",
  type: Brand,
  table: "brands",
  rowDescription: "The brand as it is now.",
  where: (id) => ({ id }),
  refusals: [InvalidValue],
  resolve: ({ name, description, pointsName, ...rest }, context, read) => {
    const texts = { name: name && textsOf(name), description: description && textsOf(description) };
    return updateBrand(context, { ...rest, ...texts, pointsName: pointsName && textsOf(pointsName) }, read);
  },
});
