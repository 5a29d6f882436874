import { and, eq, ne, or } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import { type ConsentChannel, members } from "../../schema/tables/members.ts";
import { openDataKey } from "../brands/data-key.ts";
import { dayOf } from "../calendar.ts";
import { actorOf, type Context, mayActFor } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { InvalidValue, isRefusal, NotFound } from "../errors.ts";
import { differing } from "../given.ts";
import { isActiveWith } from "./conditions.ts";
import { consentsOf } from "./enrol-member.ts";
import {
  normaliseProfile,
  openProfile,
  type Profile,
  profileFields,
  regionOf,
  sealProfile,
} from "./profile.ts";
import { MemberAlreadyExists, MemberClosed } from "./refusals.ts";

export interface UpdateMemberInput extends Profile {
  memberId: string;
  locale?: string | null;
  consents?: { channel: ConsentChannel; granted: boolean }[] | null;
}

/** Changes what is given of a member: null clears a value, what is left out stays. */
export async function updateMember<Row>(
  context: Context,
  input: UpdateMemberInput,
  read: Read<{ memberId: string }, Row>,
) {
  const { database, environment, now } = context;
  const { brandId } = actorOf(context);
  const { memberId } = input;
  const given = Object.fromEntries(
    profileFields.filter((field) => input[field] !== undefined).map((field) => [field, input[field]]),
  ) as Profile;
  let hashes: { phoneHash: string | null; emailHash: string | null } | undefined;

  return commit(context, {
    name: "updateMember",
    input,
    load: () => [
      database.select().from(brands).where(eq(brands.id, brandId)),
      database
        .select()
        .from(members)
        .where(and(eq(members.brandId, brandId), eq(members.id, memberId))),
      database
        .select({ id: members.id, phoneHash: members.phoneHash })
        .from(members)
        .where(
          and(
            eq(members.brandId, brandId),
            ne(members.id, memberId),
            or(
              isActiveWith(members.phoneHash, hashes?.phoneHash ?? ""),
              isActiveWith(members.emailHash, hashes?.emailHash ?? ""),
            ),
          ),
        ),
    ],
    decide: async ([[brand], [member], [taken]]) => {
      if (!brand || !member || !mayActFor(context, memberId)) return NotFound({ id: memberId });
      if (member.state === "CLOSED") return MemberClosed({ memberId, closedAt: member.closedAt });
      if (taken) {
        const field = taken.phoneHash === hashes?.phoneHash ? "phone" : "email";
        // A member is not told who else has what it claims to be its own.
        return MemberAlreadyExists({ field, existingMemberId: actorOf(context).memberId ? null : taken.id });
      }
      const key = await openDataKey(environment.encryptionKeys, brand.wrappedDataKey);
      const before = await openProfile(member, key);
      if (
        actorOf(context).memberId &&
        before.birthday &&
        "birthday" in given &&
        given.birthday !== before.birthday
      ) {
        return InvalidValue({
          field: "birthday",
          reason: "can be changed by the brand only, once it is set",
        });
      }
      const merged = { ...before, ...given };
      const profile = normaliseProfile(merged, regionOf(brand.locale), dayOf(now, brand.timeZone));
      if (isRefusal(profile)) return profile;
      const sealed = await sealProfile(profile, key, memberId);
      hashes = sealed;
      const rest = {
        locale: input.locale === undefined ? member.locale : input.locale,
        consents: consentsOf(input.consents ?? [], member.consents, now),
      };
      return {
        outcome: { memberId },
        effects: [
          database
            .update(members)
            .set({ ...sealed, ...rest, updatedAt: now })
            // The profile was merged from what was read: it must still be that.
            .where(
              and(
                eq(members.brandId, brandId),
                eq(members.id, memberId),
                eq(members.profile, member.profile),
              ),
            ),
          mustChange(database),
        ],
        audit: [
          {
            subjectId: memberId,
            detail: { changed: differing({ ...member, ...before }, { ...profile, ...rest }) },
          },
        ],
        events: [{ type: "member.updated", payload: { memberId } }],
      };
    },
    read,
  });
}
