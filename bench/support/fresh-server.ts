import { mkdtemp, rm } from "node:fs/promises";
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

/** Works on a new server that holds a brand and nothing else; answers the milliseconds that it took. */
export async function onFreshServer(work: (environment: Environment) => Promise<number>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "tessera-bench-"));
  const sqld = await startSqld(join(folder, "database"));
  try {
    await applyMigrations(sqld.url);
    const environment = await readEnvironment({
      ...(await newSecrets()),
      ...{ DATABASE_URL: sqld.url, ISSUER: "https://bench.example.com", ENVIRONMENT: "development" },
    });
    const { database } = openDatabase({
      ...{ url: sqld.url, deadline: Date.now() + 60_000, clock: Date.now },
    });
    const names = { name: { en: "Bench" }, pointsName: { en: "Points" } };
    const founded = { slug: SLUG, locale: "en-US", timeZone: "America/New_York", currency: "USD" };
    const firstTier = { name: { en: "Member" }, color: "#888888" };
    await foundBrand(database, environment.encryptionKeys, { ...founded, ...names, firstTier }, Date.now());
    return await work(environment);
  } finally {
    await closeStreams();
    await sqld.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]];
  return (low + high) / 2;
};
