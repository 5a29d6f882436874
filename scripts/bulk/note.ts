import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";

/** How far an import has come: everything before `position` is recorded or refused. */
export interface Note {
  /** The import that it is of: the same file, for the same brand, read in the same way. */
  of: string;
  position: number;
  line: number;
  /** The reports of refused lines, of this run and those before. */
  reports: string[];
  counts: Record<string, number>;
}

const fileOf = (csv: string): string => `${csv}.progress.json`;

/** What a file is known by: a hash of all of it. */
export async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1_048_576 }))
    hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** The note of an earlier run of the same import. */
export async function readNote(csv: string, of: string): Promise<Note | undefined> {
  try {
    const note = JSON.parse(await readFile(fileOf(csv), "utf8")) as Note;
    return note.of === of ? note : undefined;
  } catch {
    return undefined;
  }
}

/** Whole or not at all, also when the process ends meanwhile. */
export async function writeNote(csv: string, note: Note): Promise<void> {
  await writeFile(`${fileOf(csv)}.new`, JSON.stringify(note));
  await rename(`${fileOf(csv)}.new`, fileOf(csv));
}

export const removeNote = (csv: string): Promise<void> => rm(fileOf(csv), { force: true });
