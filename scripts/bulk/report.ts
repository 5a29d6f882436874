import { type FileHandle, open, rm } from "node:fs/promises";
import { fieldsOf, rowText } from "./csv.ts";
import { type Entry, REPORTED } from "./format.ts";

const nameOf = (file: string, ending: string): string => file.replace(/\.(csv|txt)$/i, "") + ending;

/**
 * The refused rows of a run, as they are in its file, each behind its line and the reason: to mend and import.
 * It is a file of its own, which nobody may have begun to mend; only a dry run's takes the place of the last.
 *
 * @param header the file's columns; undefined where it names none.
 */
export async function openReport(file: string, header: string[] | undefined, dryRun: boolean) {
  const ofDryRun = nameOf(file, ".dry-run.refused.csv");
  if (dryRun) await rm(ofDryRun, { force: true });
  let handle: FileHandle | undefined;
  let name: string | undefined;
  const begin = async () => {
    for (let turn = 1; !handle; turn += 1) {
      name = dryRun ? ofDryRun : nameOf(file, turn === 1 ? ".refused.csv" : `.refused-${turn}.csv`);
      handle = await open(name, "wx").catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
        return undefined;
      });
    }
    await handle.appendFile(rowText([...REPORTED, ...(header ? ownOf(header, header) : ["row"])]));
    return handle;
  };
  return {
    /** Undefined while nothing is in it. */
    name: () => name,
    add: async ({ rows }: Entry<unknown>, reason: string) => {
      const report = handle ?? (await begin());
      for (const { line, text } of rows) {
        const fields = header && fieldsOf(text);
        await report.appendFile(
          rowText([line, reason, ...(header && fields ? ownOf(fields, header) : [text])]),
        );
      }
    },
    close: async () => {
      await handle?.close();
    },
  };
}

/** A row without what an earlier report had put before it. */
const ownOf = (fields: readonly string[], columns: readonly string[]): string[] =>
  fields.filter((_, position) => !(REPORTED as readonly string[]).includes(columns[position] ?? ""));
