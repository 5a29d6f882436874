import { hasScope } from "../context.ts";
import { builder } from "../graphql/builder.ts";
import { localeArgument } from "../graphql/texts.ts";
import { wanting } from "../locales.ts";
import { type CartFacts, type PointsReason, type Reason, type ReasonCode, reasonCodes } from "./cart.ts";
import { cartReaders } from "./cart-readers.ts";
import { reasonWords } from "./reason-words.ts";

const authScopes = { anyOf: cartReaders };

/** Makes an enumeration of codes, each with what it means. */
const described = <Code extends string>(codes: Record<Code, string>) =>
  Object.fromEntries(
    Object.entries<string>(codes).map(([code, description]) => [code, { description }]),
  ) as Record<Code, { description: string }>;

const ReasonCodeEnum = builder.enumType("CartReasonCode", {
  description: "Why an offer is not used on a cart.",
  values: described<ReasonCode>(reasonCodes),
});

/** A reason with what its words need. */
interface Told {
  reason: Reason;
  facts: CartFacts;
}

export const ReasonType = builder.objectRef<Told>("CartReason").implement({
  description:
    "Why an offer is not used, and what is missing. Fields that mean nothing for the code are null.",
  authScopes,
  fields: (t) => {
    const moment = (name: "from" | "until", description: string) =>
      t.field({
        ...{ type: "DateTime", nullable: true, description },
        resolve: ({ reason }) => reason[name] ?? null,
      });
    const other = (name: "couponId" | "offerId", description: string) =>
      t.id({
        ...{ nullable: true, description },
        resolve: ({ reason: { couponKey }, facts: { candidates } }) => {
          const candidate = candidates.find(({ key }) => key === couponKey);
          return (name === "couponId" ? candidate?.couponId : candidate?.offer?.id) ?? null;
        },
      });
    return {
      code: t.field({
        type: ReasonCodeEnum,
        description: "Stable, for programs.",
        resolve: ({ reason }) => reason.code,
      }),
      message: t.string({
        description:
          "For the buyer, in the language of Accept-Language (en, zh-CN): `¥32.00 more to use it.` Amounts are in the brand's currency, times in its time zone.",
        args: localeArgument,
        resolve: ({ reason, facts }, { locale }, { locales }) =>
          reasonWords(reason, facts, wanting(locale, locales)),
      }),
      missingMinor: t.field({
        ...{
          type: "SafeInt",
          nullable: true,
          description: "How much the goods come to too little, in minor units.",
        },
        resolve: ({ reason }) => reason.missingMinor ?? null,
      }),
      missingQuantity: t.int({
        ...{ nullable: true, description: "How many units are missing." },
        resolve: ({ reason }) => reason.missingQuantity ?? null,
      }),
      from: moment("from", "From when it can be used."),
      until: moment("until", "Until when it could be, or is set aside."),
      oneOf: t.stringList({
        nullable: true,
        description:
          "One of these would do: ids of tiers, names of stores, channels or ways to pay; segments with `program:read` only.",
        resolve: ({ reason: { code, oneOf } }, _args, context) =>
          oneOf && (code !== "SEGMENT" || hasScope(context, "program:read")) ? [...oneOf] : null,
      }),
      limit: t.field({
        ...{ type: "SafeInt", nullable: true, description: "How often it may be used." },
        resolve: ({ reason }) => reason.limit ?? null,
      }),
      leftMinor: t.field({
        ...{ type: "SafeInt", nullable: true },
        description: "What is left of a budget, in minor units; with `program:read` only.",
        resolve: ({ reason }, _args, context) =>
          hasScope(context, "program:read") ? (reason.leftMinor ?? null) : null,
      }),
      otherCouponId: other("couponId", "The coupon that it does not go together with, where there is one."),
      otherOfferId: other("offerId", "The offer that it does not go together with."),
    };
  },
});

const PointsReasonCode = builder.enumType("CartPointsReasonCode", {
  description: "Why not as many points are spent as were asked for.",
  values: described<PointsReason["code"]>({
    BALANCE_TOO_LOW: "The member has fewer that can be spent.",
    BELOW_MINIMUM: "They are fewer than the brand lets members spend at once.",
    NOT_A_MULTIPLE: "They are spent in steps only.",
    SHARE_EXCEEDED: "They would pay more of the cart than the brand lets points pay.",
    MEMBER_NEEDED: "Only a member has points: say who buys.",
  }),
});

export const PointsReasonType = builder
  .objectRef<{ reason: PointsReason; facts: CartFacts }>("CartPointsReason")
  .implement({
    description: "Why not as many points are spent as were asked for.",
    authScopes,
    fields: (t) => ({
      code: t.field({
        type: PointsReasonCode,
        description: "Stable, for programs.",
        resolve: ({ reason }) => reason.code,
      }),
      message: t.string({
        description: "For the buyer, in the language of Accept-Language (en, zh-CN).",
        args: localeArgument,
        resolve: ({ reason, facts }, { locale }, { locales }) =>
          reasonWords(reason, facts, wanting(locale, locales)),
      }),
      mostPoints: t.field({
        ...{ type: "SafeInt", description: "How many could be spent instead." },
        resolve: ({ reason }) => reason.mostPoints,
      }),
    }),
  });
