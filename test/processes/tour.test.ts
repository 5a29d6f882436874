import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../scripts/support/packages.ts";
import { columnsOf, createReport } from "../../scripts/tour/report.ts";

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
      closing: expect.stringMatching(/^All \d{2,3} checks passed, in \d+\.\d s; /),
      complaint: "",
    });
    const headings = lines.filter((line) => /^[ \d]\d {2}\S/.test(line));
    expect(headings).toHaveLength(12);
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

test("a step whose answer is not as it must be ends the tour, and is seen", async () => {
  const lines: string[] = [];
  const { step, expect: holds, checks } = createReport((line) => lines.push(line));
  await step("till", "redeemCoupon", async (say) => {
    holds({ discountMinor: 3_000, coupon: { status: "REDEEMED" } }, { coupon: { status: "REDEEMED" } });
    say("¥30.00 off");
  });
  const wrong = step("till", "redeemCoupon", async () =>
    holds({ discountMinor: 0 }, { discountMinor: 3_000 }),
  );
  await expect(wrong).rejects.toThrow();
  await expect(step("till", "scanCard", async () => holds(undefined, { member: {} }))).rejects.toThrow();
  expect(lines.map((line) => line.trim().slice(0, 1))).toEqual(["✓", "✗", "✗"]);
  expect(checks()).toBe(1);
});
