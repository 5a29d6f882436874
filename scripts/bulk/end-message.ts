import { basename } from "node:path";
import type { Summary } from "./import-file.ts";
import { grouped, rateOf } from "./progress.ts";

/** What an import tells when it ends, a line each. */
export function endMessage(
  kind: string,
  file: string,
  { rows, ms, resumedAt, counts, reports, stopped }: Summary,
  { dryRun, mapping, toSee }: { dryRun: boolean; mapping?: string | undefined; toSee: string },
): string[] {
  const meanings: Record<string, string> = {
    RECORDED: "recorded",
    ADVANCED: "known, and gone on",
    UNCHANGED: "known already",
    ENROLLED: "enrolled",
    IMPORTED: "imported",
    KNOWN: kind === "codes" ? "coupons already" : "members already",
    REFUSED: "refused",
  };
  const parts = Object.entries(counts).map(([status, count]) => `${grouped(count)} ${meanings[status]}`);
  const all = parts.join(", ") || "nothing in it";
  const pace = `${grouped(rows)} rows in ${(ms / 1_000).toFixed(1)} s, ${grouped(rateOf(rows, ms))} a second`;
  const toMend = mapping
    ? `mend them in a copy of all of ${basename(file)}, and import that`
    : dryRun
      ? `mend them in ${basename(file)}`
      : "mend them there, and import that file";
  const isDone = !dryRun && !stopped && reports.length === 0;
  return [
    ...(resumedAt === undefined ? [] : [`Went on at line ${grouped(resumedAt)}, where an earlier run was.`]),
    `${basename(file)}, ${kind}${dryRun ? " (dry run: nothing was written)" : ""}: ${all}. ${pace}.`,
    ...reports.map(
      (report) => `Why lines ${dryRun ? "would be" : "were"} refused stands in ${report}: ${toMend}.`,
    ),
    ...(stopped ? ["Stopped; the same command goes on where this was."] : []),
    ...(dryRun && !stopped ? ["To do it: the same command without --dry-run."] : []),
    ...(isDone ? [`Done. ${toSee}`] : []),
  ];
}
