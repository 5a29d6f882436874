/** `npm run generate -- NAME`: writes the migration that takes the database to what the tables say. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, scriptOf } from "./support/packages.ts";

const [name, ...options] = process.argv.slice(2);
if (!name || name.startsWith("-")) {
  console.error("Say what it is for: npm run generate -- add_points_lots");
  process.exit(1);
}
const folder = join(root, "migrations");
const before = new Set(readdirSync(folder));
execFileSync(process.execPath, [scriptOf("drizzle-kit"), "generate", "--name", name, ...options], {
  cwd: root,
  stdio: "inherit",
});

for (const added of readdirSync(folder).filter((entry) => !before.has(entry))) {
  const file = join(folder, added, "migration.sql");
  // drizzle-kit writes no STRICT; without it a column takes any type.
  const sql = readFileSync(file, "utf8").replace(/^\);$/gm, ") STRICT;");
  writeFileSync(file, sql);
  console.log(`\nReview migrations/${added}/migration.sql, then try it: npm start`);
}
