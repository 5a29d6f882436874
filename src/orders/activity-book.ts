import type { InferSelectModel } from "drizzle-orm";
import type { ActivityKind, activities } from "../../schema/tables/orders.ts";
import { InvalidValue, isRefusal, type Refusal } from "../errors.ts";
import { type MemberName, memberFinder, type NamedMember } from "../members/named-members.ts";
import {
  accepted,
  type Content,
  differencesBetween,
  type FactKey,
  type FactResult,
  fieldsOf,
  isToCome,
  keyOf,
  momentText,
  refused,
} from "./fact.ts";
import { ActivityDiffers } from "./refusals.ts";

export type ActivityRow = InferSelectModel<typeof activities>;

const MOST_DETAILS = 20;

/** An activity as a source sends it. */
export interface SentActivity extends FactKey {
  member: MemberName;
  kind: ActivityKind;
  /** Of a kind of the brand's own, which is CUSTOM. */
  name: string | null;
  occurredAt: number;
  detail: readonly { name: string; value: string }[];
}

export interface ActivityFacts {
  brandId: string;
  /** The activities among those sent that are recorded already. */
  recorded: readonly (ActivityRow & { member: { externalId: string } })[];
  members: readonly NamedMember[];
}

export interface ActivityBook {
  /** For each activity that was sent, in turn. */
  results: FactResult[];
  added: ActivityRow[];
}

/**
 * Enters activities into the book of those recorded; each counts after the ones before it, also of the
 * same call. PURE, apart from the new ids.
 *
 * @param now milliseconds since 1970.
 */
export function enterActivities(
  sent: readonly SentActivity[],
  { brandId, recorded, members }: ActivityFacts,
  now: number,
  newActivityId: () => string,
): ActivityBook {
  const known = new Map(recorded.map((activity) => [keyOf(activity), activity]));
  const added: ActivityRow[] = [];
  const memberNamed = memberFinder(members);
  const results = sent.map((activity): FactResult => {
    const fault = faultOfActivity(activity, now);
    if (fault) return refused(activity, fault);
    const same = known.get(keyOf(activity));
    if (same) return again(same, activity);
    const member = memberNamed(activity.member);
    if (isRefusal(member)) return refused(activity, member);
    const { source, externalId, kind, name, occurredAt, detail } = activity;
    const row: ActivityRow = {
      ...{ brandId, id: newActivityId(), memberId: member.id, kind, name, source, externalId, occurredAt },
      detail: Object.fromEntries(detail.map((entry) => [entry.name, entry.value])),
      createdAt: now,
    };
    known.set(keyOf(row), { ...row, member });
    added.push(row);
    return accepted(activity, "RECORDED", row.id);
  });
  return { results, added };
}

/** Why an activity cannot be recorded as it is. */
export function faultOfActivity(
  { kind, name, occurredAt, detail }: Omit<SentActivity, "member" | keyof FactKey>,
  now: number,
): Refusal | undefined {
  if ((kind === "CUSTOM") !== (name !== null))
    return InvalidValue({ field: "name", reason: "must be given with CUSTOM, and with no other kind" });
  if (detail.length > MOST_DETAILS)
    return InvalidValue({ field: "detail", reason: `must be at most ${MOST_DETAILS}` });
  if (new Set(detail.map((entry) => entry.name)).size < detail.length)
    return InvalidValue({ field: "detail", reason: "must have each name once" });
  if (isToCome(occurredAt, now))
    return InvalidValue({ field: "occurredAt", reason: "must not be in the future" });
  return undefined;
}

function again(recorded: ActivityFacts["recorded"][number], sent: SentActivity): FactResult {
  const { id, externalId } = sent.member;
  const isRecordedName = externalId != null && externalId === recorded.member.externalId;
  const member = id ?? (isRecordedName ? recorded.memberId : externalId);
  const detail = Object.entries(recorded.detail).map(([name, value]) => ({ name, value }));
  const differences = differencesBetween(
    contentOf({ ...recorded, detail }, recorded.memberId),
    contentOf(sent, member ?? null),
  );
  return differences.length === 0
    ? accepted(sent, "UNCHANGED", recorded.id)
    : refused(sent, ActivityDiffers({ activityId: recorded.id, fields: fieldsOf(differences) }), differences);
}

const contentOf = (
  { kind, name, occurredAt, detail }: Omit<SentActivity, "member" | keyof FactKey>,
  member: string | null,
): Content => ({
  ...{ member, kind, name, occurredAt: momentText(occurredAt) },
  ...Object.fromEntries(detail.map((entry) => [`detail.${entry.name}`, entry.value])),
});
