import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BulkBrand, brandIn } from "../../scripts/bulk/bulk-brand.ts";
import { newSecrets } from "../../scripts/support/bindings.ts";
import { applyMigrations } from "../../scripts/support/migrations.ts";
import { startSqld } from "../../scripts/support/sqld.ts";
import { foundBrand } from "../../src/brands/found-brand.ts";
import { openDatabase } from "../../src/database/client.ts";
import { closeStreams } from "../../src/database/streams.ts";
import { type Bindings, type Environment, readEnvironment } from "../../src/environment.ts";

export interface BulkServer {
  folder: string;
  bindings: Bindings;
  environment: Environment;
  newBrand: (currency?: string, timeZone?: string) => Promise<BulkBrand>;
  stop: () => Promise<void>;
}

/** A libSQL server of its own with every migration, in a temporary folder. */
export async function startBulkServer(): Promise<BulkServer> {
  const folder = await mkdtemp(join(tmpdir(), "tessera-bulk-"));
  const sqld = await startSqld(join(folder, "database"));
  await applyMigrations(sqld.url);
  const bindings: Bindings = {
    ...(await newSecrets()),
    ...{ DATABASE_URL: sqld.url, ISSUER: "https://loyalty.example.com", ENVIRONMENT: "development" },
  };
  const environment = await readEnvironment(bindings);
  let brands = 0;
  return {
    ...{ folder, bindings, environment },
    newBrand: async (currency = "USD", timeZone = "America/New_York") => {
      brands += 1;
      const slug = `shop-${brands}`;
      const { database } = openDatabase({
        ...{ url: sqld.url, deadline: Date.now() + 10_000, clock: Date.now },
      });
      const names = { name: { en: "Shop" }, pointsName: { en: "Points" } };
      const firstTier = { name: { en: "Member" }, color: "#888888" };
      const founded = { slug, locale: "en-US", timeZone, currency, ...names, firstTier };
      await foundBrand(database, environment.encryptionKeys, founded, Date.parse("1996-12-01T00:00:00Z"));
      return brandIn(environment, slug);
    },
    stop: async () => {
      await closeStreams();
      await sqld.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Where progress is told that nobody reads. */
export const silence = { write: () => true };
