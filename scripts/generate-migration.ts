/**
 * `npm run generate -- NAME`: writes the migration that takes the database to what the tables say. Further
 * options are handed to `drizzle-kit generate`.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endWith, endWithHelp } from "./support/options.ts";
import { root, scriptOf } from "./support/packages.ts";

endWithHelp();
const [name, ...options] = process.argv.slice(2);
if (!name || name.startsWith("-")) endWith("Say what it is for: npm run generate -- add_points_lots");
const folder = join(root, "migrations");
const before = new Set(readdirSync(folder));
try {
  execFileSync(process.execPath, [scriptOf("drizzle-kit"), "generate", "--name", name, ...options], {
    cwd: root,
    stdio: "inherit",
  });
} catch {
  endWith("No migration was written: what drizzle-kit says above is why.");
}

for (const added of readdirSync(folder).filter((entry) => !before.has(entry))) {
  const file = join(folder, added, "migration.sql");
  // drizzle-kit writes no STRICT; without it a column takes any type.
  const sql = readFileSync(file, "utf8").replace(/^\);$/gm, ") STRICT;");
  writeFileSync(file, sql);
  console.log(`\nReview migrations/${added}/migration.sql, then try it: npm start`);
}
