/** A program that an answer was made from, as it was then. */
export interface ShownProgram {
  brandId: string;
  version: number;
}

/** Programs by the slug that was asked for; undefined where there is no such brand. */
export type ShownPrograms = ReadonlyMap<string, ShownProgram | undefined>;
type KnownPrograms = ReadonlyMap<string, ShownProgram>;

interface Kept {
  body: string;
  programs: KnownPrograms;
  /** When the versions were last known to be these. */
  confirmedAt: number;
  /** Whether someone looks already what they are by now. */
  isLooked: boolean;
}

/** So long an answer is given again unasked: another isolate's change shows a second later at most. */
const UNASKED_MS = 1_000;
/** From here on the first who asks looks, and the others need not: they would all wait for the database at once. */
const LOOK_MS = 800;
/** A change that was decided has landed by then, or never will: no request lasts as long. */
const LANDED_MS = 12_000;
const MOST_ANSWERS = 500;
/** Characters of all that is kept, and of one: what is asked is the callers' own, of up to 256,000 bytes. */
const MOST_KEPT = 4_000_000;
const LARGEST_KEPT = 50_000;

/** Answers by what was asked: the document, its variables, the languages, the type. */
const answers = new Map<string, Kept>();
/** Characters that were kept since there were none: those of answers that were replaced count on. */
let keptCharacters = 0;
/** When a change of a brand's program was last decided in this isolate. */
const changes = new Map<string, number>();
const MOST_CHANGES = 500;
/** By when the changes that are not in `changes` were decided. */
let forgottenAt = Number.NEGATIVE_INFINITY;

/**
 * An answer to what was asked before, if the programs that it was made from are as they were: for most of a second
 * nobody is asked, then `readVersions` is; and each time while a change of this isolate's may be on its way.
 *
 * @param readVersions the versions that the programs of these slugs have now, from the database.
 */
export async function keptProgramAnswer(
  asked: string,
  now: number,
  readVersions: (slugs: readonly string[]) => Promise<{ slug: string; version: number }[]>,
): Promise<string | undefined> {
  const kept = answers.get(asked);
  if (!kept) return undefined;
  const age = now - kept.confirmedAt;
  if (age >= 0 && age < UNASKED_MS && !isChanging(kept.programs, now)) {
    if (age < LOOK_MS || kept.isLooked) return kept.body;
    kept.isLooked = true;
  }
  const versions = new Map(
    (await readVersions([...kept.programs.keys()])).map(({ slug, version }) => [slug, version]),
  );
  const isAsItWas = [...kept.programs].every(([slug, program]) => versions.get(slug) === program.version);
  if (isAsItWas) Object.assign(kept, { confirmedAt: now, isLooked: false });
  else answers.delete(asked);
  return isAsItWas ? kept.body : undefined;
}

/** Keeps an answer that says nothing but of these programs, and the same to everyone at any time. */
export function keepProgramAnswer(asked: string, body: string, programs: ShownPrograms, now: number): void {
  const characters = asked.length + body.length;
  if (characters > LARGEST_KEPT || !areKnown(programs)) return;
  if (answers.size >= MOST_ANSWERS || keptCharacters + characters > MOST_KEPT) {
    answers.clear();
    keptCharacters = 0;
  }
  keptCharacters += characters;
  answers.set(asked, { body, programs, confirmedAt: now, isLooked: false });
}

/** Tells that a change of a brand's program has been decided, and is about to be committed. */
export function noteProgramChange(brandId: string): void {
  const now = Date.now();
  if (changes.size >= MOST_CHANGES) {
    changes.clear();
    forgottenAt = now;
  }
  changes.set(brandId, now);
}

/** Whether there are all of these brands: others can be made up without end. */
const areKnown = (programs: ShownPrograms): programs is KnownPrograms =>
  ![...programs.values()].includes(undefined);

const isChanging = (programs: KnownPrograms, now: number): boolean =>
  [...programs.values()].some(
    ({ brandId }) => Math.abs(now - (changes.get(brandId) ?? forgottenAt)) < LANDED_MS,
  );
