import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { outbox } from "../../schema/tables/commits.ts";
import { applyMigrations } from "../../scripts/support/migrations.ts";
import { freePort, type RunningSqld, startSqld } from "../../scripts/support/sqld.ts";
import { type Database, openDatabase } from "../../src/database/client.ts";

let folder: string;
let port: number;
let sqld: RunningSqld;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tessera-crash-"));
  port = await freePort();
  sqld = await startSqld(join(folder, "database"), port);
  await applyMigrations(sqld.url);
});

afterAll(async () => {
  await sqld?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A client as a request has it. */
const open = (): Database =>
  openDatabase({ url: sqld.url, deadline: Date.now() + 5_000, clock: Date.now }).database;

/** Ends the server as a power cut does, and starts it again where it was. */
async function crash(): Promise<void> {
  sqld.process.kill("SIGKILL");
  await sqld.stop();
  sqld = await startSqld(join(folder, "database"), port);
}

const write = (id: string) =>
  open().insert(outbox).values({ brandId: "crash", id, type: "test", payload: {}, createdAt: 1 });

/** How often each event is there. */
async function counts(ids: string[]): Promise<number[]> {
  const rows = await open().all<{ id: string }>(sql`select id from outbox where brand_id = 'crash'`);
  return ids.map((id) => rows.filter((row) => row.id === id).length);
}

test("the first request after a crash is answered, though its stream is gone", async () => {
  await write("before");
  await crash();
  expect(await counts(["before"])).toEqual([1]);
  await crash();
  await write("after");
  expect(await counts(["before", "after"])).toEqual([1, 1]);
});

test("what was acknowledged before a crash is there, and nothing is there twice", async () => {
  const acknowledged: string[] = [];
  const unknown: string[] = [];
  let writing = true;
  const writers = [1, 2, 3].map(async (writer) => {
    for (let n = 0; writing; n += 1) {
      const id = `evt_${writer}_${n}`;
      await write(id).then(
        () => acknowledged.push(id),
        () => unknown.push(id),
      );
    }
  });
  for (let crashes = 0; crashes < 3; crashes += 1) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    await crash();
  }
  writing = false;
  await Promise.all(writers);

  expect(acknowledged.length).toBeGreaterThan(20);
  expect(new Set(await counts(acknowledged))).toEqual(new Set([1]));
  for (const count of await counts(unknown)) expect(count).toBeLessThanOrEqual(1);
});
