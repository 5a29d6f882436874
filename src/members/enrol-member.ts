import { and, eq, or } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { type ChannelConsents, type ConsentChannel, members } from "../../schema/tables/members.ts";
import { accounts, accountsOfMember } from "../../schema/tables/points.ts";
import { standings } from "../../schema/tables/standings.ts";
import { tiers } from "../../schema/tables/tiers.ts";
import { openDataKey } from "../brands/data-key.ts";
import { dayOf } from "../calendar.ts";
import { newCardNumber } from "../cards/card-number.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { isRefusal } from "../errors.ts";
import { tierReached } from "../tiers/ladder.ts";
import { isActiveWith } from "./conditions.ts";
import { normaliseProfile, type Profile, regionOf, sealProfile } from "./profile.ts";
import { MemberAlreadyExists } from "./refusals.ts";

/** What a customer is enrolled with. */
export interface NewMember extends Profile {
  externalId: string;
  locale?: string | null;
  sourceChannel?: string | null;
  consents?: { channel: ConsentChannel; granted: boolean }[] | null;
}

export interface EnrolMemberInput extends NewMember {
  idempotencyKey: string;
}

/**
 * Makes a customer a member: in the tier that asks for nothing, with empty accounts and a card number.
 * Refuses with MemberAlreadyExists when the external id, phone or e-mail address is another member's.
 */
export async function enrolMember<Row>(
  context: Context,
  input: EnrolMemberInput,
  read: Read<{ memberId: string }, Row>,
) {
  const { database, environment, newId, now } = context;
  const { brandId } = actorOf(context);
  const { externalId, locale: _, sourceChannel, consents: __, idempotencyKey: ___, ...given } = input;
  // The brand's key comes with the facts, so contacts can be looked up by their hashes from the second
  // attempt on; at the first, the unique indexes find those that are taken.
  let hashes: { phoneHash: string | null; emailHash: string | null } = { phoneHash: null, emailHash: null };

  return commit(context, {
    name: "enrolMember",
    input,
    load: () => [
      database.select().from(brands).where(eq(brands.id, brandId)),
      database.select().from(tiers).where(eq(tiers.brandId, brandId)),
      database
        .select({ id: members.id, externalId: members.externalId, phoneHash: members.phoneHash })
        .from(members)
        .where(
          and(
            eq(members.brandId, brandId),
            or(
              isActiveWith(members.externalId, externalId),
              ...(hashes.phoneHash ? [isActiveWith(members.phoneHash, hashes.phoneHash)] : []),
              ...(hashes.emailHash ? [isActiveWith(members.emailHash, hashes.emailHash)] : []),
            ),
          ),
        ),
    ],
    decide: async ([[brand], ladder, [taken]]) => {
      const firstTier = tierReached(ladder, 0);
      if (!brand || !firstTier) throw new Error(`Brand ${brandId} has no first tier.`);
      if (taken) {
        const samePhone = taken.phoneHash !== null && taken.phoneHash === hashes.phoneHash;
        const field = taken.externalId === externalId ? "externalId" : samePhone ? "phone" : "email";
        return MemberAlreadyExists({ field, existingMemberId: taken.id });
      }
      const profile = normaliseProfile(given, regionOf(brand.locale), dayOf(now, brand.timeZone));
      if (isRefusal(profile)) return profile;
      const memberId = newId("Member");
      const key = await openDataKey(environment.encryptionKeys, brand.wrappedDataKey);
      const sealed = await sealProfile(profile, key, memberId);
      hashes = sealed;
      const rows = rowsOfMember(context, { memberId, tierId: firstTier.id, sealed }, input);
      return {
        outcome: { memberId },
        effects: [
          database.insert(members).values(rows.member),
          database.insert(accounts).values(rows.accounts),
          database.insert(standings).values(rows.standing),
        ],
        audit: [{ subjectId: memberId, detail: { sourceChannel } }],
        events: [{ type: "member.enrolled", payload: { memberId, externalId } }],
      };
    },
    read,
  });
}

/** The rows that a membership begins with. */
export function rowsOfMember(
  context: Context,
  ids: { memberId: string; tierId: string; sealed: Awaited<ReturnType<typeof sealProfile>> },
  { externalId, locale, sourceChannel, consents }: NewMember,
) {
  const { newId, now } = context;
  const { brandId } = actorOf(context);
  const { memberId, tierId, sealed } = ids;
  return {
    member: {
      ...{ brandId, id: memberId, externalId, state: "ACTIVE" as const, cardNumber: newCardNumber() },
      ...{ tierId, tierSince: now, enrolledAt: now, updatedAt: now, closedAt: null },
      ...{ locale: locale ?? null, sourceChannel: sourceChannel ?? null },
      consents: consentsOf(consents ?? [], {}, now),
      ...sealed,
    },
    accounts: accountsOfMember.map((account) => ({
      ...{ brandId, id: newId("Account"), memberId, balance: 0 },
      ...account,
    })),
    standing: {
      ...{ brandId, memberId, tierId, since: now, version: 1 },
      ...{ until: null, reviewAt: null },
    },
  };
}

/** The consents by channel after those given now; a channel that stays as it was keeps its moment. */
export function consentsOf(
  given: readonly { channel: ConsentChannel; granted: boolean }[],
  before: ChannelConsents,
  now: number,
): ChannelConsents {
  const changed = given.filter(({ channel, granted }) => before[channel]?.granted !== granted);
  return {
    ...before,
    ...Object.fromEntries(changed.map(({ channel, granted }) => [channel, { granted, at: now }])),
  };
}
