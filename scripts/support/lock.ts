import { execFileSync } from "node:child_process";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";

export interface Lock {
  /** Remembers another process that the lock is for. */
  add: (pid: number) => Promise<void>;
  release: () => Promise<void>;
}

interface Running {
  pid: number;
  /** How the process was started, so that another one that got its number is told apart. */
  command: string;
}

/**
 * Takes a lock for this process: a file that names it, and is in nobody's way once that process has ended.
 *
 * @param refusal what to say while others hold it; `pids` where they are known.
 * @throws Error with that.
 */
export async function takeLock(file: string, refusal: (pids: number[]) => string): Promise<Lock> {
  const draft = `${file}.${process.pid}`;
  const running: Running[] = [];
  const note = (pid: number) => {
    running.push({ pid, command: commandOf(pid) ?? "" });
    return writeFile(draft, JSON.stringify(running));
  };

  await note(process.pid);
  try {
    await removeStale(file, refusal);
    // A link is made whole or not at all, and never over a lock that another has made meanwhile.
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new Error(refusal([]));
  } finally {
    await rm(draft, { force: true });
  }
  return {
    add: async (pid) => {
      await note(pid);
      await rename(draft, file);
    },
    release: () => rm(file, { force: true }),
  };
}

/** Takes away the lock of processes that have ended without doing so; it goes to one taker only. */
async function removeStale(file: string, refusal: (pids: number[]) => string): Promise<void> {
  refuseLiving(await readLock(file), refusal);
  const taken = `${file}.${process.pid}.stale`;
  await rename(file, taken).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  try {
    refuseLiving(await readLock(taken), refusal);
  } catch (error) {
    // Another took the lock since we looked, and gets it back.
    await link(taken, file).catch(() => undefined);
    throw error;
  } finally {
    await rm(taken, { force: true });
  }
}

/** What has our own number has ended: in containers, each start gets the same. */
function refuseLiving(lock: Running[] = [], refusal: (pids: number[]) => string): void {
  const left = lock.filter(({ pid, command }) => pid !== process.pid && commandOf(pid) === command);
  if (left.length > 0) throw new Error(refusal(left.map(({ pid }) => pid)));
}

/** Undefined when there is none, or a file of that name is not ours. */
export async function readLock(file: string): Promise<Running[] | undefined> {
  try {
    const lock = JSON.parse(await readFile(file, "utf8")) as Running[];
    return lock.every(({ pid, command }) => pid > 0 && typeof command === "string") ? lock : undefined;
  } catch {
    return undefined;
  }
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
