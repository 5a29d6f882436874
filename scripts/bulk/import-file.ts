import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { takeLock } from "../support/lock.ts";
import { fieldsOf, type Row, readRows } from "./csv.ts";
import type { Entry, Format } from "./format.ts";
import { hashOf, type Note, readNote, removeNote, writeNote } from "./note.ts";
import { createProgress } from "./progress.ts";
import { type Outcome, type Recorded, type RecordSome, recordInTurn } from "./record-in-turn.ts";
import { openReport } from "./report.ts";

export interface ImportOptions<Item> {
  file: string;
  format: Format<Item>;
  /** For whom and how: what an import must have in common with an earlier one, to go on where that stopped. */
  of: string;
  /** At most so many are recorded at once. */
  batchSize: number;
  record: RecordSome<Item>;
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
  /** The reports of refused lines, one of each run that refused some. */
  reports: string[];
  stopped: boolean;
}

const MOST_ROWS = 5_000;

/**
 * Reads a file and records what it tells, a batch a commit, in bounded memory. After each batch it notes
 * how far it is, so that the same import goes on there after it was stopped. What cannot be read or
 * recorded goes into a report beside the file, and holds nothing else up.
 *
 * @throws Error with the fix, when the file is not of the format or being imported, or the database stays away.
 */
export async function importFile<Item>(options: ImportOptions<Item>): Promise<Summary> {
  const { file } = options;
  const found = await stat(file).catch(() => undefined);
  if (!found) throw new Error(`There is no file ${file}.`);
  if (!found.isFile())
    throw new Error(`${file} is a folder, or no file that can be read twice: name a file.`);
  const lock = await takeLock(`${file}.importing.json`, (pids) =>
    [
      `Another import of ${file} is running: wait for its end`,
      ...pids.map((pid) => `or stop it with: kill ${pid}`),
    ].join(", "),
  );
  try {
    return await importLocked(options);
  } finally {
    await lock.release();
  }
}

async function importLocked<Item>(options: ImportOptions<Item>): Promise<Summary> {
  const { file, format, dryRun = false, output, signal } = options;
  const startedAt = Date.now();
  const { size } = await stat(file);
  const of = `${options.of} ${await hashOf(file)}`;
  const known = dryRun ? undefined : await readNote(file, of);
  const note: Note = structuredClone(known) ?? { of, position: 0, line: 1, reports: [], counts: {} };
  const header = format.hasHeader ? await headerOf(file) : undefined;
  const report = await openReport(file, header, dryRun);
  const reports = () => [known?.reports ?? [], report.name() ?? []].flat();
  const progress = createProgress(size, note.position, output);
  let rows = 0;
  let stopped = false;
  /** Notes what became of a batch, and answers whether to go on. */
  const keep = async ({ batch, outcomes }: Recorded<Item>): Promise<boolean> => {
    for (const [position, entry] of batch.entries()) {
      const { status, reason = "" } = outcomes[position] as Outcome;
      note.counts[status] = (note.counts[status] ?? 0) + 1;
      if (status === "REFUSED") await report.add(entry, reason);
    }
    const last = batch.at(-1)?.rows.at(-1) as Row;
    rows += batch.reduce((sum, entry) => sum + entry.rows.length, 0);
    Object.assign(note, { position: last.end, line: last.nextLine, reports: reports() });
    if (!dryRun) await writeNote(file, note);
    progress.at(note.position, rows);
    stopped = signal?.aborted ?? false;
    return !stopped;
  };
  try {
    const first = { position: note.position, line: note.line };
    const stream = createReadStream(file, { start: first.position });
    const read = readRows(stream, first, format.isWhole);
    if (header && first.position === 0) await read.next();
    const batches = batchesOf(format.groupsOf(read, header), options.batchSize);
    await recordInTurn(batches, options, keep);
    stream.destroy();
  } finally {
    progress.end();
    await report.close();
  }
  if (!stopped && !dryRun) await removeNote(file);
  return {
    ...{ rows, ms: Date.now() - startedAt, resumedAt: known?.line, counts: note.counts, stopped },
    reports: reports(),
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
