import { sql } from "drizzle-orm";
import { awards } from "../../schema/tables/earning.ts";
import type { Cause, PointUnit } from "../../schema/tables/points.ts";
import { actorOf, type Context } from "../context.ts";
import { type Decision, mustChange, mustHold, type Statement } from "../database/commit.ts";
import { isRefusal, type Refusal } from "../errors.ts";
import { areActiveMembers } from "../members/conditions.ts";
import type { Refunded } from "../orders/refund.ts";
import { endOfGrace } from "../points/expiry.ts";
import { byKind, moveManyPoints } from "../points/move-points.ts";
import { policyOf } from "../points/policy.ts";
import type { Purse } from "../points/purse.ts";
import { areReversals } from "../points/reverse-spend.ts";
import { endHold, lotsOf } from "../points/wallet.ts";
import type { AwardRow, Owner, ReturnFacts } from "./read-returns.ts";
import {
  type AwardState,
  type MemberState,
  type Settled,
  type SettledOrder,
  settleOrder,
} from "./settle-order.ts";

/** What goods that go back, and orders that are called off, do to points. */
export interface Returns {
  /**
   * Settles a refund, after those before; or without one, that the order was called off. Does nothing where
   * it refuses.
   */
  settle: (order: ReturnedOrder, refunds: readonly Refunded[], refundId?: string) => Refusal | undefined;
  effects: () => Statement[];
  audit: Decision<unknown>["audit"];
  events: NonNullable<Decision<unknown>["events"]>;
}

type ReturnedOrder = SettledOrder & { id: string };

/**
 * Begins to settle what goes back; each order builds on the ones before it, of the same member too. What
 * a closed membership has stays as it is. PURE, apart from new ids.
 *
 * @param awardOf the orders' awards, by order.
 */
export function openReturns(
  context: Context,
  facts: ReturnFacts,
  awardOf: ReadonlyMap<string, AwardRow | null>,
): Returns {
  const owners = new Map(facts.owners.map((owner) => [owner.id, owner]));
  const members = new Map<string, MemberState>();
  const states = new Map<string, AwardState>();
  const records = { audit: [] as Returns["audit"], events: [] as Returns["events"] };
  return {
    ...records,
    settle: (order, refunds, refundId) => {
      const owner = owners.get(order.memberId ?? "");
      if (owner?.state !== "ACTIVE") return undefined;
      const member = members.get(owner.id) ?? openMember(owner, facts);
      const award = states.get(order.id) ?? openAward(awardOf.get(order.id));
      const about = { reference: order.externalId, orderId: order.id, refundId };
      const settled = settleOrder(member, award, { order, refunds }, makingOf(context, owner, about));
      if (isRefusal(settled)) return settled;
      members.set(owner.id, settled.member);
      if (settled.award) states.set(order.id, settled.award);
      const told = recordsOf(member, settled, about);
      records.audit.push(...told.audit);
      records.events.push(...told.events);
      return undefined;
    },
    effects: () => [
      ...[...members].flatMap(([id, { purse }]) => releasesOf(context, owners.get(id), purse)),
      ...effectsOf(context, facts, [...members.values()], [...states.values()], awardOf),
    ],
  };
}

function openMember(owner: Owner, { spends, brandAccounts }: ReturnFacts): MemberState {
  const accountsOf = (wanted: PointUnit) =>
    byKind([...brandAccounts, ...owner.accounts].filter(({ unit }) => unit === wanted));
  return {
    purse: {
      memberId: owner.id,
      accounts: { POINTS: accountsOf("POINTS"), GROWTH_VALUE: accountsOf("GROWTH_VALUE") },
      growthValue: owner.accounts.find(({ unit }) => unit === "GROWTH_VALUE")?.balance ?? 0,
      ...{ lots: lotsOf(owner), moves: [] },
    },
    spends: spends.filter(({ memberId }) => memberId === owner.id),
    policy: policyOf(owner.brand.pointsPolicy),
  };
}

function openAward(award: AwardRow | null | undefined): AwardState | undefined {
  if (!award) return undefined;
  const uses = award.lot?.uses ?? [];
  const expired = uses.map(({ amount, transfer }) =>
    transfer.credit.kind === "BREAKAGE" ? amount : -amount,
  );
  return { ...award, expired: expired.reduce((sum, amount) => sum + amount, 0) };
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
  const { forgiven, growthValueShort, ...told } = taken;
  const tookBack = award && taken.points + taken.growthValue + growthValueShort > 0;
  return {
    audit: [
      ...givenBack.map((detail) => ({ subjectId: memberId, detail })),
      ...(tookBack ? [{ subjectId: memberId, detail: { ...about, awardId: award.id, ...taken } }] : []),
    ],
    events: [
      ...givenBack.map((detail) => ({ type: "points.given_back", payload: { memberId, ...detail } })),
      ...(tookBack ? [{ type: "points.taken_back", payload: { memberId, ...about, ...told } }] : []),
    ],
  };
}

/** Ends the holds whose time has passed, where the points of one's member are taken. */
function releasesOf(context: Context, owner: Owner | undefined, { accounts, moves }: Purse): Statement[] {
  const takes = moves.some(({ debitAccountId }) => debitAccountId === accounts.POINTS.AVAILABLE);
  if (!owner || !takes) return [];
  return owner.holds.flatMap((hold) => endHold(context, hold, accounts.POINTS, "releaseStaleHolds"));
}

function effectsOf(
  context: Context,
  { spends }: ReturnFacts,
  members: readonly MemberState[],
  states: readonly AwardState[],
  awardOf: ReadonlyMap<string, AwardRow | null>,
): Statement[] {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const moves = members.flatMap(({ purse }) => purse.moves);
  const memberIds = [...new Set(moves.map(({ memberId }) => memberId))];
  const reversed = new Set(moves.map(({ reversesTransferId }) => reversesTransferId));
  const was = new Map([...awardOf.values()].map((award) => [award?.id, award]));
  const changed = states.flatMap(({ id, state, pointsBack, growthValueBack }) => {
    const read = was.get(id);
    const isSame = read?.pointsBack === pointsBack && read.growthValueBack === growthValueBack;
    return read && !isSame
      ? [
          {
            id,
            state,
            pointsBack,
            growthValueBack,
            wasPoints: read.pointsBack,
            wasGrowth: read.growthValueBack,
          },
        ]
      : [];
  });
  return [
    ...(moves.length === 0
      ? []
      : [
          mustHold(
            database,
            areReversals(
              brandId,
              spends.filter(({ id }) => reversed.has(id)),
            ),
          ),
          ...moveManyPoints(context, moves),
          mustHold(database, areActiveMembers(brandId, memberIds)),
        ]),
    ...(changed.length === 0
      ? []
      : [
          // It may have become spendable in the meantime.
          database.run(sql`
            update ${awards} set points_back = f.value ->> '$.pointsBack',
              growth_value_back = f.value ->> '$.growthValueBack', updated_at = ${now}
            from json_each(${JSON.stringify(changed)}) f
            where ${awards.brandId} = ${brandId} and ${awards.id} = f.value ->> '$.id'
              and ${awards.state} = f.value ->> '$.state' and ${awards.pointsBack} = f.value ->> '$.wasPoints'
              and ${awards.growthValueBack} = f.value ->> '$.wasGrowth'`),
          mustChange(database, changed.length),
        ]),
  ];
}
