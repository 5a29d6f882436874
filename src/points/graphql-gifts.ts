import { InvalidValue, NotFound } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { idempotencyKey, rowMutation } from "../graphql/mutation.ts";
import { Member } from "../members/graphql.ts";
import { MemberClosed } from "../members/refusals.ts";
import { shortText } from "../texts.ts";
import { giftPoints } from "./gift-points.ts";
import * as refused from "./refusals.ts";

export const GiftReceiver = builder.inputType("GiftReceiver", {
  description: "Who gets a gift: one way to name another member of the brand.",
  isOneOf: true,
  fields: (t) => ({
    memberId: t.id({ description: "`mbr_…`" }),
    cardNumber: t.string({
      description: "As on the receiver's card; blanks do not matter.",
      validate: shortText,
    }),
  }),
});

rowMutation("giftPoints", {
  description:
    "Gives a member's points to another member, where the brand's policy lets it. Those that expire first go first, and expire for the receiver when they would have for the giver. Neither learns who the other is.",
  scopes: ["points:spend", "member:self"],
  input: (t) => ({
    memberId: t.id({ required: true, description: "Who gives; with a member token, its own." }),
    receiver: t.field({ type: GiftReceiver, required: true, description: "Who gets them." }),
    points: t.field({ type: "SafeInt", required: true, description: "How many." }),
    idempotencyKey: idempotencyKey(t),
  }),
  row: "member",
  type: Member,
  table: "members",
  rowDescription: "Who gave, as it is now.",
  refusals: [
    ...[NotFound, MemberClosed, InvalidValue, refused.BalanceTooLow],
    ...[refused.GiftsNotOffered, refused.GiftTooLarge, refused.GiftLimitReached],
  ],
  resolve: (input, context, read) => giftPoints(context, input, read),
  fields: (t) => ({
    transferId: t.id({
      description: "`trf_…`: the change of the giver's balance.",
      resolve: ({ outcome }) => outcome.transferId,
    }),
  }),
});
