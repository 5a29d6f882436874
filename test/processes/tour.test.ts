import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../scripts/support/packages.ts";
import { columnsOf } from "../../scripts/tour/report.ts";

const PATIENCE_MS = 180_000;

interface Ended {
  code: number;
  lines: string[];
  complaint: string;
}

/** Runs the tour as a person does, without a terminal. */
const runTour = (...options: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const script = ["--no-warnings", join(root, "scripts/tour.ts"), ...options];
    const child = execFile(process.execPath, script, { timeout: PATIENCE_MS }, (_error, output, complaint) =>
      resolve({ code: child.exitCode ?? -1, lines: output.trimEnd().split("\n"), complaint }),
    );
  });

test(
  "the tour starts a server, and every answer is as it must be",
  async () => {
    const { code, lines, complaint } = await runTour();
    expect({ code, closing: lines.at(-1), complaint: code === 0 ? "" : complaint }).toMatchObject({
      code: 0,
      closing: expect.stringMatching(/^All \d\d checks passed, in \d+\.\d s; /),
      complaint: "",
    });
    const headings = lines.filter((line) => /^[ \d]\d {2}\S/.test(line));
    expect(headings).toHaveLength(10);
    expect(lines.filter((line) => line.startsWith("  ✗"))).toEqual([]);
    // It is read beside a terminal's edge, and pasted where there are no colours.
    expect(lines.filter((line) => columnsOf(line) > 100)).toEqual([]);
    expect(lines.join("\n")).not.toContain("\u001b");
  },
  PATIENCE_MS,
);

test("the tour says what to do where nothing answers", async () => {
  const { code, complaint } = await runTour("--url", "http://127.0.0.1:1");
  expect(code).toBe(1);
  expect(complaint.trim()).toBe(
    "Nothing that is well answers at http://127.0.0.1:1/health. Start it: npm start",
  );
});
