import { execFileSync } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Claim {
  /** Remembers a process that was started on the folder. */
  add: (pid: number) => Promise<void>;
  release: () => Promise<void>;
}

interface Running {
  pid: number;
  /** How the process was started, so that another one that got its number is told apart. */
  command: string;
}

/**
 * Takes a data folder for this process: two database servers on one folder would spoil it.
 *
 * @throws Error with the fix, while another start, or what one that was killed left behind, uses it.
 */
export async function claimFolder(folder: string): Promise<Claim> {
  const file = join(folder, "running.json");
  const text = await readFile(file, "utf8").catch(() => "[]");
  const left = (JSON.parse(text) as Running[]).filter(({ pid, command }) => commandOf(pid) === command);
  if (left.length > 0) {
    const pids = left.map(({ pid }) => pid).join(" ");
    throw new Error(`${folder} is in use by an earlier start: end it first, with: kill ${pids}`);
  }
  const running: Running[] = [];
  const add = async (pid: number) => {
    running.push({ pid, command: commandOf(pid) ?? "" });
    await writeFile(file, JSON.stringify(running));
  };
  await add(process.pid);
  return { add, release: () => rm(file, { force: true }) };
}

/** Undefined when no such process runs. */
function commandOf(pid: number): string | undefined {
  try {
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return undefined;
  }
}
