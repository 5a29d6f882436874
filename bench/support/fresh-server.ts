import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newSecrets } from "../../scripts/support/bindings.ts";
import { applyMigrations } from "../../scripts/support/migrations.ts";
import { startSqld } from "../../scripts/support/sqld.ts";
import { foundBrand } from "../../src/brands/found-brand.ts";
import { openDatabase } from "../../src/database/client.ts";
import { closeStreams } from "../../src/database/streams.ts";
import { type Environment, readEnvironment } from "../../src/environment.ts";

/** The brand that it holds. */
export const SLUG = "bench";

/** Works with a server. @param pid the server's. */
type Work<Answer> = (environment: Environment, pid: number) => Promise<Answer>;

/** Works on a new server that holds a brand and nothing else. */
export async function onFreshServer<Answer>(work: Work<Answer>): Promise<Answer> {
  const prepared = await prepareServer(async () => undefined);
  try {
    return await prepared.onCopy(work);
  } finally {
    await prepared.remove();
  }
}

/** A server that holds a brand and what is put there, to be worked on as it is now: each time on a copy of its own. */
export async function prepareServer(put: Work<void>) {
  const folder = await mkdtemp(join(tmpdir(), "tessera-bench-"));
  const secrets = await newSecrets();
  const original = join(folder, "original");
  const on = async <Answer>(database: string, work: Work<Answer>): Promise<Answer> => {
    const sqld = await startSqld(database);
    try {
      const environment = await readEnvironment({
        ...{ ...secrets, DATABASE_URL: sqld.url },
        ...{ ISSUER: "https://bench.example.com", ENVIRONMENT: "development" },
      });
      return await work(environment, sqld.process.pid as number);
    } finally {
      await closeStreams();
      await sqld.stop();
    }
  };
  await on(original, async (environment, pid) => {
    await applyMigrations(environment.database.url);
    await foundBenchBrand(environment);
    await put(environment, pid);
  });
  return {
    onCopy: async <Answer>(work: Work<Answer>): Promise<Answer> => {
      const copy = join(folder, "copy");
      await cp(original, copy, { recursive: true });
      try {
        return await on(copy, work);
      } finally {
        await rm(copy, { recursive: true, force: true });
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function foundBenchBrand({ database: { url }, encryptionKeys }: Environment): Promise<void> {
  const { database } = openDatabase({ url, deadline: Date.now() + 60_000, clock: Date.now });
  const names = { name: { en: "Bench" }, pointsName: { en: "Points" } };
  const founded = { slug: SLUG, locale: "en-US", timeZone: "America/New_York", currency: "USD" };
  const firstTier = { name: { en: "Member" }, color: "#888888" };
  await foundBrand(database, encryptionKeys, { ...founded, ...names, firstTier }, Date.now());
}

export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]];
  return (low + high) / 2;
};
