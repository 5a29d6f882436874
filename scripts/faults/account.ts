import { and, eq, sql } from "drizzle-orm";
import { benefitUsages } from "../../schema/tables/benefits.ts";
import { audit, idempotency } from "../../schema/tables/commits.ts";
import { coupons, redemptions } from "../../schema/tables/coupons.ts";
import { transfers } from "../../schema/tables/points.ts";
import type { Database } from "../../src/database/client.ts";
import type { Entry } from "./clients.ts";
import { CLIENT } from "./stock.ts";
import { type WriteKind, writeKinds } from "./writes.ts";

/** What clients were told, beside what is in the database. */
export interface Account {
  operations: number;
  acknowledged: number;
  refused: number;
  /** Acknowledged, and not there. */
  lost: string[];
  /** There more than once. */
  twice: string[];
  /** Whatever else does not agree. */
  broken: string[];
  slowestMs: number;
}

/** What is in the database of a brand's writes. */
export interface Stored {
  /** The effects that are there, by what finds them: `redeemCoupon w-17`. */
  effects: ReadonlyMap<string, string[]>;
  /** The answers that are kept, by key. */
  answers: ReadonlyMap<string, { kind: string; outcome: string }>;
  /** How many rows of the record there are of each kind of write. */
  audits: ReadonlyMap<string, number>;
  /** Every effect that the record names. */
  told: ReadonlySet<string>;
}

/** Reads it in no way of the verbs', by the references that the clients chose. */
export async function readStored(database: Database, brandId: string): Promise<Stored> {
  const effects = new Map<string, string[]>();
  const found = (kind: WriteKind, by: string | null, id: string) => {
    const key = `${kind} ${by}`;
    effects.set(key, [...(effects.get(key) ?? []), id]);
  };
  const [redeemed, spent, used, issued, kept, audits] = await Promise.all([
    database
      .select({ id: redemptions.id, by: redemptions.orderReference })
      .from(redemptions)
      .where(eq(redemptions.brandId, brandId)),
    database
      .select({ id: transfers.id, by: sql<string>`${transfers.cause} ->> '$.reference'` })
      .from(transfers)
      .where(and(eq(transfers.brandId, brandId), sql`${transfers.cause} ->> '$.operation' = 'spendPoints'`)),
    database
      .select({ by: benefitUsages.reference })
      .from(benefitUsages)
      .where(eq(benefitUsages.brandId, brandId)),
    database
      .select({ id: coupons.id, offerId: coupons.offerId, memberId: coupons.memberId })
      .from(coupons)
      .where(eq(coupons.brandId, brandId)),
    database
      .select()
      .from(idempotency)
      .where(and(eq(idempotency.brandId, brandId), eq(idempotency.caller, CLIENT))),
    database
      .select({ operation: audit.operation, detail: audit.detail })
      .from(audit)
      .where(and(eq(audit.brandId, brandId), eq(audit.caller, CLIENT))),
  ]);
  for (const { id, by } of redeemed) found("redeemCoupon", by, id);
  for (const { id, by } of spent) found("spendPoints", by, id);
  for (const { by } of used) found("useBenefit", by, "used");
  for (const { id, offerId, memberId } of issued) found("issueCoupons", `${offerId} ${memberId}`, id);
  return {
    effects,
    answers: new Map(
      kept.map(({ key, operation, outcome }) => [key, { kind: operation, outcome: JSON.stringify(outcome) }]),
    ),
    audits: new Map(
      Object.entries(Object.groupBy(audits, ({ operation }) => operation)).map(([kind, rows = []]) => [
        kind,
        rows.length,
      ]),
    ),
    told: new Set(
      audits.flatMap(({ detail }) =>
        [detail.redemptionId, detail.transferId, detail.couponIds].flat().map(String),
      ),
    ),
  };
}

/** What finds the effect of a write. */
const placeOf = ({ write: { kind, key, input } }: Entry): string =>
  kind === "issueCoupons" ? `${kind} ${input.offerId} ${(input.memberIds as string[])[0]}` : `${kind} ${key}`;

/** PURE. Draws up the account of a scenario's writes. */
export function accountOf(entries: readonly Entry[], { effects, answers, audits, told }: Stored): Account {
  const [lost, twice, broken]: [string[], string[], string[]] = [[], [], []];
  for (const entry of entries) {
    const { verdict, write } = entry;
    const there = effects.get(placeOf(entry)) ?? [];
    const name = `${write.kind} ${write.key}`;
    if (there.length > 1) twice.push(`${name} is there ${there.length} times`);
    if (verdict.state === "UNKNOWN") broken.push(`${name} stayed unknown: ${verdict.code}`);
    if (verdict.state === "REFUSED" && there.length > 0)
      broken.push(`${name} was refused (${verdict.code}) and is there`);
    if (verdict.state !== "ACKNOWLEDGED") continue;
    if (there.length === 0) lost.push(`${name} was acknowledged and is not there`);
    else if (!there.includes(verdict.effect)) broken.push(`${name} was answered with another effect`);
    if (there.length > 0 && verdict.effect !== "used" && !told.has(verdict.effect))
      broken.push(`${name} is not on record`);
    if (there.length > 0 && !kept(answers.get(write.key), write.kind, verdict.effect))
      broken.push(`the answer of ${name} was not kept`);
  }
  const known = new Set(entries.map(placeOf));
  for (const kind of writeKinds) {
    // A stock is given out before the run, so that only what the writes name counts.
    const applied = [...effects].filter(([place]) => place.startsWith(`${kind} `) && known.has(place));
    const there = applied.reduce((sum, [, ids]) => sum + ids.length, 0);
    const onRecord = audits.get(kind) ?? 0;
    if (onRecord !== there) broken.push(`${kind}: ${there} are there, and ${onRecord} on record`);
    const keptAnswers = [...answers.values()].filter((answer) => answer.kind === kind).length;
    if (keptAnswers !== there)
      broken.push(`${kind}: ${there} are there, and ${keptAnswers} answers are kept`);
  }
  const count = (state: string) => entries.filter(({ verdict }) => verdict.state === state).length;
  return {
    ...{ operations: entries.length, lost, twice, broken },
    ...{ acknowledged: count("ACKNOWLEDGED"), refused: count("REFUSED") },
    slowestMs: Math.max(0, ...entries.map(({ slowestMs }) => slowestMs)),
  };
}

const kept = (answer: { kind: string; outcome: string } | undefined, kind: string, effect: string): boolean =>
  answer?.kind === kind && (effect === "used" || answer.outcome.includes(effect));
