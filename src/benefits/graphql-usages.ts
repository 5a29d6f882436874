import type { benefitUsageKinds } from "../../schema/tables/benefits.ts";
import { Coupon } from "../coupons/graphql.ts";
import { builder } from "../graphql/builder.ts";
import { Member } from "../members/graphql.ts";
import { Benefit } from "./graphql.ts";

const readers = ["members:read", "member:self", "benefits:use"] as const;

const BenefitUsageKind = builder.enumType("BenefitUsageKind", {
  description: "How a benefit was taken.",
  values: {
    USED: { description: "It was used: a discount, a parcel free of charge." },
    CLAIMED: { description: "It was claimed by the member, or for it." },
    GRANTED: { description: "The platform gave it when its time began." },
  } satisfies Record<(typeof benefitUsageKinds)[number], { description: string }>,
});

export const BenefitUsage = builder.drizzleObject("benefitUsages", {
  name: "BenefitUsage",
  description: "A use of a benefit by a member. Never changed.",
  authScopes: { anyOf: readers },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    id: t.exposeID("id", { description: "`use_…`" }),
    kind: t.expose("kind", { type: BenefitUsageKind, description: "How it was taken." }),
    benefit: t.relation("benefit", { type: Benefit, description: "The benefit." }),
    member: t.relation("member", { type: Member, description: "Who has it." }),
    reference: t.exposeString("reference", {
      nullable: true,
      description: "What it was used on, as the caller named it.",
    }),
    coupon: t.relation("coupon", {
      type: Coupon,
      nullable: true,
      description: "The coupon that it gave; null for none.",
    }),
    at: t.expose("createdAt", { type: "DateTime", description: "When." }),
  }),
});

const BenefitUsageEdge = builder.edgeObject({
  name: "BenefitUsageEdge",
  type: BenefitUsage,
  description: "A use in a list, with the cursor to go on from.",
});

const BenefitUsageConnection = builder.connectionObject(
  { name: "BenefitUsageConnection", type: BenefitUsage, description: "A page of uses." },
  BenefitUsageEdge,
);

builder.drizzleObjectFields(Member, (t) => ({
  benefitUsages: t.relatedConnection(
    "benefitUsages",
    {
      authScopes: { anyOf: ["members:read", "member:self"] },
      description: "What benefits the member used, claimed and was given, newest first.",
      query: { orderBy: { id: "desc" } },
    },
    BenefitUsageConnection,
    BenefitUsageEdge,
  ),
}));
