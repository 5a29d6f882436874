import { openDataKey } from "../brands/data-key.ts";
import { DAY_MS } from "../calendar.ts";
import { NotFound } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { idempotencyKey, rowMutation } from "../graphql/mutation.ts";
import { Member } from "../members/graphql.ts";
import { openProfile } from "../members/profile.ts";
import { MemberClosed } from "../members/refusals.ts";
import { MemberLimitReached, OfferEnded, OfferExhausted, OfferNotActive } from "../offers/refusals.ts";
import { shortText } from "../texts.ts";
import { claimBenefit } from "./claim-benefit.ts";
import { type BenefitFacts, type Entitlement, entitlementOf } from "./entitlement.ts";
import { Benefit } from "./graphql.ts";
import { BenefitUsage } from "./graphql-usages.ts";
import { BenefitNotHeld, BenefitNotUsableNow, BenefitUsedUp } from "./refusals.ts";
import { useBenefit } from "./use-benefit.ts";

const YEAR_MS = 366 * DAY_MS;

const EntitlementType = builder
  .objectRef<Entitlement & { benefit: typeof Benefit.$inferType }>("Entitlement")
  .implement({
    description: "A benefit as one member has it now.",
    authScopes: { anyOf: ["members:read", "member:self", "cards:scan"] },
    fields: (t) => ({
      benefit: t.expose("benefit", { type: Benefit, description: "The benefit." }),
      usable: t.exposeBoolean("usable", {
        description:
          "Whether it can be used now: in its time, with quota left, and while the membership is not closed.",
      }),
      used: t.exposeInt("used", { description: "How often it was used in this period." }),
      left: t.exposeInt("left", {
        nullable: true,
        description: "What is left in this period; null is without limit.",
      }),
      renewsAt: t.expose("renewsAt", {
        type: "DateTime",
        nullable: true,
        description: "When the quota is whole again; null for never, or without a quota.",
      }),
      usableFrom: t.expose("usableFrom", { type: "DateTime", nullable: true, description: "Not before." }),
      usableUntil: t.expose("usableUntil", {
        type: "DateTime",
        nullable: true,
        description: "No longer from then on.",
      }),
    }),
  });

builder.drizzleObjectFields(Member, (t) => ({
  entitlements: t.field({
    type: [EntitlementType],
    description: "What the member is entitled to now, with what is left of it.",
    select: (_args, { now }, nestedSelection) => ({
      columns: { profile: true, state: true },
      with: {
        brand: { columns: { timeZone: true, wrappedDataKey: true } },
        tier: {
          columns: { id: true },
          with: {
            benefits: nestedSelection(
              {
                columns: {
                  ...{ brandId: true, id: true, kind: true, terms: true },
                  ...{ quota: true, quotaPeriod: true, startsAt: true, endsAt: true },
                },
                orderBy: { id: "asc" },
              },
              ["benefit"],
            ),
          },
        },
        // 0 is the period of quotas that never renew.
        benefitUses: { where: { OR: [{ periodStart: 0 }, { periodStart: { gte: now - YEAR_MS } }] } },
      },
    }),
    resolve: async (member, _args, { environment, now }) => {
      const { timeZone, wrappedDataKey } = member.brand;
      const benefits = member.tier.benefits as unknown as ({ brandId: string; id: string } & BenefitFacts)[];
      const needsBirthday = benefits.some(({ kind }) => kind === "BIRTHDAY_GIFT");
      const birthday = needsBirthday
        ? (await openProfile(member, await openDataKey(environment.encryptionKeys, wrappedDataKey))).birthday
        : undefined;
      const facts = { timeZone, birthday, isClosed: member.state === "CLOSED" };
      const running = benefits.filter(({ endsAt }) => endsAt === null || now < endsAt);
      return running.map((benefit) => {
        const own = member.benefitUses.filter(({ benefitId }) => benefitId === benefit.id);
        const uses = new Map(own.map(({ periodStart, used }) => [periodStart, used]));
        return { benefit, ...entitlementOf(benefit, facts, uses, now) };
      });
    },
  }),
}));

rowMutation("useBenefit", {
  description:
    "Records that a member used a benefit once. It must be the member's, in its time, with quota left.",
  scopes: ["benefits:use"],
  input: (t) => ({
    memberId: t.id({ required: true, description: "Who used it." }),
    benefitId: t.id({ required: true, description: "Which benefit." }),
    reference: t.string({ description: "Yours, such as an order's number.", validate: shortText }),
    idempotencyKey: idempotencyKey(t),
  }),
  row: "member",
  type: Member,
  table: "members",
  rowDescription: "The member, with what is left.",
  refusals: [NotFound, MemberClosed, BenefitNotHeld, BenefitNotUsableNow, BenefitUsedUp],
  resolve: (input, context, read) => useBenefit(context, input, read),
});

rowMutation("claimBenefit", {
  description:
    "Claims a benefit once, which counts as a use of it: gives a coupon of its offer, or, without an offer, what the shop then gives. It must be the member's, in its time, with quota left.",
  scopes: ["benefits:use", "member:self"],
  input: (t) => ({
    memberId: t.id({ required: true, description: "For whom; with a member token, its own." }),
    benefitId: t.id({ required: true, description: "Which benefit." }),
    reference: t.string({ description: "Yours, such as an order's number.", validate: shortText }),
    idempotencyKey: idempotencyKey(t),
  }),
  row: "usage",
  type: BenefitUsage,
  table: "benefitUsages",
  rowDescription: "The claim, with the coupon that it gave.",
  refusals: [
    ...[NotFound, MemberClosed, BenefitNotHeld, BenefitNotUsableNow, BenefitUsedUp],
    ...[OfferEnded, OfferNotActive, OfferExhausted, MemberLimitReached],
  ],
  resolve: (input, context, read) => claimBenefit(context, input, read),
});
