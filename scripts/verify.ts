/**
 * `npm run verify`: everything that must hold before a change is merged. The checks that read the
 * sources come first and all have their say; the tests run when they pass. `--accept-breaking` lets a
 * schema pass that breaks its callers on purpose.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readOptions } from "./support/options.ts";
import { root, scriptOf } from "./support/packages.ts";

/** Answers with what is wrong; empty when all is well. */
type Check = () => Promise<string>;

const options = readOptions({ "accept-breaking": { type: "boolean" } });

const checks: Record<string, Check> = {
  types: () => run([scriptOf("typescript", "tsc"), "--noEmit"]),
  "lint and format": () => run([scriptOf("@biomejs/biome", "biome"), "check"]),
  "unused code": () => run([scriptOf("knip")]),
  "schema/api.graphql": () =>
    run(["scripts/print-schema.ts", "--check", ...(options["accept-breaking"] ? ["--accept-breaking"] : [])]),
  "migrations are consistent": () => run([scriptOf("drizzle-kit"), "check"]),
  "migrations give the tables": findMissingMigration,
};

let sound = true;
for (const [name, check] of Object.entries(checks)) {
  const startedAt = performance.now();
  const fault = await check();
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`${fault ? "✗" : "✓"} ${name}  ${seconds} s`);
  if (fault) console.log(`\n${fault}\n`);
  sound &&= !fault;
}
if (sound) {
  const startedAt = performance.now();
  sound = (await run([scriptOf("vitest"), "run"], "inherit")) === "";
  console.log(`${sound ? "✓" : "✗"} tests  ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
} else {
  console.log("The tests were not run.");
}
process.exitCode = sound ? 0 : 1;

/** Runs a script on this Node; answers what it wrote when it fails. */
function run(script: string[], output: "pipe" | "inherit" = "pipe"): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--no-warnings", ...script], {
      cwd: root,
      stdio: ["ignore", output, output],
    });
    let written = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        written += chunk;
      });
    }
    child.once("close", (code) => resolve(code === 0 ? "" : written.trim() || `It ended with code ${code}.`));
  });
}

/** Generates into a copy: whatever appears there is what `migrations/` lacks. */
async function findMissingMigration(): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), "tessera-migrations-"));
  try {
    cpSync(join(root, "migrations"), copy, { recursive: true });
    const before = new Set(readdirSync(copy));
    const source = ["--dialect", "turso", "--schema", "./schema/tables", "--out", copy];
    const fault = await run([scriptOf("drizzle-kit"), "generate", "--name", "missing", ...source]);
    if (fault) return fault;
    const added = readdirSync(copy).filter((entry) => !before.has(entry));
    if (added.length === 0) return "";
    const sql = added.map((entry) => readFileSync(join(copy, entry, "migration.sql"), "utf8"));
    return `The tables say more than the migrations. Write one: npm run generate -- NAME\n\n${sql.join("\n")}`;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
