import { createReadStream } from "node:fs";
import { type FileHandle, open, rm, stat } from "node:fs/promises";
import { pause } from "../../src/database/client.ts";
import { failureOf } from "../../src/database/failures.ts";
import { CallerError } from "../../src/errors.ts";
import { fieldsOf, type Row, readRows, rowText } from "./csv.ts";
import { type Entry, type Format, REPORTED } from "./format.ts";
import { hashOf, type Note, readNote, removeNote, writeNote } from "./note.ts";
import { createProgress } from "./progress.ts";

/** What became of one: a status to count, and a reason where it was refused. */
export interface Outcome {
  status: string;
  reason?: string | undefined;
}

export interface ImportOptions<Item> {
  file: string;
  format: Format<Item>;
  /** For whom and how: what an import must have in common with an earlier one, to go on where that stopped. */
  of: string;
  /** At most so many are recorded at once. */
  batchSize: number;
  /** Records some in one commit; the same call made again changes nothing. */
  record: (items: Item[]) => Promise<Outcome[]>;
  dryRun?: boolean;
  /** Where progress is told. */
  output: Parameters<typeof createProgress>[2];
  /** Aborted, it stops after the batch under way. */
  signal?: AbortSignal | undefined;
}

export interface Summary {
  /** How many rows this run read, and in what time. */
  rows: number;
  ms: number;
  /** The line at which it went on after an earlier run; undefined where it began anew. */
  resumedAt: number | undefined;
  /** What became of all that the file tells of, with the runs before. */
  counts: Record<string, number>;
  /** The report of refused lines; undefined where there are none. */
  refused: string | undefined;
  stopped: boolean;
}

const MOST_ROWS = 5_000;
const ATTEMPTS = 6;

/**
 * Reads a file and records what it tells, a batch a commit, in bounded memory. After each batch it notes
 * how far it is, so that the same import goes on there after it was stopped. What cannot be read or
 * recorded goes into a report beside the file, and holds nothing else up.
 *
 * @throws Error with the fix, when the file is not of the format, or the database stays away.
 */
export async function importFile<Item>(options: ImportOptions<Item>): Promise<Summary> {
  const { file, format, dryRun = false, output, signal } = options;
  const startedAt = Date.now();
  const { size } = await stat(file);
  const of = `${options.of} ${await hashOf(file)}`;
  const known = dryRun ? undefined : await readNote(file, of);
  const note: Note = known ?? { of, position: 0, line: 1, refusedBytes: 0, counts: {} };
  const report = await openReport(file, note);
  const progress = createProgress(size, note.position, output);
  let rows = 0;
  let stopped = false;
  try {
    const header = format.hasHeader ? await headerOf(file) : undefined;
    report.begin(header);
    const first = { position: note.position, line: note.line };
    const stream = createReadStream(file, { start: first.position });
    const read = readRows(stream, first, format.isWhole);
    if (header && first.position === 0) await read.next();
    for await (const batch of batchesOf(format.groupsOf(read, header), options.batchSize)) {
      const refused = await recordBatch(batch, options, note.counts);
      for (const { entry, reason } of refused) await report.add(entry, reason);
      const last = batch.at(-1)?.rows.at(-1) as Row;
      rows += batch.reduce((sum, entry) => sum + entry.rows.length, 0);
      Object.assign(note, { position: last.end, line: last.nextLine, refusedBytes: report.bytes() });
      if (!dryRun) await writeNote(file, note);
      progress.at(note.position, rows);
      stopped = signal?.aborted ?? false;
      if (stopped) break;
    }
    stream.destroy();
  } finally {
    progress.end();
    await report.close();
  }
  if (!stopped && !dryRun) await removeNote(file);
  return {
    ...{ rows, ms: Date.now() - startedAt, resumedAt: known?.line, counts: note.counts, stopped },
    refused: note.counts.REFUSED ? report.name : undefined,
  };
}

async function headerOf(file: string): Promise<string[]> {
  const stream = createReadStream(file);
  const { value } = await readRows(stream, { position: 0, line: 1 }, () => true).next();
  stream.destroy();
  const names = value && fieldsOf(value.text);
  if (!names) throw new Error("The file is empty: its first line must name the columns.");
  return names.map((name) => name.trim());
}

/** Groups together, up to so many things; what belongs together is never parted. */
async function* batchesOf<Item>(
  groups: AsyncIterable<Entry<Item>[]>,
  most: number,
): AsyncGenerator<Entry<Item>[]> {
  let batch: Entry<Item>[] = [];
  let rows = 0;
  for await (const group of groups) {
    const more = group.reduce((sum, entry) => sum + entry.rows.length, 0);
    if (batch.length > 0 && (batch.length + group.length > most || rows + more > MOST_ROWS)) {
      yield batch;
      batch = [];
      rows = 0;
    }
    batch.push(...group);
    rows += more;
  }
  if (batch.length > 0) yield batch;
}

async function recordBatch<Item>(
  batch: Entry<Item>[],
  { record, batchSize }: ImportOptions<Item>,
  counts: Record<string, number>,
) {
  const readable = batch.flatMap((entry) => ("item" in entry ? [entry] : []));
  const outcomes = new Map<Entry<Item>, Outcome>();
  for (let from = 0; from < readable.length; from += batchSize) {
    const part = readable.slice(from, from + batchSize);
    const results = await recordPatiently(
      part.map(({ item }) => item),
      record,
    );
    for (const [position, entry] of part.entries()) outcomes.set(entry, results[position] as Outcome);
  }
  return batch.flatMap((entry) => {
    const outcome: Outcome = outcomes.get(entry) ?? {
      status: "REFUSED",
      reason: "fault" in entry ? entry.fault : undefined,
    };
    counts[outcome.status] = (counts[outcome.status] ?? 0) + 1;
    return outcome.status === "REFUSED" ? [{ entry, reason: outcome.reason ?? "" }] : [];
  });
}

/**
 * Records some, again after a pause while the database is busy or away. What it refuses as a whole is
 * tried in halves, so that one of them does not hold up the others.
 */
async function recordPatiently<Item>(
  items: Item[],
  record: (items: Item[]) => Promise<Outcome[]>,
): Promise<Outcome[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await record(items);
    } catch (error) {
      const failure =
        error instanceof CallerError && error.code === "CONFLICT" ? "constraint" : failureOf(error);
      if (failure === "constraint" || failure === "excessive") {
        if (items.length === 1) return [{ status: "REFUSED", reason: "the database does not take it" }];
        const half = Math.ceil(items.length / 2);
        return [
          ...(await recordPatiently(items.slice(0, half), record)),
          ...(await recordPatiently(items.slice(half), record)),
        ];
      }
      const passes = failure === "busy" || failure === "unknown" || error instanceof CallerError;
      if (!passes || attempt === ATTEMPTS) throw error;
      await pause(attempt + 4, 10_000);
    }
  }
}

/** The refused rows of a file, as they are in it, each behind its line and the reason: to mend and import. */
async function openReport(file: string, { refusedBytes }: Note) {
  const name = `${file.replace(/\.(csv|txt)$/i, "")}.refused.csv`;
  if (refusedBytes === 0) await rm(name, { force: true });
  let handle: FileHandle | undefined;
  let bytes = refusedBytes;
  let columns: string[] | undefined;
  const write = async (text: string) => {
    if (!handle) {
      handle = await open(name, bytes === 0 ? "w" : "r+");
      // What was reported after the last note is reported again.
      await handle.truncate(bytes);
    }
    bytes += (await handle.write(text, bytes)).bytesWritten;
  };
  return {
    name,
    begin: (header: string[] | undefined) => {
      columns = header;
    },
    add: async ({ rows }: Entry<unknown>, reason: string) => {
      const own = columns ? ownOf(columns, columns) : ["row"];
      if (bytes === 0) await write(rowText([...REPORTED, ...own]));
      for (const { line, text } of rows) {
        const fields = columns && fieldsOf(text);
        await write(rowText([line, reason, ...(columns && fields ? ownOf(fields, columns) : [text])]));
      }
    },
    bytes: () => bytes,
    close: async () => {
      await handle?.close();
    },
  };
}

/** A row without what an earlier report had put before it. */
const ownOf = (fields: readonly string[], columns: readonly string[]): string[] =>
  fields.filter((_, position) => !(REPORTED as readonly string[]).includes(columns[position] ?? ""));
