import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyMigrations } from "../../scripts/support/migrations.ts";
import {
  type Overheard,
  type OverhearingProxy,
  startOverhearingProxy,
} from "../../scripts/support/overhearing-proxy.ts";
import { root } from "../../scripts/support/packages.ts";
import { type RunningSqld, startSqld } from "../../scripts/support/sqld.ts";
import { columnsOf, createReport } from "../../scripts/tour/report.ts";
import { exceptions, few, growing, openPlanner, type Scan } from "./plans-support.ts";

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

let folder: string;
let sqld: RunningSqld;
let proxy: OverhearingProxy;
/** What the tour's server asked the database, each text once; the demo's load and the jobs are among it. */
const asked = new Map<string, Overheard>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tessera-tour-test-"));
  sqld = await startSqld(join(folder, "database"));
  await applyMigrations(sqld.url);
  proxy = await startOverhearingProxy(sqld.url, (statements) => {
    for (const one of statements) if (one.sql && !asked.has(one.sql)) asked.set(one.sql, one);
  });
});
afterAll(async () => {
  proxy?.stop();
  await sqld?.stop();
  await rm(folder, { recursive: true, force: true });
});

test(
  "the tour starts a server, and every answer is as it must be",
  async () => {
    const { code, lines, complaint } = await runTour("--database", proxy.url);
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

test("whether a table grows is said of each", async () => {
  const { tables } = await openPlanner(sqld.url);
  expect([...growing, ...few].sort()).toEqual([...tables].sort());
});

test("nothing that the tour asks looks through a table that grows", async () => {
  const { scansOf } = await openPlanner(sqld.url);
  const planned = [...asked.values()].filter(({ sql = "" }) =>
    /^\s*(select|with|insert|update|delete)\b/i.test(sql),
  );
  // Else it was not the tour that was heard.
  expect(planned.length).toBeGreaterThan(250);
  const scans: Scan[] = [];
  for (const statement of planned) scans.push(...(await scansOf(statement)));
  expect(scans.filter(({ step }) => !exceptions.some((one) => one.step.test(step)))).toEqual([]);
  const unused = exceptions.filter((one) => !scans.some(({ step }) => one.step.test(step)));
  expect(unused).toEqual([]);
});

const ofBrand = "where brand_id = 'brd_none'";
test.each([
  ["by the brand alone", `select id from coupons ${ofBrand} order by issued_at`, "coupons"],
  [
    "to save a sort",
    `select c.id from coupons c ${ofBrand} and member_id = 'm' and state = 'REDEEMED' order by id desc`,
    "coupons",
  ],
  [
    "for a group",
    `select offer_id, count(*) from "coupons" ${ofBrand} and member_id = 'm' group by offer_id`,
    "coupons",
  ],
  ["of a join", "select 1 from members m join orders as o on o.member_id = m.id", "orders"],
  [
    "through another alternative",
    `select id from members ${ofBrand} and (external_id = 'a' or locale = 'en')`,
    "members",
  ],
  [
    "to write",
    `update coupons set state = 'AVAILABLE' ${ofBrand} and id in (select value from json_each('[]')) and state = 'HELD'`,
    "coupons",
  ],
  ["to delete", "delete from audit where created_at < 1", "audit"],
  ["as the source of what is written", "insert into guard select id from outbox", "outbox"],
])("a look through all rows is seen: %s", async (_, sql, table) => {
  const { scansOf } = await openPlanner(sqld.url);
  expect((await scansOf({ sql })).map((scan) => scan.table)).toContain(table);
});

test("the tour says what to do where nothing answers", async () => {
  const { code, complaint } = await runTour("--url", "http://127.0.0.1:1");
  expect(code).toBe(1);
  expect(complaint.trim()).toBe(
    "Nothing that is well answers at http://127.0.0.1:1/health. Start it: npm start",
  );
});

test("the tour does not pass over a database that it would not use", async () => {
  const { code, complaint } = await runTour(
    "--url",
    "http://127.0.0.1:1",
    "--database",
    "http://127.0.0.1:1",
  );
  expect(code).toBe(1);
  expect(complaint).toContain("--database is of the tour's own server");
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
