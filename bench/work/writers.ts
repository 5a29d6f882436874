import { createClient } from "@libsql/client/http";
import { pause } from "../../src/database/client.ts";
import type { Work } from "../support/bench.ts";
import { redeem } from "../support/by-hand.ts";
import { redemptions } from "../support/orders.ts";
import { processorMs } from "../support/processor.ts";
import { startCopy } from "../support/seed.ts";
import { rounded } from "../support/statistics.ts";
import { createWarmClient } from "../support/warm-client.ts";

const WRITERS = 64;
const BATCHES = 2_000;
const ATTEMPTS = 50;
/** What was written last is put into the database's file meanwhile, at a checkpoint every two seconds. */
const SETTLING_MS = 5_000;
const IDLE_MS = 4_000;

export const writers: Work = {
  title: `${WRITERS} writers, ${BATCHES.toLocaleString("en")} guarded batches, and the database afterwards`,
  run: async ({ seeded }) => {
    const data = await seeded();
    const sqld = await startCopy(data);
    try {
      const orders = redemptions(data, 0, BATCHES);
      const client = createWarmClient(sqld.url);
      const counts = { busy: 0, otherFaults: 0, stuck: 0 };
      const startedAt = performance.now();
      const write = async () => {
        for (let order = orders.pop(); order; order = orders.pop()) {
          for (let attempt = 1; ; attempt += 1) {
            try {
              const batch = redeem(data.brandId, crypto.randomUUID(), order, Date.now());
              await client.batch(batch, "write");
              break;
            } catch (error) {
              if (attempt === ATTEMPTS) {
                counts.stuck += 1;
                break;
              }
              if (!/BUSY|locked/i.test(String(error))) counts.otherFaults += 1;
              else counts.busy += 1;
              await pause(Math.min(attempt, 4), 5_000);
            }
          }
        }
      };
      await Promise.all(Array.from({ length: WRITERS }, write));
      const seconds = (performance.now() - startedAt) / 1_000;
      const { rows } = await createClient({ url: sqld.url }).execute("select count(*) as n from redemptions");
      const found = Number(rows[0]?.n);
      await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
      const before = processorMs([sqld.process.pid as number]);
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
      const after = processorMs([sqld.process.pid as number]);
      const idle = before === undefined || after === undefined ? undefined : (after - before) / IDLE_MS;
      return [
        {
          ...{ writers: WRITERS, batches: BATCHES, found, lost: BATCHES - found, ...counts },
          busyShare: `${rounded((100 * counts.busy) / BATCHES)} %`,
          ...{ perSecond: rounded(BATCHES / seconds, 0), seconds: rounded(seconds, 1) },
          processorAfterwards: idle === undefined ? undefined : `${rounded(100 * idle, 1)} %`,
        },
      ];
    } finally {
      await sqld.stop();
    }
  },
};
