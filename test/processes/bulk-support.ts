import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BulkBrand, brandIn } from "../../scripts/bulk/bulk-brand.ts";
import { newSecrets } from "../../scripts/support/bindings.ts";
import { applyMigrations } from "../../scripts/support/migrations.ts";
import { root } from "../../scripts/support/packages.ts";
import { startSqld } from "../../scripts/support/sqld.ts";
import { foundBrand } from "../../src/brands/found-brand.ts";
import { openDatabase } from "../../src/database/client.ts";
import { closeStreams } from "../../src/database/streams.ts";
import { type Bindings, type Environment, readEnvironment } from "../../src/environment.ts";

export interface BulkServer {
  folder: string;
  bindings: Bindings;
  environment: Environment;
  newFile: (name: string, text: string | Uint8Array) => Promise<string>;
  /** `npm run import` with these words, and how it ends and what it says then. */
  runImport: (...words: string[]) => {
    child: ChildProcess;
    ended: Promise<{ code: number | null; said: string }>;
  };
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
    newFile: async (name, text) => {
      const file = join(folder, name);
      await writeFile(file, text);
      return file;
    },
    runImport: (...words) => {
      const child = spawn(process.execPath, ["--no-warnings", join(root, "scripts/import.ts"), ...words], {
        env: { ...process.env, ...(bindings as unknown as Record<string, string>) },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk) => {
          said += chunk;
        });
      return { child, ended: once(child, "close").then(([code]) => ({ code, said })) };
    },
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

export const CDNOW = join(root, "test/data/cdnow-sample.txt");

export const options = { output: silence, dryRun: false, source: "shop", enrol: false };
export const asCdnow = { ...options, mapping: "cdnow", enrol: true } as const;

/** A file of orders, each of one line. */
export const HEADER =
  "externalId,memberExternalId,placedAt,paidAt,totalMinor,lineId,sku,name,quantity,amountMinor\r\n";
export const rowOf = (id: number, member = "c-1", amount = "100") =>
  `o-${id},${member},2026-01-05T10:00:00Z,2026-01-05 05:30,${amount},1,TEA,"龙井, ""A""",1,100\r\n`;

export const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );
