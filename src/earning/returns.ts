import { sql } from "drizzle-orm";
import { awards } from "../../schema/tables/earning.ts";
import type { Cause, PointUnit } from "../../schema/tables/points.ts";
import { openUsed } from "../carts/used-back.ts";
import { actorOf, type Context } from "../context.ts";
import { changesOf } from "../database/bulk.ts";
import { mustChange, mustHold, type Statement } from "../database/commit.ts";
import { isRefusal, type Refusal } from "../errors.ts";
import { areActiveMembers } from "../members/conditions.ts";
import type { FactKey, Returned } from "../orders/fact.ts";
import type { Reaction } from "../orders/reaction.ts";
import type { Refunded } from "../orders/refund.ts";
import { expiredOf } from "../points/expired-of.ts";
import { endOfGrace } from "../points/expiry.ts";
import { byKind, moveManyPoints } from "../points/move-points.ts";
import { policyOf } from "../points/policy.ts";
import type { Purse } from "../points/purse.ts";
import { debtOf } from "../points/repay-debt.ts";
import type { Spend } from "../points/reversal.ts";
import { areReversals } from "../points/reverse-spend.ts";
import { endHold, lotsOf } from "../points/wallet.ts";
import type { CountedFact } from "../tiers/counted-fact.ts";
import type { StandingRead } from "../tiers/standing-version.ts";
import type { AwardRow, Owner, ReturnRows } from "./read-returns.ts";
import {
  type AwardState,
  type MemberState,
  type Settled,
  type SettledOrder,
  settleOrder,
} from "./settle-order.ts";

/** What goods that go back, and orders that are cancelled, do to points, coupons and benefits. */
export interface Returns {
  /**
   * Settles a refund, after those before; or without one, that the order was cancelled. Answers what it did
   * to coupons and to points, these undefined without a member that has any. Does nothing where it refuses.
   */
  settle: (order: ReturnedOrder, refunds: readonly Refunded[], refundId?: string) => Refusal | Returned;
  /** What all of them do together. */
  reaction: () => Reaction;
}

type ReturnedOrder = SettledOrder & FactKey & { id: string };

/**
 * Begins to settle what goes back; each order builds on the ones before it, of the same member too. What
 * a closed membership has stays as it is. PURE, apart from new ids.
 */
export function openReturns(
  context: Context,
  [owners, spends, awardRows, brandAccounts, usedRows]: ReturnRows,
): Returns {
  const used = openUsed(context, usedRows);
  const ownerOf = new Map(owners.map((owner) => [owner.id, owner]));
  const awardOf = new Map(awardRows.map((award) => [award.orderId, award]));
  const members = new Map<string, MemberState>();
  const states = new Map<string, AwardState>();
  const standings = new Map<string, StandingRead>();
  const records: Pick<Reaction, "audit" | "events"> = { audit: [], events: [] };
  return {
    settle: (order, refunds, refundId) => {
      const back = used.backOf(order, refunds);
      const { coupons, memberId, given, took } = back;
      const owner = ownerOf.get(memberId ?? "");
      if (!owner) {
        used.enter(back);
        return { coupons };
      }
      const standing = { memberId: owner.id, version: owner.standing.version };
      if (owner.state === "CLOSED") {
        standings.set(owner.id, standing);
        used.enter(back);
        return { coupons };
      }
      const member = members.get(owner.id) ?? openMember(owner, spends, brandAccounts);
      const award = states.get(order.id) ?? openAward(awardOf.get(order.id));
      const about = { reference: order.externalId, orderId: order.id, refundId };
      const settled = settleOrder(
        member,
        award,
        { order, refunds, given, took },
        makingOf(context, owner, about),
      );
      if (isRefusal(settled)) return settled;
      used.enter(back);
      standings.set(owner.id, standing);
      members.set(owner.id, settled.member);
      if (settled.award) states.set(order.id, settled.award);
      const told = recordsOf(member, settled, about);
      records.audit.push(...told.audit);
      records.events.push(...told.events);
      const points = {
        pointsGivenBack: settled.returned,
        pointsTakenBack: settled.points + sumOf(settled.given, "points"),
        pointsOwed: settled.owed + sumOf(settled.given, "owed"),
        growthValueTakenBack: settled.growthValue,
      };
      return { coupons, points };
    },
    reaction: () => ({
      audit: [...records.audit, ...used.records().audit],
      events: [...records.events, ...used.records().events],
      effects: [
        ...used.effects(),
        ...[...members].flatMap(([id, { purse }]) => releasesOf(context, ownerOf.get(id), purse)),
        ...movesOf(context, [...members.values()], spends),
        ...countBack(context, [...states.values()], awardRows),
      ],
      standings: [...standings.values()],
      counted: [...states].flatMap(([orderId, state]) => lessCounted(state, awardOf.get(orderId))),
    }),
  };
}

const sumOf = <Name extends string>(parts: readonly Record<Name, number>[], name: Name): number =>
  parts.reduce((sum, part) => sum + part[name], 0);

function openMember(owner: Owner, spends: ReturnRows[1], brandAccounts: ReturnRows[3]): MemberState {
  const accountsOf = (wanted: PointUnit) =>
    byKind([...brandAccounts, ...owner.accounts].filter(({ unit }) => unit === wanted));
  return {
    purse: {
      memberId: owner.id,
      accounts: { POINTS: accountsOf("POINTS"), GROWTH_VALUE: accountsOf("GROWTH_VALUE") },
      growthValue: owner.accounts.find(({ unit }) => unit === "GROWTH_VALUE")?.balance ?? 0,
      ...{ lots: lotsOf(owner), owed: debtOf(owner.accounts), moves: [] },
    },
    spends: spends.filter(({ memberId }) => memberId === owner.id),
    policy: policyOf(owner.brand.pointsPolicy),
  };
}

function openAward(award: AwardRow | undefined): AwardState | undefined {
  if (!award) return undefined;
  return { ...award, expired: expiredOf(award.lot?.uses ?? []) };
}

/** What tiers count less, when it was earned. */
function lessCounted(is: AwardState, was: AwardRow | undefined): CountedFact[] {
  if (!was) return [];
  const { memberId, earnedAt: at } = was;
  return [
    { memberId, at, measure: "POINTS_EARNED", amount: was.pointsBack - is.pointsBack },
    { memberId, at, measure: "GROWTH_VALUE", amount: was.growthValueBack - is.growthValueBack },
  ];
}

const makingOf = ({ newId, now }: Context, { brand }: Owner, cause: Omit<Cause, "operation">) => ({
  ...{ cause, newId, now },
  grace: endOfGrace(now, policyOf(brand.pointsPolicy).graceDays, brand.timeZone),
});

/** What the brand is told: what came back of each spend, and what was taken of what the order earned. */
function recordsOf(
  before: MemberState,
  { member, award, returned, ...taken }: Settled,
  { orderId, refundId }: Omit<Cause, "operation">,
) {
  const { memberId, moves } = member.purse;
  const about = { orderId, refundId: refundId ?? null };
  const givenBack = moves.slice(before.purse.moves.length).flatMap((move) => {
    const { reversesTransferId, transferId, amount: points } = move;
    return reversesTransferId ? [{ points, reversesTransferId, transferId, ...about }] : [];
  });
  const { forgiven, growthValueShort, given, ...told } = taken;
  const tookBack = award && taken.points + taken.growthValue + growthValueShort > 0;
  return {
    audit: [
      ...givenBack.map((detail) => ({ subjectId: memberId, detail })),
      ...(tookBack
        ? [
            {
              subjectId: memberId,
              detail: { ...about, awardId: award.id, ...told, forgiven, growthValueShort },
            },
          ]
        : []),
      ...given.map((gift) => ({ subjectId: memberId, detail: { ...about, ...gift } })),
    ],
    events: [
      ...givenBack.map((detail) => ({ type: "points.given_back", payload: { memberId, ...detail } })),
      ...(tookBack ? [{ type: "points.taken_back", payload: { memberId, ...about, ...told } }] : []),
      ...given.map(({ forgiven: _, ...gift }) => ({
        type: "points.taken_back",
        payload: { memberId, ...about, ...gift },
      })),
    ],
  };
}

/** Ends the holds whose time has passed, where the points of one's member are taken. */
function releasesOf(context: Context, owner: Owner | undefined, { accounts, moves }: Purse): Statement[] {
  const takes = moves.some(({ debitAccountId }) => debitAccountId === accounts.POINTS.AVAILABLE);
  if (!owner || !takes) return [];
  return owner.holds.flatMap((hold) => endHold(context, hold, accounts.POINTS, "releaseStaleHolds"));
}

function movesOf(
  context: Context,
  members: readonly MemberState[],
  spends: readonly Pick<Spend, "id" | "reversals">[],
): Statement[] {
  const { database } = context;
  const { brandId } = actorOf(context);
  const moves = members.flatMap(({ purse }) => purse.moves);
  if (moves.length === 0) return [];
  const reversed = new Set(moves.map(({ reversesTransferId }) => reversesTransferId));
  const memberIds = [...new Set(moves.map(({ memberId }) => memberId))];
  const given = spends.filter(({ id }) => reversed.has(id));
  return [
    mustHold(database, areReversals(brandId, given)),
    ...moveManyPoints(context, moves),
    mustHold(database, areActiveMembers(brandId, memberIds)),
  ];
}

/** Counts what was taken back of awards; one may have become spendable in the meantime. */
function countBack(context: Context, states: readonly AwardState[], rows: readonly AwardRow[]): Statement[] {
  const { database, now } = context;
  const was = new Map(rows.map((award) => [award.id, award]));
  const changes = states.flatMap(({ id, state, pointsBack, growthValueBack }) => {
    const read = was.get(id);
    if (read?.pointsBack === pointsBack && read.growthValueBack === growthValueBack) return [];
    const before = { pointsWere: read?.pointsBack, growthValueWas: read?.growthValueBack };
    return [{ id, state, pointsBack, growthValueBack, ...before }];
  });
  if (changes.length === 0) return [];
  return [
    database.run(sql`
      update ${awards} set points_back = f.value ->> '$.pointsBack',
        growth_value_back = f.value ->> '$.growthValueBack', updated_at = ${now}
      from ${changesOf(actorOf(context).brandId, changes)}
      where ${awards.brandId} = f.value ->> '$.brandId' and ${awards.id} = f.value ->> '$.id'
        and ${awards.state} = f.value ->> '$.state' and ${awards.pointsBack} = f.value ->> '$.pointsWere'
        and ${awards.growthValueBack} = f.value ->> '$.growthValueWas'`),
    mustChange(database, changes.length),
  ];
}
