import type { Outcome } from "./scenario.ts";

const EVERY_TERMINAL_MS = 200;
const EVERY_LOG_MS = 10_000;
const MOST_SHOWN = 5;

/** What came of a scenario, by its name. */
export interface Reported extends Outcome {
  name: string;
  ms: number;
}

/** Says how far it is: on a terminal in one line that is drawn again, elsewhere in a line now and then. */
export function teller(output: { write: (text: string) => unknown; isTTY?: boolean | undefined }) {
  let toldAt = Date.now();
  return {
    tell: (text: string) => {
      if (Date.now() - toldAt < (output.isTTY ? EVERY_TERMINAL_MS : EVERY_LOG_MS)) return;
      toldAt = Date.now();
      output.write(output.isTTY ? `\r  ${text}\u001b[K` : `  ${text}\n`);
    },
    end: () => {
      if (output.isTTY) output.write("\r\u001b[K");
    },
  };
}

/** Whether everything was as it must be. */
export const isSound = ({ lost, twice, broken }: Outcome): boolean =>
  lost.length + twice.length + broken.length === 0;

const columns: [title: string, value: (row: Reported) => string | number][] = [
  ["scenario", ({ name }) => name],
  ["operations", ({ operations }) => operations],
  ["faults", ({ faults }) => faults],
  ["acknowledged", ({ acknowledged }) => acknowledged],
  ["refused", ({ refused }) => refused],
  ["unknown, settled", ({ unknown }) => unknown],
  ["lost", ({ lost }) => lost.length],
  ["applied twice", ({ twice }) => twice.length],
  ["invariants broken", ({ broken }) => broken.length],
  ["slowest ms", ({ slowestMs }) => Math.round(slowestMs)],
  ["took s", ({ ms }) => Math.round(ms / 1_000)],
];

/** The table, with what is wrong below it, and what is worth knowing. */
export function tableOf(rows: readonly Reported[]): string {
  const cells = [
    columns.map(([title]) => title),
    ...rows.map((row) => columns.map(([, value]) => value(row).toLocaleString("en"))),
  ];
  const widths = columns.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const lines = cells.map((line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  "),
  );
  const notes = rows.flatMap(({ name, notes }) => notes.map((note) => `  ${name}: ${note}`));
  const wrong = rows.flatMap(({ name, lost, twice, broken }) => {
    const all = [...lost, ...twice, ...broken];
    const more = all.length > MOST_SHOWN ? [`✗ ${name}: and ${all.length - MOST_SHOWN} more`] : [];
    return [...all.slice(0, MOST_SHOWN).map((fault) => `✗ ${name}: ${fault}`), ...more];
  });
  return [
    ...lines,
    ...(notes.length > 0 ? ["", ...notes] : []),
    ...(wrong.length > 0 ? ["", ...wrong] : []),
  ].join("\n");
}
