import { CartLineInput } from "../carts/graphql-cart.ts";
import { InvalidValue, isRefusal, NotFound } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { refusalRef } from "../graphql/refusals.ts";
import { wanting } from "../locales.ts";
import { MemberClosed } from "../members/refusals.ts";
import { factText } from "../orders/fact-text.ts";
import { orderMeanings } from "../orders/graphql.ts";
import { EarningLine, inWords, Step } from "./graphql.ts";
import { type EarningPreview, previewEarning } from "./preview-earning.ts";

const readers = ["program:read", "members:read", "cards:scan", "member:self"] as const;

const Preview = builder.objectRef<EarningPreview>("EarningPreview").implement({
  description: "What a purchase would earn, and why.",
  authScopes: { anyOf: readers },
  fields: (t) => ({
    points: t.expose("points", { type: "SafeInt", description: "How many points." }),
    growthValue: t.expose("growthValue", { type: "SafeInt", description: "How much growth value." }),
    steps: t.field({
      type: [Step],
      description: "How it comes to be so much; none where no rules are in force.",
      resolve: ({ decision, locale }, _args, { locales }) =>
        inWords(decision.steps, wanting(locale, locales)),
    }),
    lines: t.field({
      type: [EarningLine],
      description: "What each line gives.",
      resolve: ({ decision }) => decision.lines,
    }),
  }),
});

const PreviewResult = builder.unionType("PreviewEarningResult", {
  description: "What `previewEarning` answers: the preview, or why there is none.",
  types: [Preview, refusalRef(NotFound), refusalRef(InvalidValue), refusalRef(MemberClosed)] as never,
  resolveType: (value) => (isRefusal(value) ? value.refusal : Preview.name) as never,
});

builder.queryField("previewEarning", (t) =>
  t.field({
    type: PreviewResult,
    description:
      "What a cart would earn if it were paid: by the rules, the member's tier and benefits, and what is left under the caps. The order itself is decided in the same way.",
    authScopes: { anyOf: readers },
    // Each has a request to the database and a cart of its own, so a few are what an operation may ask for.
    complexity: 1_000,
    args: {
      memberId: t.arg.id({
        description:
          "Who buys: with `members:read` or `cards:scan`; with a member token, its own. Left out, anyone in the first tier, or the token's member.",
      }),
      lines: t.arg({
        type: [CartLineInput],
        required: true,
        description: "What is in the cart; up to 200 lines.",
      }),
      discountMinor: t.arg({
        type: "SafeInt",
        description: "What is taken off the lines, in minor units. Else 0.",
      }),
      channel: t.arg.string({ description: orderMeanings.channel, validate: factText }),
      store: t.arg.string({ description: orderMeanings.store, validate: factText }),
      at: t.arg({
        type: "DateTime",
        description:
          "When it would be paid; now, when left out. Rules to come count with `program:read` only.",
      }),
    },
    resolve: ((
      _root: unknown,
      { memberId, lines, discountMinor, channel, store, at }: PreviewArgs,
      context: Parameters<typeof previewEarning>[0],
    ) =>
      previewEarning(context, {
        ...{ memberId: memberId ?? null, channel: channel ?? null, store: store ?? null },
        ...{ discountMinor: discountMinor ?? 0, at: at ?? context.now },
        lines: lines.map(({ lineId, sku, categories, amountMinor }, place) => ({
          ...{ lineId: lineId ?? String(place + 1), sku, categories: categories ?? [], amountMinor },
        })),
      })) as never,
  }),
);

interface PreviewArgs {
  memberId?: string | null;
  lines: (typeof CartLineInput.$inferInput)[];
  discountMinor?: number | null;
  channel?: string | null;
  store?: string | null;
  at?: number | null;
}
