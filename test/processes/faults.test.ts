import { afterAll, beforeAll, expect, test } from "vitest";
import { accountOf, readStored } from "../../scripts/faults/account.ts";
import { type Entry, note, type Send } from "../../scripts/faults/clients.ts";
import { isSound } from "../../scripts/faults/report.ts";
import { scenarios } from "../../scripts/faults/scenarios.ts";
import { foundStock } from "../../scripts/faults/stock.ts";
import { startWorld, type World } from "../../scripts/faults/world.ts";
import { sendWrite } from "../../scripts/faults/writes.ts";

/** What `npm run faults` does a hundred times, a few times. */
const FEW = { seed: "test", kills: 3, seconds: 4, tell: () => {} };
const PATIENCE_MS = 150_000;

let world: World;

beforeAll(async () => {
  world = await startWorld(() => {});
});

afterAll(() => world?.stop());

for (const { name, title, run } of scenarios) {
  // An import that is killed has a test of its own, and takes longer.
  test.skipIf(name === "batch")(
    `nothing is lost and nothing is there twice: ${title}`,
    { timeout: PATIENCE_MS },
    async () => {
      const outcome = await run({ ...FEW, world });
      expect(outcome).toMatchObject({ lost: [], twice: [], broken: [] });
      expect(outcome.acknowledged).toBeGreaterThan(0);
      expect(isSound(outcome)).toBe(true);
    },
  );
}

/** Writes one after the other, as a client does that is satisfied with what a `send` of its own says. */
async function accountAfter(writes: number, send: Send) {
  const stock = await foundStock(world, { seed: "twin", members: 20, coupons: 40 });
  const entries: Entry[] = [];
  for (let count = 0; count < writes; count += 1) {
    const write = stock.nextWrite();
    const entry: Entry = { write, verdict: { state: "UNKNOWN", code: "not sent" }, sends: 0, slowestMs: 0 };
    entries.push(entry);
    note(entry, await send(world.url, await stock.token(), write));
  }
  world.proxy.plan();
  return accountOf(entries, await world.withDatabase((database) => readStored(database, stock.brandId)));
}

test("a database that acknowledges what it forgets is caught", async () => {
  let sent = 0;
  const { lost } = await accountAfter(6, (...write) => {
    sent += 1;
    if (sent > 3) world.proxy.plan(() => ({ kind: "FORGET" }));
    return sendWrite(...write);
  });
  expect(lost.length).toBe(3);
});

test("a client that sends again without its key is caught", async () => {
  const { twice } = await accountAfter(12, async (url, token, write) => {
    const first = await sendWrite(url, token, write);
    return write.kind === "spendPoints" ? sendWrite(url, token, write, `${write.key} again`) : first;
  });
  expect(twice.length).toBeGreaterThan(1);
});
