import { formatCode } from "../codes/code.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { opaqueText } from "../graphql/bounds.ts";
import { builder, type ExtendedTypes } from "../graphql/builder.ts";
import { mutation, payloadType, rowMutation } from "../graphql/mutation.ts";
import { MemberClosed } from "../members/refusals.ts";
import { shortText } from "../texts.ts";
import { createLinkCode } from "./create-link-code.ts";
import { ConsentPurposeEnum, DataCategoryEnum, JointMembership } from "./graphql-joint-membership.ts";
import { linkMembership } from "./link-membership.ts";
import { AlreadyLinked, LinkCodeNotValid, LinkEnded } from "./refusals.ts";
import { renewConsent } from "./renew-consent.ts";
import { unlinkMembership } from "./unlink-membership.ts";
import { withdrawConsent } from "./withdraw-consent.ts";

const ConsentInput = builder.inputType("SharingConsentInput", {
  description: "What the member lets the other brand see, what for, and until when.",
  fields: (t) => ({
    categories: t.field({
      type: [DataCategoryEnum],
      required: true,
      description: "What it sees; none of them shows that there is a member, and nothing else.",
    }),
    purposes: t.field({
      type: [ConsentPurposeEnum],
      required: true,
      description: "What it may use it for: at least one.",
    }),
    expiresAt: t.field({
      type: "DateTime",
      required: true,
      description: "Until when: in the future, at most two years ahead.",
    }),
  }),
});

mutation("createLinkCode", {
  description:
    "Shows a code with which the member, signed in at another brand of the alliance, links the two memberships. It lives ten minutes, works once, and ends the code before it.",
  scopes: ["member:self"],
  input: (t) => ({
    allianceId: t.id({ required: true, description: "An alliance that the member's brand takes part in." }),
    consent: t.field({
      type: ConsentInput,
      required: true,
      description: "What this brand will show the other, once linked.",
    }),
  }),
  payload: payloadType<{ code: string; expiresAt: number }>(
    "CreateLinkCodePayload",
    "What `createLinkCode` made.",
    (t) => ({
      code: t.string({
        description: "The code, shown only now: `K7QM-2X9D-PB4R-TW30`. It is kept as a hash.",
        resolve: ({ code }) => formatCode(code),
      }),
      expiresAt: t.expose("expiresAt", { type: "DateTime", description: "No longer good from then on." }),
    }),
  ),
  refusals: [NotFound, MemberClosed, InvalidValue],
  resolve: (input, context) => createLinkCode(context, input),
});

const linkRow = {
  ...({ row: "jointMembership", type: JointMembership, table: "jointMemberships" } as const),
  scopes: ["member:self"] as const,
};

/** The same in all that a member does with a link. */
const whichLink = (t: PothosSchemaTypes.InputFieldBuilder<ExtendedTypes, "InputObject">) =>
  t.id({ required: true, description: "One of the member's own links." });

rowMutation("linkMembership", {
  ...linkRow,
  description: "Links the member with its membership at the brand whose app shows the code.",
  input: (t) => ({
    code: t.string({ required: true, description: "As shown or typed, in any case.", validate: shortText }),
    consent: t.field({
      type: ConsentInput,
      required: true,
      description: "What this brand will show the other.",
    }),
    idempotencyKey: t.string({
      description: "Yours, up to 100 characters; with it, a repeated call is answered like the first.",
      validate: opaqueText(100),
    }),
  }),
  rowDescription: "The member's new link.",
  refusals: [LinkCodeNotValid, AlreadyLinked, NotFound, MemberClosed, InvalidValue],
  resolve: (input, context, read) => linkMembership(context, input, read),
});

rowMutation("withdrawConsent", {
  ...linkRow,
  description:
    "Withdraws the member's consent: from this moment the partner sees nothing. What the partner shows this brand is the member's consent there, and stays.",
  input: (t) => ({ jointMembershipId: whichLink(t) }),
  rowDescription: "The link as it is now.",
  refusals: [NotFound],
  resolve: (input, context, read) => withdrawConsent(context, input, read),
});

rowMutation("renewConsent", {
  ...linkRow,
  description: "Gives a consent in place of the one before, also where it was withdrawn or has expired.",
  input: (t) => ({
    jointMembershipId: whichLink(t),
    consent: t.field({ type: ConsentInput, required: true, description: "The whole consent from now on." }),
  }),
  rowDescription: "The link as it is now.",
  refusals: [NotFound, LinkEnded, MemberClosed, InvalidValue],
  resolve: (input, context, read) => renewConsent(context, input, read),
});

rowMutation("unlinkMembership", {
  ...linkRow,
  description: "Ends a link in both directions: neither brand sees the member through it any more.",
  input: (t) => ({ jointMembershipId: whichLink(t) }),
  rowDescription: "The link, ended.",
  refusals: [NotFound],
  resolve: (input, context, read) => unlinkMembership(context, input, read),
});
