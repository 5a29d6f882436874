import { and, eq, type SQL, sql } from "drizzle-orm";
import { type OfferLimit, offerCounters, offers } from "../../schema/tables/offers.ts";
import { DAY_MS, periodAround } from "../calendar.ts";
import type { LimitTaken, Reason } from "../carts/cart.ts";
import { actorOf, type Context } from "../context.ts";
import type { Statement } from "../database/commit.ts";

/** Where a use counts towards a limit. */
export interface Counter {
  limit: OfferLimit;
  /** As in `offer_counters`; null where nobody is named whose it would be. */
  subject: string | null;
  /** The first moment of its period by the brand's calendar; 0 for a lifetime. */
  periodStart: number;
}

/** What a use was counted by: kept with it, so that exactly this can be given back. */
export type Counted = Pick<typeof offerCounters.$inferSelect, "subject" | "period" | "periodStart">;

type CounterRow = Counted & { offerId: string; uses: number; discountMinor: number };

/** Who uses an offer, and where. */
interface User {
  memberId: string | null;
  store: string | null;
}

const subjectOf = (per: OfferLimit["per"], { memberId, store }: User): string | null =>
  ({
    OFFER: "*",
    MEMBER: memberId && `member:${memberId}`,
    STORE: store && `store:${store}`,
  })[per] || null;

/** The counters that a use at a moment counts in. @param limits those of the offer's present version. */
export const countersOf = (
  limits: readonly OfferLimit[] | null | undefined,
  { at, timeZone, ...user }: User & { at: number; timeZone: string },
): Counter[] =>
  (limits ?? []).map((limit) => ({
    limit,
    subject: subjectOf(limit.per, user),
    periodStart: periodAround(limit.period, timeZone, at)?.start ?? 0,
  }));

/** Longer than any period of the kind, in days. */
const LONGEST = { DAY: 2, WEEK: 8, MONTH: 32, YEAR: 367 } as const;

/**
 * Reads what is taken of offers' limits by all, by a member and in a store, in the periods around a moment.
 * @param offerIds a list in brackets. @param memberId who, or a query of it. @param at now, unless said otherwise.
 */
export const readCounters = (
  { database, actor, now }: Pick<Context, "database" | "actor" | "now">,
  offerIds: SQL,
  { at = now, memberId, store }: { memberId: string | SQL | null; store: string | null; at?: number },
) => {
  const { period, periodStart } = offerCounters;
  const since = Object.entries(LONGEST).map(([name, days]) => sql`when ${name} then ${at - days * DAY_MS}`);
  return database
    .select({
      offerId: offerCounters.offerId,
      subject: offerCounters.subject,
      period,
      periodStart,
      uses: offerCounters.uses,
      discountMinor: offerCounters.discountMinor,
    })
    .from(offerCounters)
    .where(
      and(
        eq(offerCounters.brandId, actorOf({ actor }).brandId),
        sql`${offerCounters.offerId} in ${offerIds}`,
        // Of nobody, and of no store, there are none.
        sql`${offerCounters.subject} in ('*', 'member:' || ${memberId}, 'store:' || ${store})`,
        sql`${periodStart} >= case ${period} ${sql.join(since, sql` `)} else 0 end`,
      ),
    );
};

/** What of an offer's limits is taken. @param rows what `readCounters` found, also of other offers. */
export const takenOf = (
  offerId: string,
  counters: readonly Counter[],
  rows: readonly CounterRow[],
): LimitTaken[] =>
  counters.map(({ limit, subject, periodStart }) => {
    const row = rows.find(
      (one) =>
        one.offerId === offerId &&
        one.subject === subject &&
        one.period === limit.period &&
        one.periodStart === periodStart,
    );
    return { limit, subject, periodStart, uses: row?.uses ?? 0, discountMinor: row?.discountMinor ?? 0 };
  });

/** What is taken once uses that counted have been given back. PURE. */
export const countedWithout = <Row extends CounterRow>(
  rows: readonly Row[],
  uses: readonly { offerId: string; counted: readonly Counted[]; discountMinor: number }[],
): Row[] =>
  rows.map((row) => {
    const own = uses.filter(
      ({ offerId, counted }) => offerId === row.offerId && counted.some((one) => isSameCounter(one, row)),
    );
    const minor = own.reduce((sum, { discountMinor }) => sum + discountMinor, 0);
    return { ...row, uses: row.uses - own.length, discountMinor: row.discountMinor - minor };
  });

const isSameCounter = (a: Counted, b: Counted): boolean =>
  a.subject === b.subject && a.period === b.period && a.periodStart === b.periodStart;

/** Which limit leaves no room for one more use with such a discount, in minor units. PURE. */
export function whyNotWithin(taken: readonly LimitTaken[], discountMinor: number): Reason | undefined {
  for (const { limit, subject, ...used } of taken) {
    // What counts nowhere could not be limited.
    if (subject === null) return { code: limit.per === "STORE" ? "STORE" : "MEMBER_NEEDED" };
    if (limit.uses != null && used.uses >= limit.uses) return { code: "USED_UP", limit: limit.uses };
    if (limit.discountMinor != null && used.discountMinor + discountMinor > limit.discountMinor) {
      return { code: "BUDGET", leftMinor: Math.max(0, limit.discountMinor - used.discountMinor) };
    }
  }
  return undefined;
}

/** What to keep of a use's counters. */
export const countedBy = (counters: readonly Counter[]): Counted[] =>
  counters.map(({ limit, subject, periodStart }) => {
    if (subject === null) throw new Error("A use of a limit that names nobody was let through.");
    return { subject, period: limit.period, periodStart };
  });

/** A condition: offers have the states and versions, and so the limits, that were read. */
export const areAsRead = (
  brandId: string,
  read: readonly Pick<typeof offers.$inferSelect, "id" | "version" | "state">[],
): SQL => {
  const rows = JSON.stringify(read.map(({ id, version, state }) => ({ id, version, state })));
  return sql`not exists (select 1 from json_each(${rows}) f where not exists (
    select 1 from ${offers} where ${offers.brandId} = ${brandId} and ${offers.id} = f.value ->> '$.id'
      and ${offers.version} = f.value ->> '$.version' and ${offers.state} = f.value ->> '$.state'))`;
};

/**
 * Counts uses. Aborts the commit by a CHECK rather than exceed a limit; the limits are those given, so the
 * caller guards with `areAsRead` what they were read of.
 */
export function takeFromLimits(
  context: Context,
  uses: readonly { offerId: string; counters: readonly Counter[]; discountMinor: number }[],
): Statement[] {
  const { brandId } = actorOf(context);
  const rows = uses.flatMap(({ offerId, counters, discountMinor }) =>
    countedBy(counters).map((counted, place) => ({
      ...{ brandId, offerId, ...counted, discountMinor },
      usesLimit: counters[place]?.limit.uses ?? null,
      discountLimitMinor: counters[place]?.limit.discountMinor ?? null,
    })),
  );
  if (rows.length === 0) return [];
  const column = (name: keyof (typeof rows)[number]) => sql.raw(`value ->> '$.${name}'`);
  return [
    context.database.run(sql`
      insert into ${offerCounters} (brand_id, offer_id, subject, period, period_start, uses, uses_limit, discount_minor, discount_limit_minor)
      select ${column("brandId")}, ${column("offerId")}, ${column("subject")}, ${column("period")}, ${column("periodStart")},
        1, ${column("usesLimit")}, ${column("discountMinor")}, ${column("discountLimitMinor")}
      from json_each(${JSON.stringify(rows)}) where true
      on conflict do update set
        uses = uses + 1, uses_limit = excluded.uses_limit,
        discount_minor = discount_minor + excluded.discount_minor, discount_limit_minor = excluded.discount_limit_minor`),
  ];
}

/**
 * Gives back what uses had counted: a whole use, or (`uses: 0`) a part of its discount alone. Never below zero,
 * and never refused, whatever the limits have become.
 */
export function giveBackToLimits(
  context: Context,
  uses: readonly { offerId: string; counted: readonly Counted[]; discountMinor: number; uses: 0 | 1 }[],
): Statement[] {
  const { brandId } = actorOf(context);
  const rows = uses.flatMap(({ counted, ...use }) => counted.map((one) => ({ brandId, ...use, ...one })));
  if (rows.length === 0) return [];
  // One row a counter: of several, an `update … from` would see only one.
  return [
    context.database.run(sql`
      update ${offerCounters}
      set uses = max(0, uses - f.given_uses), discount_minor = max(0, discount_minor - f.given_minor)
      from (
        select value ->> '$.brandId' b, value ->> '$.offerId' o, value ->> '$.subject' s, value ->> '$.period' p,
          value ->> '$.periodStart' t, sum(value ->> '$.uses') given_uses, sum(value ->> '$.discountMinor') given_minor
        from json_each(${JSON.stringify(rows)}) group by 1, 2, 3, 4, 5
      ) f
      where brand_id = f.b and offer_id = f.o and subject = f.s and period = f.p and period_start = f.t`),
  ];
}
