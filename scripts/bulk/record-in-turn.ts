import { pause } from "../../src/database/client.ts";
import { failureOf } from "../../src/database/failures.ts";
import { CallerError } from "../../src/errors.ts";
import type { Entry } from "./format.ts";

/** What became of one: a status to count, and a reason where it was refused. */
export interface Outcome {
  status: string;
  reason?: string | undefined;
}

/**
 * Records some in one commit; the same call made again changes nothing. It may read what it decides on at once,
 * and writes nothing before its `turn` has come; where that fails, nothing at all.
 */
export type RecordSome<Item> = (items: Item[], turn: Promise<void>) => Promise<Outcome[]>;

export interface Recorded<Item> {
  batch: Entry<Item>[];
  /** Of each entry, in turn. */
  outcomes: Outcome[];
}

interface Recording<Item> {
  /** At most so many are recorded at once. */
  batchSize: number;
  record: RecordSome<Item>;
}

const ATTEMPTS = 6;

/**
 * Records batches one after the other. While one is written, the next is read and may be looked at: it is
 * written when the one before it is kept, and not at all where that failed, or was to be the last.
 *
 * @param keep takes note of a batch that is recorded, and answers whether to go on.
 */
export async function recordInTurn<Item>(
  batches: AsyncIterable<Entry<Item>[]>,
  recording: Recording<Item>,
  keep: (recorded: Recorded<Item>) => Promise<boolean>,
): Promise<void> {
  let isOver = false;
  const refuse = () => {
    throw new Error("The batch before was the last.");
  };
  const recordOne = async (batch: Entry<Item>[], before: Promise<void>) => {
    const turn = before.then(() => (isOver ? refuse() : undefined), refuse);
    heard(turn);
    const outcomes = await recordBatch(batch, recording, turn);
    await turn;
    isOver = !(await keep({ batch, outcomes }));
  };
  let underWay: Promise<void> = Promise.resolve();
  try {
    for await (const batch of batches) {
      const before = underWay;
      underWay = recordOne(batch, before);
      heard(underWay);
      await before;
      if (isOver) break;
    }
    await underWay;
  } catch (error) {
    // The one after a batch that failed fails as well, and says nothing new.
    await heard(underWay);
    if (!isOver) throw error;
  }
}

/** A promise that may fail before anybody waits for it. */
const heard = (promise: Promise<void>): Promise<void> => promise.catch(() => undefined);

async function recordBatch<Item>(
  batch: readonly Entry<Item>[],
  { record, batchSize }: Recording<Item>,
  turn: Promise<void>,
): Promise<Outcome[]> {
  const items = batch.flatMap((entry) => ("item" in entry ? [entry.item] : []));
  const outcomes: Outcome[] = [];
  for (let from = 0; from < items.length; from += batchSize)
    outcomes.push(...(await recordPatiently(items.slice(from, from + batchSize), record, turn)));
  let recorded = 0;
  return batch.map((entry) => {
    if ("fault" in entry) return { status: "REFUSED", reason: entry.fault };
    recorded += 1;
    return outcomes[recorded - 1] as Outcome;
  });
}

/**
 * Records some, again after a pause while the database is busy or away. What it refuses as a whole is
 * tried in halves, so that one of them does not hold up the others.
 */
async function recordPatiently<Item>(
  items: Item[],
  record: RecordSome<Item>,
  turn: Promise<void>,
): Promise<Outcome[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await record(items, turn);
    } catch (error) {
      const failure =
        error instanceof CallerError && error.code === "CONFLICT" ? "constraint" : failureOf(error);
      if (failure === "constraint" || failure === "excessive") {
        if (items.length === 1) return [{ status: "REFUSED", reason: "the database does not take it" }];
        const half = Math.ceil(items.length / 2);
        return [
          ...(await recordPatiently(items.slice(0, half), record, turn)),
          ...(await recordPatiently(items.slice(half), record, turn)),
        ];
      }
      const passes = failure === "busy" || failure === "unknown" || error instanceof CallerError;
      if (!passes || attempt === ATTEMPTS) throw error;
      await pause(attempt + 4, 10_000);
    }
  }
}
