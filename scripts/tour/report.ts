import assert from "node:assert/strict";
import { styleText } from "node:util";

/** What a step does; `say` prints one line more of its answer. */
type Step<Value> = (say: (line: string) => void) => Promise<Value>;

export interface Report {
  chapter: (title: string) => void;
  /**
   * Prints who asks what, with a tick once all that it expects has come back, and the lines it says.
   *
   * @throws Error for the first answer that is not as it must be; it is printed with a cross.
   */
  step: <Value>(who: string, asks: string, run: Step<Value>) => Promise<Value>;
  /** Checks that an answer holds what is expected; it may hold more. */
  expect: (actual: unknown, expected: unknown) => void;
  checks: () => number;
}

const WHO_COLUMNS = 11;
const ASKS_COLUMNS = 35;
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/gu;

/** How many columns of a terminal a text takes: a Chinese character takes two. */
export const columnsOf = (text: string): number => [...text].length + (text.match(wide)?.length ?? 0);

const pad = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(1, columns - columnsOf(text)));

/** Prints a tour and counts what it checks; in colour only where a person sees it. */
export function createReport(print: (line: string) => void): Report {
  let chapters = 0;
  let checks = 0;
  return {
    chapter(title) {
      chapters += 1;
      print(`\n${styleText("bold", `${String(chapters).padStart(2)}  ${title}`)}`);
    },
    async step(who, asks, run) {
      const lines: string[] = [];
      const head = `${pad(who, WHO_COLUMNS)}${styleText("dim", pad(asks, ASKS_COLUMNS))}`;
      try {
        const value = await run((line) => lines.push(line));
        print(`  ${styleText("green", "✓")} ${head}${lines[0] ?? ""}`.trimEnd());
        for (const line of lines.slice(1)) print(`    ${" ".repeat(WHO_COLUMNS + ASKS_COLUMNS)}${line}`);
        return value;
      } catch (error) {
        print(`  ${styleText("red", "✗")} ${head}`);
        throw error;
      }
    },
    expect(actual, expected) {
      assert.partialDeepStrictEqual(actual, expected);
      checks += 1;
    },
    checks: () => checks,
  };
}
