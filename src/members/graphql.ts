import { consentChannels, type memberStates } from "../../schema/tables/members.ts";
import { openDataKey } from "../brands/data-key.ts";
import { Brand } from "../brands/graphql.ts";
import { actorOf, hasScope } from "../context.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { given } from "../given.ts";
import { builder, type ExtendedTypes, pageOf } from "../graphql/builder.ts";
import { idempotencyKey, rowMutation } from "../graphql/mutation.ts";
import { registerNode, type Visible } from "../graphql/nodes.ts";
import { languageTag } from "../graphql/texts.ts";
import { shortText } from "../texts.ts";
import { Tier } from "../tiers/graphql.ts";
import { closeMember } from "./close-member.ts";
import { enrolMember } from "./enrol-member.ts";
import { type MemberBy, memberFilter } from "./find-member.ts";
import { displayNameOf, type genders, openProfile, type Profile } from "./profile.ts";
import { MemberAlreadyExists, MemberClosed } from "./refusals.ts";
import { updateMember } from "./update-member.ts";

const MemberState = builder.enumType("MemberState", {
  description: "Where a membership is in its life.",
  values: {
    ACTIVE: { description: "A member." },
    CLOSED: { description: "Was a member; personal data is erased." },
  } satisfies Record<(typeof memberStates)[number], { description: string }>,
});

const Gender = builder.enumType("Gender", {
  description: "As the member says.",
  values: {
    FEMALE: { description: "Female." },
    MALE: { description: "Male." },
    OTHER: { description: "Neither of the two." },
    UNDISCLOSED: { description: "Asked, and rather not said." },
  } satisfies Record<(typeof genders)[number], { description: string }>,
});

const ConsentChannel = builder.enumType("ConsentChannel", {
  description: "A way to reach a member.",
  values: {
    SMS: { description: "Text message." },
    EMAIL: { description: "E-mail." },
    PUSH: { description: "Notification of the app." },
    WECHAT: { description: "WeChat message." },
    PHONE: { description: "Telephone call." },
    POST: { description: "Letter." },
  } satisfies Record<(typeof consentChannels)[number], { description: string }>,
});

const ChannelConsent = builder
  .objectRef<{ channel: (typeof consentChannels)[number]; granted: boolean; at: number }>("ChannelConsent")
  .implement({
    description: "Whether the brand may write to the member through a channel.",
    authScopes: { anyOf: ["members:read", "member:self"] },
    fields: (t) => ({
      channel: t.expose("channel", { type: ConsentChannel, description: "The channel." }),
      granted: t.exposeBoolean("granted", { description: "Whether it may." }),
      at: t.expose("at", { type: "DateTime", description: "Since when." }),
    }),
  });

const MemberProfile = builder.objectRef<Profile>("MemberProfile").implement({
  description:
    "Personal data: sealed at rest, opened for the member and for callers with `members:personal`.",
  authScopes: { anyOf: ["members:personal", "member:self"] },
  fields: (t) => ({
    name: t.exposeString("name", { nullable: true, description: "Full name." }),
    phone: t.exposeString("phone", { nullable: true, description: "E.164: `+8613812345678`." }),
    email: t.exposeString("email", { nullable: true, description: "In lower case." }),
    birthday: t.expose("birthday", { type: "Date", nullable: true, description: "Day of birth." }),
    gender: t.expose("gender", { type: Gender, nullable: true, description: "As the member says." }),
    region: t.exposeString("region", {
      nullable: true,
      description: "Where the member lives, as the brand writes it.",
    }),
    occupation: t.exposeString("occupation", { nullable: true, description: "What the member does." }),
  }),
});

export const Member = builder.drizzleNode("members", {
  name: "Member",
  description: "One customer's membership at one brand.",
  // Without the fields that ask for more, a member can be shown to whoever acts on one.
  authScopes: {
    anyOf: [
      ...(["members:read", "members:write", "member:self", "cards:scan"] as const),
      ...(["points:adjust", "points:spend", "benefits:use"] as const),
    ],
  },
  id: { column: ({ id }) => id, description: "`mbr_…`" },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    externalId: t.exposeString("externalId", {
      description: "The customer's id in the brand's own systems.",
    }),
    state: t.expose("state", { type: MemberState, description: "Active or closed." }),
    cardNumber: t.exposeString("cardNumber", {
      description: "16 digits with a check digit: what to show when the phone is offline.",
    }),
    locale: t.exposeString("locale", { nullable: true, description: "The member's language, BCP 47." }),
    sourceChannel: t.exposeString("sourceChannel", {
      nullable: true,
      description: "Where the member came from.",
    }),
    enrolledAt: t.expose("enrolledAt", { type: "DateTime", description: "Member since." }),
    updatedAt: t.expose("updatedAt", { type: "DateTime", description: "When its data last changed." }),
    closedAt: t.expose("closedAt", { type: "DateTime", nullable: true, description: "When it was closed." }),
    brand: t.relation("brand", { type: Brand, description: "Whose member it is." }),
    tier: t.relation("tier", { type: Tier, description: "The tier that the member has now." }),
    tierSince: t.expose("tierSince", { type: "DateTime", description: "Since when." }),
    consents: t.field({
      type: [ChannelConsent],
      description: "The channels that the member was asked about.",
      select: { columns: { consents: true } },
      resolve: ({ consents }) =>
        consentChannels.flatMap((channel) => {
          const consent = consents[channel];
          return consent ? [{ channel, ...consent }] : [];
        }),
    }),
    profile: t.field({
      type: MemberProfile,
      nullable: true,
      description: "Personal data; null, with an error, without the scope to read it.",
      authScopes: { anyOf: ["members:personal", "member:self"] },
      select: { columns: { profile: true }, with: { brand: { columns: { wrappedDataKey: true } } } },
      resolve: async (member, _args, { environment }) =>
        openProfile(member, await openDataKey(environment.encryptionKeys, member.brand.wrappedDataKey)),
    }),
    displayName: t.string({
      nullable: true,
      description: "A name that a screen in a shop may show: `李*`, `Anna K.`",
      select: { columns: { profile: true }, with: { brand: { columns: { wrappedDataKey: true } } } },
      resolve: async (member, _args, { environment }) => {
        const key = await openDataKey(environment.encryptionKeys, member.brand.wrappedDataKey);
        return displayNameOf((await openProfile(member, key)).name);
      },
    }),
  }),
});

/** A member sees itself while it is one; a caller of the brand sees all of the brand's. */
export const visibleMembers: Visible = (context) => {
  const { actor } = context;
  if (!actor) return null;
  if (actor.memberId) return { brandId: actor.brandId, id: actor.memberId, state: "ACTIVE" };
  return hasScope(context, "members:read") ? { brandId: actor.brandId } : null;
};

registerNode("Member", "members", visibleMembers);

const MemberByInput = builder.inputType("MemberBy", {
  description: "One way to name a member.",
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: "`mbr_…`" }),
    externalId: t.string({
      description: "The customer's id in the brand's own systems.",
      validate: shortText,
    }),
    phone: t.string({
      description: "As typed; without a country code, one of the brand's own.",
      validate: shortText,
    }),
    email: t.string({ description: "In any case.", validate: shortText }),
    cardNumber: t.string({ description: "As printed; blanks do not matter.", validate: shortText }),
  }),
});

const MemberFilter = builder.inputType("MemberFilter", {
  description: "Which members; all that is given must hold.",
  fields: (t) => ({
    state: t.field({ type: MemberState, description: "Active or closed." }),
    tierId: t.id({ description: "In this tier." }),
    sourceChannel: t.string({ description: "Came from there.", validate: shortText }),
    locale: t.string({ description: "With this language.", validate: languageTag }),
    enrolledFrom: t.field({ type: "DateTime", description: "Enrolled then or later." }),
    enrolledBefore: t.field({ type: "DateTime", description: "Enrolled before then." }),
  }),
});

builder.queryFields((t) => ({
  me: t.drizzleField({
    type: Member,
    nullable: true,
    description: "The member that the token belongs to.",
    authScopes: { anyOf: ["member:self"] },
    resolve: (query, _root, _args, context) =>
      context.database.query.members.findFirst(query({ where: visibleMembers(context) ?? { id: "" } })),
  }),
  member: t.drizzleField({
    type: Member,
    nullable: true,
    description: "A member of the caller's brand; null when there is none.",
    authScopes: { anyOf: ["members:read"] },
    args: { by: t.arg({ type: MemberByInput, required: true, description: "How it is named." }) },
    resolve: async (query, _root, { by }, context) => {
      const filter = await memberFilter(context, by as MemberBy);
      return context.database.query.members.findFirst(
        query({ where: { brandId: actorOf(context).brandId, ...filter } }),
      );
    },
  }),
  members: t.drizzleConnection(
    {
      type: "members",
      description: "The brand's members, newest first.",
      authScopes: { anyOf: ["members:read"] },
      args: { filter: t.arg({ type: MemberFilter, description: "Which; without it, all." }) },
      resolve: (query, _root, { filter }, context) => {
        const { enrolledFrom, enrolledBefore, ...equal } = filter ?? {};
        return context.database.query.members.findMany(
          query({
            where: {
              brandId: actorOf(context).brandId,
              ...given(equal),
              enrolledAt: {
                ...(enrolledFrom == null ? {} : { gte: enrolledFrom }),
                ...(enrolledBefore == null ? {} : { lt: enrolledBefore }),
              },
            },
            orderBy: { enrolledAt: "desc", id: "desc" },
          }),
        );
      },
    },
    ...pageOf("Member"),
  ),
}));

const ConsentInput = builder.inputType("ChannelConsentInput", {
  description: "What the member said about a channel.",
  fields: (t) => ({
    channel: t.field({ type: ConsentChannel, required: true, description: "The channel." }),
    granted: t.boolean({ required: true, description: "Whether the brand may write through it." }),
  }),
});

/** The same in enrolling and updating. */
function personalInput(t: PothosSchemaTypes.InputFieldBuilder<ExtendedTypes, "InputObject">) {
  return {
    name: t.string({ description: "Full name.", validate: shortText }),
    phone: t.string({
      description:
        "With or without country code; kept as E.164. It must look like a number of its country, by length and beginning; whether it is in use is for whoever enrols to verify.",
      validate: shortText,
    }),
    email: t.string({ description: "Kept in lower case.", validate: shortText }),
    birthday: t.field({ type: "Date", description: "Day of birth." }),
    gender: t.field({ type: Gender, description: "As the member says." }),
    region: t.string({ description: "Where the member lives, as the brand writes it.", validate: shortText }),
    occupation: t.string({ description: "What the member does.", validate: shortText }),
    locale: t.string({ description: "The member's language, BCP 47.", validate: languageTag }),
    consents: t.field({ type: [ConsentInput], description: "What the member said about channels." }),
  };
}

const memberRow = { row: "member", type: Member, table: "members" } as const;

rowMutation("enrolMember", {
  description: "Makes a customer a member, in the first tier.",
  scopes: ["members:write"],
  input: (t) => ({
    externalId: t.string({
      required: true,
      description: "The customer's id in the brand's own systems; one member each.",
      validate: shortText,
    }),
    ...personalInput(t),
    sourceChannel: t.string({
      description: "Where the member came from: `mini-program`, `store-12`.",
      validate: shortText,
    }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...memberRow,
  rowDescription: "The new member.",
  refusals: [MemberAlreadyExists, InvalidValue],
  resolve: (input, context, read) => enrolMember(context, input, read),
});

rowMutation("updateMember", {
  description:
    "Changes a member's data: null clears a value, what is left out stays. Phone and e-mail are taken as given: verify them before. A member token sets its birthday once.",
  scopes: ["members:write", "member:self"],
  input: (t) => ({
    memberId: t.id({ required: true, description: "Which member; with a member token, its own." }),
    ...personalInput(t),
  }),
  ...memberRow,
  rowDescription: "The member as it is now.",
  refusals: [NotFound, MemberClosed, MemberAlreadyExists, InvalidValue],
  resolve: (input, context, read) => updateMember(context, input, read),
});

rowMutation("closeMember", {
  description: "Ends a membership and erases its personal data. What happened stays on record under its id.",
  scopes: ["members:write", "member:self"],
  input: (t) => ({
    memberId: t.id({ required: true, description: "Which member; with a member token, its own." }),
    reason: t.string({
      required: true,
      description: "Why, for the record; no personal data.",
      validate: shortText,
    }),
    idempotencyKey: idempotencyKey(t),
  }),
  ...memberRow,
  rowDescription: "The member as it is now.",
  refusals: [NotFound, MemberClosed],
  resolve: (input, context, read) => closeMember(context, input, read),
});
