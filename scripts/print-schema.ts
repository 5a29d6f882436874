/**
 * `npm run sdl`: prints the schema, sorted, to `schema/api.graphql`: the contract with callers.
 *
 * `--check` writes nothing. It fails when the file is not what the schema prints, and when the schema
 * breaks a caller of the last committed version; `--accept-breaking` lets such a change pass.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import {
  BreakingChangeType,
  buildSchema,
  findSchemaChanges,
  lexicographicSortSchema,
  printSchema,
} from "graphql";
import { schema } from "../src/graphql/schema.ts";
import { readOptions } from "./support/options.ts";

const FILE = "schema/api.graphql";

const options = readOptions({ check: { type: "boolean" }, "accept-breaking": { type: "boolean" } });

const printed = `${printSchema(lexicographicSortSchema(schema))}\n`;
if (!options.check) {
  writeFileSync(FILE, printed);
  console.log(`${FILE}: ${printed.split("\n").length - 1} lines.`);
} else {
  const faults = [...staleness(), ...(options["accept-breaking"] ? [] : breaks())];
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

function staleness(): string[] {
  return read() === printed ? [] : [`${FILE} is not what the schema prints. Write it anew: npm run sdl`];
}

function read(): string | undefined {
  try {
    return readFileSync(FILE, "utf8");
  } catch {
    return undefined;
  }
}

/** What the schema takes from the callers of the last committed version. */
function breaks(): string[] {
  const committed = lastCommitted();
  if (!committed) return [];
  const changes = findSchemaChanges(buildSchema(committed), schema).filter(
    ({ type }) => type in BreakingChangeType,
  );
  if (changes.length === 0) return [];
  return [
    "The schema breaks callers of the last committed version:",
    ...changes.map(({ type, description }) => `  ${type}: ${description}`),
    "Keep the old beside the new, with @deprecated. If it is meant: npm run verify -- --accept-breaking,",
    "then commit schema/api.graphql with the reason.",
  ];
}

/** Undefined outside a git work tree, and before the first commit of the file. */
function lastCommitted(): string | undefined {
  try {
    return execFileSync("git", ["show", `HEAD:${FILE}`], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return undefined;
  }
}
