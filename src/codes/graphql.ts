import { builder, pageOf } from "../graphql/builder.ts";
import { registerNode } from "../graphql/nodes.ts";
import { Offer } from "../offers/graphql.ts";

const codeReaders = ["program:read", "program:write", "coupons:issue", "coupons:revoke"] as const;

export const CodeBatch = builder.drizzleNode("codeBatches", {
  name: "CodeBatch",
  description:
    "Codes of an offer that were made together. They are computed, not stored: GET /code-batches/{id}.csv streams them.",
  authScopes: { anyOf: codeReaders },
  id: { column: ({ id }) => id, description: "`bat_…`" },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    count: t.exposeInt("count", { description: "How many." }),
    prefix: t.exposeString("prefix", { description: "What each begins with; may be empty." }),
    alphabet: t.exposeString("alphabet", { description: "The letters that come after it, sorted." }),
    length: t.exposeInt("length", {
      description: "How many of them, without the check character that comes last.",
    }),
    grouping: t.exposeInt("grouping", {
      description: "Written in groups of so many letters; 0 is without groups.",
    }),
    offerVersion: t.exposeInt("offerVersion", {
      description: "The version of the offer whose terms their coupons keep.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When they were made." }),
    revokedAt: t.expose("revokedAt", {
      type: "DateTime",
      nullable: true,
      description: "Since when those that nobody has touched are worth nothing.",
    }),
    offer: t.relation("offer", { type: Offer, description: "What they are codes of." }),
  }),
});

registerNode("CodeBatch", "codeBatches", ({ actor }) =>
  actor && actor.kind !== "PARTNER" && actor.kind !== "MEMBER" ? { brandId: actor.brandId } : null,
);

export const SharedCode = builder.drizzleObject("sharedCodes", {
  name: "SharedCode",
  description: "One code for everybody, such as WELCOME10: who uses it gets a coupon of its offer.",
  authScopes: { anyOf: codeReaders },
  select: { columns: { brandId: true, code: true } },
  fields: (t) => ({
    code: t.exposeString("code", { description: "In upper case, without spaces and hyphens." }),
    claimLimit: t.exposeInt("claimLimit", {
      nullable: true,
      description: "How many coupons it gives at most, besides the offer's own limits; null without limit.",
    }),
    claimedCount: t.exposeInt("claimedCount", { description: "How many it gave." }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was made." }),
    revokedAt: t.expose("revokedAt", {
      type: "DateTime",
      nullable: true,
      description: "Since when it gives none.",
    }),
    offer: t.relation("offer", { type: Offer, description: "What it gives coupons of." }),
  }),
});

builder.drizzleObjectFields(Offer, (t) => ({
  codeBatches: t.relatedConnection(
    "codeBatches",
    {
      nullable: true,
      description:
        "The codes that were made of it, the newest batch first; null, with an error, without the scope.",
      authScopes: { anyOf: codeReaders },
      query: { orderBy: { id: "desc" } },
    },
    ...pageOf("CodeBatch"),
  ),
  sharedCodes: t.relatedConnection(
    "sharedCodes",
    {
      nullable: true,
      description:
        "The codes that everybody may use, in alphabetical order; null, with an error, without the scope.",
      authScopes: { anyOf: codeReaders },
      query: { orderBy: { code: "asc" } },
    },
    ...pageOf("SharedCode"),
  ),
}));
