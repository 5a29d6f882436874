import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { brands } from "../../schema/tables/brands.ts";
import { root } from "../../scripts/support/packages.ts";
import { type RunningServer, startServer } from "../../scripts/support/server.ts";
import { scopesFor } from "../../src/access/scopes.ts";
import { foundBrand } from "../../src/brands/found-brand.ts";
import { createContext } from "../../src/context.ts";
import type { Database } from "../../src/database/client.ts";
import { isRefusal } from "../../src/errors.ts";
import { enrolMember } from "../../src/members/enrol-member.ts";
import { adjustBalance } from "../../src/points/adjust-balance.ts";

const DAY_MS = 86_400_000;
/** In Shanghai, where the brand is: the points of a month earlier expire at this day's end. */
const EARNED = Date.parse("2026-03-10T04:00:00Z");
const LAST_DAY = "2026-04-10";
const OVER = Date.parse("2026-04-10T16:00:00Z");

let folder: string;
let server: RunningServer;
let brandId: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tessera-jobs-"));
  server = await startServer({ folder });
  brandId = await server.withDatabase(async (database) => {
    const brand = await foundBrand(
      database,
      server.environment.encryptionKeys,
      {
        ...{ slug: "acme", locale: "zh-CN", timeZone: "Asia/Shanghai", currency: "CNY" },
        ...{ name: { en: "Acme" }, pointsName: { en: "Points" } },
        firstTier: { name: { en: "Classic" }, color: "#888888" },
      },
      EARNED - DAY_MS,
    );
    const pointsPolicy = { expiry: { rule: "AFTER_MONTHS", months: 1 } } as const;
    await database.update(brands).set({ pointsPolicy }).where(eq(brands.id, brand.brandId));
    return brand.brandId;
  });
}, 90_000);

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Gives a new member 10 points at a moment. */
async function give(database: Database, at: number, externalId: string): Promise<void> {
  const context = createContext({
    ...{ environment: server.environment, database, now: at, deadline: Date.now() + 10_000, locales: [] },
    actor: { kind: "SERVICE", brandId, clientId: "cli_test", scopes: new Set(scopesFor("SERVICE")) },
  });
  const nothing = () => database.query.guard.findFirst();
  const enrolled = await enrolMember(context, { externalId, idempotencyKey: externalId }, nothing);
  if (isRefusal(enrolled)) throw new Error(JSON.stringify(enrolled));
  const { memberId } = enrolled.outcome;
  const credit = { memberId, unit: "POINTS", amount: 10, reason: "x", idempotencyKey: externalId } as const;
  await adjustBalance(context, credit, nothing);
}

const broken = () =>
  server.withDatabase(async (database) => {
    const account = await database.query.accounts.findFirst({ where: { brandId, kind: "BREAKAGE" } });
    return account?.balance;
  });

/** What `npm run jobs` says, and how it ends. */
async function run(environment: Record<string, string>, ...options: string[]) {
  const child = spawn(process.execPath, [join(root, "scripts/jobs.ts"), ...options], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  }
  const [code] = await once(child, "close");
  return { code: code as number, output: output.trim() };
}

const local = (...options: string[]) => run({}, "--folder", folder, ...options);

test("run by hand on a running server, they do what is due by the end of a day, and nothing twice", async () => {
  await server.withDatabase((database) => give(database, EARNED, "c-1"));
  const early = await local("--date", "2026-04-09");
  expect(early.code).toBe(0);
  expect(await broken()).toBe(0);
  const due = await local("--date", LAST_DAY);
  expect(due.output).toMatch(/^All that is due by 2026-04-10T16:00:00\.000Z:\n/);
  expect(due.output).toMatch(/ {2}expirePoints +1 in \d+\.\d s, \d+ a second\n/);
  expect(due.output).toMatch(/\nDone\. .*\/health/);
  expect(due.code).toBe(0);
  expect(await broken()).toBe(10);
  const again = await local("--date", LAST_DAY, "--job", "expirePoints");
  expect(again.output).toMatch(/ {2}expirePoints +0 in /);
  expect(await broken()).toBe(10);
}, 120_000);

test("the Worker does the same when its time comes, and health tells of it", async () => {
  await server.withDatabase((database) => give(database, EARNED, "c-2"));
  const before = Date.now();
  const called = await fetch(`${server.url}/cdn-cgi/handler/scheduled?cron=*%2F5+*+*+*+*&time=${OVER}`);
  expect([called.status, await called.text()]).toEqual([200, "ok"]);
  for (const giveUpAt = before + 20_000; (await broken()) !== 20 && Date.now() < giveUpAt; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(await broken()).toBe(20);
  const health = (await (await fetch(`${server.url}/health`)).json()) as {
    status: string;
    jobs: { name: string; lastFinishedAt: string }[];
  };
  expect(health.status).toBe("ok");
  const job = health.jobs.find(({ name }) => name === "expirePoints");
  expect(job).toMatchObject({ behind: false, failed: 0 });
  expect(Date.parse(job?.lastFinishedAt ?? "")).toBeGreaterThanOrEqual(before);
}, 60_000);

test("what they were not given, or must not do, is one sentence with the fix", async () => {
  const { ISSUER, SIGNING_KEYS, ENCRYPTION_KEYS } = server.bindings;
  const bindings = { ISSUER, SIGNING_KEYS, ENCRYPTION_KEYS };
  const said = await Promise.all([
    local("--job", "nope"),
    local("--date", "31.3.2027"),
    run({}, "--folder", join(folder, "nowhere")),
    run({ ...bindings, DATABASE_URL: "http://127.0.0.1:9" }),
    run({ DATABASE_URL: "http://127.0.0.1:9" }),
  ]);
  expect(said.map(({ code }) => code)).toEqual([1, 1, 1, 1, 1]);
  expect(said.map(({ output }) => output)).toEqual([
    expect.stringMatching(/^There is no job nope\. There are: .*expirePoints.*\.$/),
    "--date takes a day such as 2027-03-31, not 31.3.2027.",
    expect.stringMatching(/^There is no server in (.*nowhere): .* with: npm start -- --folder \1$/),
    expect.stringMatching(/^The database at http:\/\/127\.0\.0\.1:9 does not answer: start it/),
    expect.stringMatching(
      /^Missing: export ISSUER, SIGNING_KEYS, ENCRYPTION_KEYS, .* or unset DATABASE_URL for the server of/,
    ),
  ]);
}, 60_000);
