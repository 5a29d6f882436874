import { execFileSync } from "node:child_process";
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Claim {
  /** Remembers a process that was started on the folder. */
  add: (pid: number) => Promise<void>;
  /** Removes what earlier starts have kept in the folder, and nothing else. */
  empty: () => Promise<void>;
  release: () => Promise<void>;
}

interface Running {
  pid: number;
  /** How the process was started, so that another one that got its number is told apart. */
  command: string;
}

const CLAIM = "running.json";
/** By these two a folder is known as one of ours; the secrets go last, so that it still is when half emptied. */
const SECRETS = "secrets.json";
const KEPT = ["database", "worker", "worker.env", SECRETS];

/**
 * Takes a data folder for this process, and makes it where it is missing: two database servers on one
 * folder would spoil it.
 *
 * @throws Error with the fix, while another start, or what one that was killed left behind, uses it, and
 * for a folder that holds something else.
 */
export async function claimFolder(folder: string): Promise<Claim> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`${folder} cannot be made (${cause.code}): choose another folder with --folder.`, {
      cause,
    });
  });
  await refuseForeign(folder);
  const file = join(folder, CLAIM);
  const draft = `${file}.${process.pid}`;
  const running: Running[] = [];
  const note = (pid: number) => {
    running.push({ pid, command: commandOf(pid) ?? "" });
    return writeFile(draft, JSON.stringify(running));
  };

  await note(process.pid);
  try {
    await removeStale(folder);
    // A link is made whole or not at all, and never over a claim that another start has made meanwhile.
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new Error(`${folder} is in use by another start: end it first.`);
  } finally {
    await rm(draft, { force: true });
  }
  return {
    add: async (pid) => {
      await note(pid);
      await rename(draft, file);
    },
    empty: async () => {
      for (const entry of KEPT) await rm(join(folder, entry), { recursive: true, force: true });
    },
    release: () => rm(file, { force: true }),
  };
}

/** A folder is ours when it is empty, has our secrets, or is claimed. */
async function refuseForeign(folder: string): Promise<void> {
  const entries = await readdir(folder);
  if (entries.length === 0) return;
  const kept = await readFile(join(folder, SECRETS), "utf8").catch(() => "");
  if (kept.includes('"SIGNING_KEYS"') || (await readClaim(folder))) return;
  throw new Error(
    `${folder} holds something else than the data of npm start: choose an empty folder with --folder.`,
  );
}

/** Takes away the claim of a start that has ended without doing so; it goes to one taker only. */
async function removeStale(folder: string): Promise<void> {
  const file = join(folder, CLAIM);
  refuseLiving(folder, await readClaim(folder));
  const taken = `${file}.${process.pid}.stale`;
  await rename(file, taken).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  try {
    refuseLiving(folder, await readClaim(folder, taken));
  } catch (error) {
    // Another start took the folder since we looked: it gets its claim back.
    await link(taken, file).catch(() => undefined);
    throw error;
  } finally {
    await rm(taken, { force: true });
  }
}

function refuseLiving(folder: string, claim: Running[] = []): void {
  const left = claim.filter(({ pid, command }) => commandOf(pid) === command);
  if (left.length === 0) return;
  const pids = left.map(({ pid }) => pid).join(" ");
  throw new Error(`${folder} is in use by an earlier start: end it first, with: kill ${pids}`);
}

/** Undefined when there is none, or a file of that name is not ours. */
async function readClaim(folder: string, file = join(folder, CLAIM)): Promise<Running[] | undefined> {
  try {
    const claim = JSON.parse(await readFile(file, "utf8")) as Running[];
    return claim.every(({ pid, command }) => pid > 0 && typeof command === "string") ? claim : undefined;
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
