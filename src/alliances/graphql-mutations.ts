import { InvalidValue, isRefusal, NotFound } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import { mutation, payloadType, rowMutation } from "../graphql/mutation.ts";
import { LocalizedTextInput, someTexts, textsOf } from "../graphql/texts.ts";
import { shortText } from "../texts.ts";
import { acceptAllianceInvitation } from "./accept-alliance-invitation.ts";
import { createAlliance } from "./create-alliance.ts";
import { Alliance } from "./graphql.ts";
import { inviteBrand } from "./invite-brand.ts";
import { leaveAlliance } from "./leave-alliance.ts";
import { AlreadyInAlliance } from "./refusals.ts";
import { setTierLevels } from "./set-tier-levels.ts";

const TierLevelInput = builder.inputType("TierLevelInput", {
  description: "Where one of the brand's tiers stands on the alliance's common scale.",
  fields: (t) => ({
    tierId: t.id({ required: true, description: "One of the brand's own tiers." }),
    level: t.int({ required: true, description: "1 to 9; it does not fall as ranks rise." }),
  }),
});

const allianceRow = {
  ...({ row: "alliance", type: Alliance, table: "alliances" } as const),
  scopes: ["alliances:manage"] as const,
  where: (id: string) => ({ id }),
};

rowMutation("createAlliance", {
  ...allianceRow,
  description: "Founds an alliance; the brand takes part at once.",
  input: (t) => ({
    name: t.field({
      type: [LocalizedTextInput],
      validate: someTexts,
      required: true,
      description: "What it is called.",
    }),
    tierLevels: t.field({
      type: [TierLevelInput],
      required: true,
      description: "The brand's tiers on the common scale; one that is left out is not recognised.",
    }),
  }),
  rowDescription: "The new alliance.",
  refusals: [InvalidValue, NotFound],
  resolve: ({ name, tierLevels }, context, read) =>
    createAlliance(context, { name: textsOf(name), tierLevels }, read),
});

rowMutation("inviteBrand", {
  ...allianceRow,
  description: "Invites a brand to an alliance that the caller's brand takes part in.",
  input: (t) => ({
    allianceId: t.id({ required: true, description: "To which alliance." }),
    brand: t.string({ required: true, description: "The brand's slug.", validate: shortText }),
  }),
  rowDescription: "The alliance, with the brand invited.",
  refusals: [NotFound, AlreadyInAlliance, InvalidValue],
  resolve: (input, context, read) => inviteBrand(context, input, read),
});

rowMutation("acceptAllianceInvitation", {
  ...allianceRow,
  description: "Takes part in an alliance that the brand was invited to.",
  input: (t) => ({
    allianceId: t.id({ required: true, description: "Which alliance." }),
    tierLevels: t.field({
      type: [TierLevelInput],
      required: true,
      description: "The brand's tiers on the common scale; one that is left out is not recognised.",
    }),
  }),
  rowDescription: "The alliance, with the brand in it.",
  refusals: [NotFound, AlreadyInAlliance, InvalidValue],
  resolve: (input, context, read) => acceptAllianceInvitation(context, input, read),
});

rowMutation("setTierLevels", {
  ...allianceRow,
  description: "Puts the brand's tiers on an alliance's common scale anew; it counts at once for everyone.",
  input: (t) => ({
    allianceId: t.id({ required: true, description: "In which alliance." }),
    tierLevels: t.field({
      type: [TierLevelInput],
      required: true,
      description: "All of the brand's levels; a tier that is left out is no longer recognised.",
    }),
  }),
  rowDescription: "The alliance as it is now.",
  refusals: [NotFound, InvalidValue],
  resolve: (input, context, read) => setTierLevels(context, input, read),
});

mutation("leaveAlliance", {
  description:
    "Leaves an alliance, or declines an invitation. At once the brand's joint memberships end, in both directions, and so do the joint campaigns that it owns or is named in. Coupons that were issued stay valid.",
  scopes: ["alliances:manage"],
  input: (t) => ({ allianceId: t.id({ required: true, description: "Which alliance." }) }),
  payload: payloadType<{ allianceId: string; endedJointCampaignIds: string[] }>(
    "LeaveAlliancePayload",
    "What `leaveAlliance` did.",
    (t) => ({
      allianceId: t.exposeID("allianceId", { description: "The alliance, which the brand no longer sees." }),
      endedJointCampaignIds: t.expose("endedJointCampaignIds", {
        type: ["ID"],
        description: "The joint campaigns that ended with it.",
      }),
    }),
  ),
  refusals: [NotFound],
  resolve: async (input, context) => {
    const left = await leaveAlliance(context, input);
    return isRefusal(left) ? left : left.outcome;
  },
});
