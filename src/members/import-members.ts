import { eq, or, type SQLWrapper, sql } from "drizzle-orm";
import { members } from "../../schema/tables/members.ts";
import { accounts } from "../../schema/tables/points.ts";
import { standings } from "../../schema/tables/standings.ts";
import { tiers } from "../../schema/tables/tiers.ts";
import { openDataKey } from "../brands/data-key.ts";
import { dayOf } from "../calendar.ts";
import { actorOf, type Context } from "../context.ts";
import { eachOf, insertRows } from "../database/bulk.ts";
import { commit } from "../database/commit.ts";
import { isRefusal, type Refusal } from "../errors.ts";
import { tierReached } from "../tiers/ladder.ts";
import { type NewMember, rowsOfMember } from "./enrol-member.ts";
import { normaliseProfile, regionOf, sealProfile } from "./profile.ts";
import { MemberAlreadyExists } from "./refusals.ts";

/** What became of a customer: one who is a member already stays as it is. */
export interface ImportedMember {
  externalId: string;
  status: "ENROLLED" | "KNOWN" | "REFUSED";
  refusal: Refusal | null;
}

type Sealed = Awaited<ReturnType<typeof sealProfile>>;
type Prepared = { sent: NewMember; memberId: string; sealed: Sealed } | { sent: NewMember; refusal: Refusal };
type Found = { id: string; externalId: string; phoneHash: string | null; emailHash: string | null };

/**
 * Makes many customers members in one commit, each as `enrolMember` does. Each external id is enrolled
 * once, so the same call can be made again; one that cannot be is refused by itself.
 *
 * @param dryRun decides what would become of each, and writes nothing.
 * @throws CallerError as `commit` does.
 */
export async function importMembers(
  context: Context,
  sent: readonly NewMember[],
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<ImportedMember[]> {
  const { database } = context;
  const { brandId } = actorOf(context);
  const prepared = await prepare(context, sent);
  const result = await commit(context, {
    name: "importMembers",
    input: {},
    load: () => [database.select().from(tiers).where(eq(tiers.brandId, brandId)), whoHas(context, prepared)],
    decide: ([ladder, taken]) => {
      const firstTier = tierReached(ladder, 0);
      if (!firstTier) throw new Error(`Brand ${brandId} has no first tier.`);
      const { results, added } = enter(prepared, taken);
      if (dryRun) return { outcome: results, effects: [], audit: [] };
      const rows = added.map(({ sent: member, ...ids }) =>
        rowsOfMember(context, { ...ids, tierId: firstTier.id }, member),
      );
      const enrolled = rows.map(({ member }) => member);
      return {
        outcome: results,
        effects: [
          ...insertRows(database, members, enrolled),
          ...insertRows(
            database,
            accounts,
            rows.flatMap((row) => row.accounts),
          ),
          ...insertRows(
            database,
            standings,
            rows.map(({ standing }) => standing),
          ),
        ],
        audit: enrolled.map(({ id, sourceChannel }) => ({ subjectId: id, detail: { sourceChannel } })),
        events: enrolled.map(({ id, externalId }) => ({
          type: "member.enrolled",
          payload: { memberId: id, externalId },
        })),
      };
    },
  });
  if (isRefusal(result)) throw new Error(`The members were refused: ${JSON.stringify(result)}`);
  return result.outcome;
}

/** What is written of each, or why it cannot be. */
async function prepare(context: Context, sent: readonly NewMember[]): Promise<Prepared[]> {
  const { database, environment, newId, now } = context;
  const { brandId } = actorOf(context);
  const brand = await database.query.brands.findFirst({ where: { id: brandId } });
  if (!brand) throw new Error(`There is no brand ${brandId}.`);
  const key = await openDataKey(environment.encryptionKeys, brand.wrappedDataKey);
  const today = dayOf(now, brand.timeZone);
  return Promise.all(
    sent.map(async (member): Promise<Prepared> => {
      const { externalId: _, locale: __, sourceChannel: ___, consents: ____, ...given } = member;
      const profile = normaliseProfile(given, regionOf(brand.locale), today);
      if (isRefusal(profile)) return { sent: member, refusal: profile };
      const memberId = newId("Member");
      return { sent: member, memberId, sealed: await sealProfile(profile, key, memberId) };
    }),
  );
}

/**
 * The members that have an external id or a contact of those sent. Each alternative names the brand itself:
 * given apart from them, SQLite would look through all members that the brand has.
 */
function whoHas({ database, ...context }: Context, prepared: readonly Prepared[]) {
  const { brandId } = actorOf(context);
  const isOneOf = (column: SQLWrapper, texts: (string | null)[]) =>
    sql`(${members.brandId} = ${brandId} and ${column} in (${eachOf(texts)}) and ${members.state} = 'ACTIVE')`;
  const sealed = prepared.flatMap((one) => ("sealed" in one ? [one.sealed] : []));
  return database
    .select({
      ...{ id: members.id, externalId: members.externalId },
      ...{ phoneHash: members.phoneHash, emailHash: members.emailHash },
    })
    .from(members)
    .where(
      or(
        isOneOf(
          members.externalId,
          prepared.map(({ sent }) => sent.externalId),
        ),
        isOneOf(
          members.phoneHash,
          sealed.map(({ phoneHash }) => phoneHash),
        ),
        isOneOf(
          members.emailHash,
          sealed.map(({ emailHash }) => emailHash),
        ),
      ),
    );
}

/** Who is enrolled of those sent: also among them, an external id and a contact are of one. PURE. */
function enter(prepared: readonly Prepared[], taken: readonly Found[]) {
  const keysOf = ({ externalId, phoneHash, emailHash }: Omit<Found, "id">) =>
    Object.entries({ externalId, phone: phoneHash, email: emailHash }).flatMap(([field, value]) =>
      value === null ? [] : [[field, `${field}:${value}`] as const],
    );
  const holders = new Map(taken.flatMap((member) => keysOf(member).map(([, key]) => [key, member.id])));
  const added: Extract<Prepared, { sealed: Sealed }>[] = [];
  const results = prepared.map((one): ImportedMember => {
    const { externalId } = one.sent;
    if (holders.has(`externalId:${externalId}`)) return { externalId, status: "KNOWN", refusal: null };
    if ("refusal" in one) return { externalId, status: "REFUSED", refusal: one.refusal };
    const keys = keysOf({ externalId, ...one.sealed });
    const other = keys.find(([, key]) => holders.has(key));
    if (other) {
      const existingMemberId = holders.get(other[1]) ?? null;
      return {
        externalId,
        status: "REFUSED",
        refusal: MemberAlreadyExists({ field: other[0], existingMemberId }),
      };
    }
    for (const [, key] of keys) holders.set(key, one.memberId);
    added.push(one);
    return { externalId, status: "ENROLLED", refusal: null };
  });
  return { results, added };
}
