import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { newSecrets } from "../../scripts/support/bindings.ts";
import { applyMigrations } from "../../scripts/support/migrations.ts";
import { startSqld } from "../../scripts/support/sqld.ts";

/** One real sqld for the run, in a folder of its own; brands keep the tests apart. */
export default async function setup(project: TestProject) {
  const folder = await mkdtemp(join(tmpdir(), "tessera-test-"));
  const sqld = await startSqld(folder);
  await applyMigrations(sqld.url);
  const bindings = {
    ...(await newSecrets()),
    DATABASE_URL: sqld.url,
    ISSUER: "https://loyalty.example.com",
    ENVIRONMENT: "development",
    // Hundreds race in one isolate here.
    MOST_AT_ONCE: "1000",
  };
  project.provide("bindings", bindings);
  return async () => {
    await sqld.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

declare module "vitest" {
  interface ProvidedContext {
    bindings: Record<string, string>;
  }
}
