import { and, eq, type SQL, sql } from "drizzle-orm";
import type { BatchItem, BatchResponse } from "drizzle-orm/batch";
import { audit, idempotency, outbox } from "../../schema/tables/commits.ts";
import { callerOf } from "../access/actor.ts";
import { actorOf, type Context } from "../context.ts";
import { CallerError, IdempotencyKeyReused, isRefusal, type Refusal } from "../errors.ts";
import { insertRows } from "./bulk.ts";
import { type Database, pause } from "./client.ts";
import { DatabaseError, failureOf } from "./failures.ts";
import { hashInput, isHashOf } from "./input-hash.ts";

/** A statement of a batch. */
export type Statement = BatchItem<"sqlite">;

/** What a rule decided to do. */
export interface Decision<Outcome> {
  /** What the answer is made from; kept, so that a repeated call is answered the same. Plain JSON. */
  outcome: Outcome;
  effects: Statement[];
  /**
   * Who did what to which: at least one, unless nothing changed. `brandId` where it is not the caller's
   * own; there `caller` can be the pseudonym that this brand knows the caller by.
   */
  audit: { subjectId: string; detail?: Record<string, unknown>; brandId?: string; caller?: string }[];
  /** What other systems will be told. */
  events?: { type: string; payload: Record<string, unknown>; brandId?: string }[];
}

/** Reads what the answer shows, in the same request as the writes. */
export type Read<Outcome, Row> = (outcome: Outcome) => Statement & { _: { result: Row } };

export interface Operation<Loads extends readonly Statement[], Outcome, Row> {
  /** The mutation's name. */
  name: string;
  /** Its whole input; with an `idempotencyKey` in it, a second call with the same input changes nothing. */
  input: object;
  /** The facts to decide on, in one request. */
  load: (database: Database) => readonly [...Loads];
  /** PURE, apart from new ids: what to do, or why not. Asked again when the facts had changed. */
  decide: (facts: BatchResponse<Loads>) => Promise<Refusal | Decision<Outcome>> | Refusal | Decision<Outcome>;
  read?: Read<Outcome, Row> | undefined;
}

export interface Committed<Outcome, Row> {
  outcome: Outcome;
  /** What `read` found; undefined without one. */
  row: Row | undefined;
}

const ATTEMPTS = 6;

/**
 * The only way to write: load facts, decide, commit everything in ONE atomic batch. Two requests to
 * the database; a guard that found the facts changed, or a busy database, begins again with a pause.
 *
 * @throws CallerError CONFLICT when others kept changing the facts; UNAVAILABLE when the database does
 * not answer: the same call with the same idempotency key is then safe.
 */
export async function commit<const Loads extends readonly Statement[], Outcome, Row = undefined>(
  context: Context,
  operation: Operation<Loads, Outcome, Row>,
): Promise<Refusal | Committed<Outcome, Row>> {
  const { database, environment } = context;
  const { encryptionKeys } = environment;
  const key = (operation.input as { idempotencyKey?: string | null }).idempotencyKey;
  const inputHash = key ? await hashInput(encryptionKeys, operation.input) : "";
  const readOf = (outcome: Outcome) => (operation.read ? [operation.read(outcome)] : []);

  let last: unknown;
  let mayBeDone = false;
  /** Busy says that nothing was changed: of what an earlier attempt or call may have done, that is not so. */
  const honest = (error: unknown) =>
    mayBeDone && failureOf(error) === "busy" ? new DatabaseError(error, "unknown") : error;
  const ask = (statements: Statement[]) =>
    send(context, statements).catch((error) => {
      throw honest(error);
    });

  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const known = key ? [answerGiven(context, operation.name, key)] : [];
    const results = await ask([...known, ...operation.load(database)]);
    const [given] = key ? (results.shift() as { inputHash: string; outcome: unknown }[]) : [];
    if (key && given) {
      if (!(await isHashOf(encryptionKeys, given.inputHash, operation.input)))
        return IdempotencyKeyReused({ key });
      const outcome = given.outcome as Outcome;
      mayBeDone = true;
      const [row] = await ask(readOf(outcome));
      return { outcome, row: row as Row | undefined };
    }

    const decision = await operation.decide(results as BatchResponse<Loads>);
    if (isRefusal(decision)) return decision;

    const writes = [
      ...(key ? [rememberAnswer(context, operation.name, key, inputHash, decision.outcome)] : []),
      ...decision.effects,
      ...record(context, operation.name, decision),
    ];
    try {
      const answers = await send(context, [...writes, ...readOf(decision.outcome)]);
      return { outcome: decision.outcome, row: answers[writes.length] as Row | undefined };
    } catch (error) {
      last = honest(error);
      const failure = failureOf(error);
      mayBeDone ||= failure === "unknown";
      // A constraint says that the facts had changed. Without an answer, the key tells whether it landed.
      if (failure !== "constraint" && !(failure === "unknown" && key)) break;
      await pause(attempt, context.deadline - Date.now());
    }
  }
  throw failureOf(last) === "constraint"
    ? new CallerError("CONFLICT", "Others changed the same things at the same time. Send it again.", {
        cause: last,
      })
    : last;
}

/** Aborts the commit unless the statement before it changed so many rows. */
export function mustChange(database: Database, rows = 1): Statement {
  return database.run(sql`insert into guard (must_hold) select null where changes() <> ${rows}`);
}

/** Aborts the commit unless a condition holds at that point of it. */
export function mustHold(database: Database, condition: SQL): Statement {
  return database.run(sql`insert into guard (must_hold) select null where not (${condition})`);
}

/** Sends statements as one request. */
async function send({ database }: Context, statements: Statement[]): Promise<unknown[]> {
  const [first, ...rest] = statements;
  return first ? ((await database.batch([first, ...rest])) as unknown[]) : [];
}

function answerGiven(context: Context, operation: string, key: string): Statement {
  const actor = actorOf(context);
  return context.database
    .select({ inputHash: idempotency.inputHash, outcome: idempotency.outcome })
    .from(idempotency)
    .where(
      and(
        eq(idempotency.brandId, actor.brandId),
        eq(idempotency.caller, callerOf(actor)),
        eq(idempotency.operation, operation),
        eq(idempotency.key, key),
      ),
    )
    .limit(1);
}

function rememberAnswer(
  context: Context,
  operation: string,
  key: string,
  inputHash: string,
  outcome: unknown,
) {
  const actor = actorOf(context);
  return context.database.insert(idempotency).values({
    brandId: actor.brandId,
    caller: callerOf(actor),
    createdAt: context.now,
    ...{ operation, key, inputHash, outcome },
  });
}

function record<Outcome>(context: Context, operation: string, decision: Decision<Outcome>): Statement[] {
  const { database, newId, now } = context;
  const actor = actorOf(context);
  const audits = decision.audit.map(({ brandId = actor.brandId, ...entry }) => ({
    ...{ id: newId("Audit"), brandId, operation, createdAt: now },
    // Another brand learns which brand called, not by which client.
    caller: brandId === actor.brandId ? callerOf(actor) : actor.brandId,
    ...{ detail: {}, ...entry },
  }));
  const events = (decision.events ?? []).map(({ type, payload, brandId = actor.brandId }) => ({
    id: newId("Event"),
    createdAt: now,
    deliveredAt: null,
    ...{ brandId, type, payload },
  }));
  // An import tells of thousands at once.
  return [...insertRows(database, audit, audits), ...insertRows(database, outbox, events)];
}
