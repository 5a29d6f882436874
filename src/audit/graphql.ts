import { sql } from "drizzle-orm";
import { actorOf } from "../context.ts";
import { seldom } from "../database/seldom.ts";
import { builder, pageOf } from "../graphql/builder.ts";

const AuditEntry = builder.drizzleObject("audit", {
  name: "AuditEntry",
  description: "Who did what to which. Never changed, never deleted.",
  authScopes: { anyOf: ["audit:read"] },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    id: t.exposeID("id", { description: "`adt_…`" }),
    caller: t.exposeString("caller", { description: "The client, or the member, that called." }),
    operation: t.exposeString("operation", { description: "The mutation: `redeemCoupon`." }),
    subjectId: t.exposeID("subjectId", { description: "What it was done to." }),
    detail: t.string({
      description:
        "What is worth knowing besides, as JSON; no personal data and no secrets. Moments are milliseconds since 1970.",
      select: { columns: { detail: true } },
      resolve: ({ detail }) => JSON.stringify(detail),
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When." }),
  }),
});

builder.queryField("audit", (t) =>
  t.drizzleConnection(
    {
      type: AuditEntry,
      description: "What was done in the brand's name, newest first.",
      authScopes: { anyOf: ["audit:read"] },
      args: { subjectId: t.arg.id({ description: "Only what was done to this; without it, everything." }) },
      resolve: (query, _root, { subjectId }, context) =>
        context.database.query.audit.findMany(
          query({
            where: {
              brandId: actorOf(context).brandId,
              ...(subjectId ? { RAW: (t) => seldom(sql`${t.subjectId} = ${subjectId}`) } : {}),
            },
            orderBy: { id: "desc" },
          }),
        ) as never,
    },
    ...pageOf("AuditEntry"),
  ),
);
