import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "../../scripts/support/packages.ts";

const ownPath = (path: string): string =>
  path
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"))
    .join(delimiter);

/** Brings what Tessera is measured beside, and the load's sender, where it is missing. */
export function installPeers(print: (line: string) => void): void {
  const folder = join(root, "bench");
  if (existsSync(join(folder, "node_modules/autocannon"))) return;
  print("Installing the bench's own packages into bench/node_modules (npm ci), once …");
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    // By the machine's own Node, for which native packages can be compiled, and not by the project's.
    env: { ...process.env, PATH: ownPath(process.env.PATH ?? "") },
  });
}
