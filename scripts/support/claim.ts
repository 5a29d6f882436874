import { access, constants, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Lock, readLock, takeLock } from "./lock.ts";

export interface Claim extends Lock {
  /** Removes what earlier starts have kept in the folder, and nothing else. */
  empty: () => Promise<void>;
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
  await refuseOfAnother(folder);
  await refuseForeign(folder);
  const { add, release } = await takeLock(join(folder, CLAIM), (pids) =>
    pids.length > 0
      ? `${folder} is in use by an earlier start: end it first, with: kill ${pids.join(" ")}`
      : `${folder} is in use by another start: end it first.`,
  );
  return {
    ...{ add, release },
    empty: async () => {
      for (const entry of KEPT) await rm(join(folder, entry), { recursive: true, force: true });
    },
  };
}

/** Whose a folder or a part of it is that this user may not work on, such as after a start as another one. */
async function refuseOfAnother(folder: string): Promise<void> {
  for (const path of [folder, ...KEPT.map((entry) => join(folder, entry))]) {
    await access(path, constants.R_OK | constants.W_OK).catch(async (cause: NodeJS.ErrnoException) => {
      if (cause.code !== "EACCES") return;
      const { uid } = await stat(path);
      throw new Error(
        `${path} belongs to user ${uid}, and you may not write to it: start as that user, give it to yourself ` +
          `(sudo chown -R "$(id -u)" ${folder}), or choose another folder with --folder.`,
        { cause },
      );
    });
  }
}

/** A folder is ours when it is empty, has our secrets, or is claimed. */
async function refuseForeign(folder: string): Promise<void> {
  const entries = await readdir(folder);
  if (entries.length === 0) return;
  const kept = await readFile(join(folder, SECRETS), "utf8").catch(() => "");
  if (kept.includes('"SIGNING_KEYS"') || (await readLock(join(folder, CLAIM)))) return;
  throw new Error(
    `${folder} holds something else than the data of npm start: choose an empty folder with --folder.`,
  );
}
