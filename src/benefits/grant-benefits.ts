import { and, eq, gt, type SQL, sql } from "drizzle-orm";
import { benefitUsages } from "../../schema/tables/benefits.ts";
import { members } from "../../schema/tables/members.ts";
import { offers } from "../../schema/tables/offers.ts";
import { tierBenefits } from "../../schema/tables/tiers.ts";
import { type DataKey, openDataKey } from "../brands/data-key.ts";
import { DAY_MS, zoned } from "../calendar.ts";
import type { Context } from "../context.ts";
import { newCoupons, readHoldings } from "../coupons/new-coupons.ts";
import { eachOf } from "../database/bulk.ts";
import type { Database } from "../database/client.ts";
import { commit, mustHold, type Statement } from "../database/commit.ts";
import type { Environment } from "../environment.ts";
import { isRefusal } from "../errors.ts";
import { asPlatform, logFailure } from "../jobs/platform.ts";
import { hashBirthday, openProfile } from "../members/profile.ts";
import { couponsLeft, whyNotAnother } from "../offers/issuing.ts";
import { birthdaysAround } from "./birthdays.ts";
import { entitlementOf } from "./entitlement.ts";
import { type BenefitRow, type OfferRow, takings, type UsageRow, whyNoCoupon } from "./taking.ts";

/** How far the granting has come: of the last member that was looked at. */
export interface GrantPlace {
  brandId: string;
  benefitId: string;
  memberId: string;
}

const BENEFITS_AT_ONCE = 50;
const MOST_MEMBERS = 500;
/** After every id. */
const LAST = "~";
/** Longer than any birthday's days, shorter than from one birthday to the next. */
const BIRTHDAY_PERIOD_MS = 363 * DAY_MS;

/**
 * Gives the coupons of granted benefits to the members who have them, each once a period when its time has
 * begun, but to nobody who claimed it in the period or cannot have the coupon. Looks at about `limit` members,
 * a commit a benefit; going on after `next`, until it is null, takes all; doing it again changes nothing.
 *
 * @param now milliseconds since 1970.
 * @param after where an earlier call stopped.
 * @returns `failed`: for how many benefits the commit failed; they stay due, and hold up no other.
 */
export async function grantBenefits(
  database: Database,
  environment: Environment,
  now: number,
  limit: number,
  after?: GrantPlace | null,
): Promise<{ granted: number; failed: number; next: GrantPlace | null }> {
  const granting = await grantedBenefits(database, after);
  let [granted, failed] = [0, 0];
  let left = limit;
  for (const benefit of granting) {
    const { brandId, id: benefitId } = benefit;
    const isFirst = benefitId === after?.benefitId && brandId === after.brandId;
    const most = Math.min(left, MOST_MEMBERS);
    const from = isFirst ? after.memberId : "";
    const page = { now, most, after: from };
    const chunk = await grantToMembers(database, environment, benefit, page).catch((error) => {
      logFailure({ job: "grantBenefits", brandId }, error);
    });
    if (!chunk) {
      failed += 1;
      continue;
    }
    granted += chunk.granted;
    left -= chunk.looked;
    if (chunk.looked === most) return { granted, failed, next: { brandId, benefitId, memberId: chunk.last } };
  }
  const last = granting.length === BENEFITS_AT_ONCE ? granting.at(-1) : undefined;
  return {
    granted,
    failed,
    next: last ? { brandId: last.brandId, benefitId: last.id, memberId: LAST } : null,
  };
}

type Granting = BenefitRow & { timeZone: string; wrappedDataKey: string };

/** Benefits that are granted, from a place on. */
async function grantedBenefits(database: Database, after?: GrantPlace | null): Promise<Granting[]> {
  const found = await database.query.benefits.findMany({
    where: {
      RAW: (t) =>
        sql`${t.terms} ->> '$.granted' = 1 and (${t.brandId}, ${t.id}) >= (${after?.brandId ?? ""}, ${after?.benefitId ?? ""})`,
    },
    with: { brand: { columns: { timeZone: true, wrappedDataKey: true } } },
    orderBy: { brandId: "asc", id: "asc" },
    limit: BENEFITS_AT_ONCE,
  });
  return found.map(({ brand, ...benefit }) => ({ ...benefit, ...brand }));
}

interface Page {
  now: number;
  most: number;
  after: string;
}

async function grantToMembers(
  database: Database,
  environment: Environment,
  benefit: Granting,
  page: Page,
): Promise<{ granted: number; looked: number; last: string }> {
  const { now, after } = page;
  const { brandId, id: benefitId, timeZone, wrappedDataKey } = benefit;
  const offerId = benefit.terms.offerId ?? "";
  const key = await openDataKey(environment.encryptionKeys, wrappedDataKey);
  const candidates = await candidatesFor(benefit, key, page);
  if (!candidates) return { granted: 0, looked: 0, last: after };
  const context = asPlatform(database, environment, brandId, now);
  const result = await commit(context, {
    name: "grantBenefits",
    input: {},
    load: () => [
      database.query.members.findMany({
        where: { brandId, RAW: (t) => sql`${t.id} in ${candidates.ids}` },
        with: { benefitUses: { where: { benefitId } } },
        orderBy: { id: "asc" },
      }),
      database
        .select()
        .from(offers)
        .where(and(eq(offers.brandId, brandId), eq(offers.id, offerId))),
      readHoldings(context, offerId, candidates.ids),
    ],
    decide: async ([found, [offer], holdings]) => {
      const looked = { looked: found.length, last: found.at(-1)?.id ?? after };
      const nothing = { outcome: { granted: 0, ...looked }, effects: [], audit: [] };
      if (!offer || whyNoCoupon(offer, offerId, now)) return nothing;
      const heldBy = new Map(holdings.map(({ memberId, held }) => [memberId, held]));
      const due: { memberId: string; periodStart: number }[] = [];
      for (const member of found) {
        if (whyNotAnother(offer, member.id, heldBy.get(member.id) ?? 0)) continue;
        const { birthday } = await openProfile(member, key);
        const uses = new Map(member.benefitUses.map(({ periodStart, used }) => [periodStart, used]));
        const { usable, periodStart } = entitlementOf(benefit, { timeZone, birthday }, uses, now);
        if (usable) due.push({ memberId: member.id, periodStart });
      }
      const takers = due.slice(0, couponsLeft(offer));
      if (takers.length === 0) return nothing;
      const memberIds = takers.map(({ memberId }) => memberId);
      return {
        outcome: { granted: takers.length, ...looked },
        ...grants(context, benefit, offer, takers, mustHold(database, candidates.haveNotTaken(memberIds))),
      };
    },
  });
  if (isRefusal(result)) throw new Error(`Granting ${benefitId} was refused: ${JSON.stringify(result)}`);
  return result.outcome;
}

/** Who may be due: in a tier with the benefit, and not yet given it in this period; undefined for nobody. */
async function candidatesFor(benefit: Granting, key: DataKey, { now, most, after }: Page) {
  const { brandId, id: benefitId, timeZone, kind, terms } = benefit;
  const isBirthday = kind === "BIRTHDAY_GIFT";
  const common = entitlementOf(benefit, { timeZone }, new Map(), now);
  if (!isBirthday && !common.usable) return undefined;
  const days = isBirthday ? birthdaysAround(terms, zoned(now, timeZone).toPlainDate()) : [];
  const hashes = await Promise.all(days.map((day) => hashBirthday(day, key)));
  const period = isBirthday ? sql`> ${now - BIRTHDAY_PERIOD_MS}` : sql`= ${common.periodStart}`;
  const haveTaken = (memberIds: SQL) => sql`exists (
    select 1 from ${benefitUsages} where ${benefitUsages.brandId} = ${brandId}
      and ${benefitUsages.memberId} in (${memberIds}) and ${benefitUsages.benefitId} = ${benefitId}
      and ${benefitUsages.kind} in ('GRANTED', 'CLAIMED') and ${benefitUsages.periodStart} ${period})`;
  const isCandidate = and(
    ...[eq(members.brandId, brandId), eq(members.state, "ACTIVE"), gt(members.id, after)],
    isBirthday ? sql`${members.birthdayHash} in (${eachOf(hashes)})` : undefined,
    sql`${members.tierId} in (select ${tierBenefits.tierId} from ${tierBenefits}
      where ${tierBenefits.brandId} = ${brandId} and ${tierBenefits.benefitId} = ${benefitId})`,
    sql`not ${haveTaken(sql`${members.id}`)}`,
  );
  return {
    ids: sql`(select ${members.id} from ${members} where ${isCandidate} order by ${members.id} limit ${most})`,
    haveNotTaken: (memberIds: readonly string[]) => sql`not ${haveTaken(eachOf(memberIds))}`,
  };
}

/** What a commit does that gives a benefit's coupon to some. @param guard nobody has claimed it meanwhile. */
function grants(
  context: Context,
  benefit: Granting,
  offer: OfferRow,
  takers: readonly { memberId: string; periodStart: number }[],
  guard: Statement,
) {
  const { brandId, id: benefitId, timeZone } = benefit;
  const memberIds = takers.map(({ memberId }) => memberId);
  const issued = newCoupons(context, offer, timeZone, memberIds, { issuedByBrandId: brandId });
  const couponIds = issued.rows.map(({ id }) => id);
  const usages = takers.map(
    (taker, position): UsageRow => ({
      ...{ brandId, id: context.newId("BenefitUsage"), benefitId, kind: "GRANTED", reference: null },
      ...{ ...taker, couponId: couponIds[position] ?? null, createdAt: context.now },
    }),
  );
  const told = usages.map(({ memberId, couponId, periodStart }) => ({
    ...{ memberId, benefitId, couponId, periodStart },
  }));
  return {
    effects: [guard, ...issued.effects, ...takings(context, benefit, usages)],
    audit: told.map(({ memberId, ...detail }) => ({ subjectId: memberId, detail })),
    events: [
      ...told.map((payload) => ({ type: "benefit.granted", payload })),
      { type: "coupons.issued", payload: { offerId: offer.id, couponIds } },
    ],
  };
}
