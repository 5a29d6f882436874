import type { Settings } from "./beside.ts";
import type { Contender } from "./contender.ts";
import type { Seeded } from "./seed.ts";

/** What a piece of work is given. */
export interface Bench {
  settings: Settings;
  /** Whether the large databases are made as well, which takes long. */
  growth: boolean;
  seeded: () => Promise<Seeded>;
  /** Those of these names that the machine can run, started at the first call; the first is Tessera. */
  contenders: (
    names: readonly string[],
    /** To be started anew, on data that nobody has used. */
    fresh?: readonly string[],
  ) => Promise<ReadonlyMap<string, Contender>>;
  print: (line: string) => void;
}

/** Rows of a table, each an object of plain values; the file keeps `rounds` and the like, the terminal not. */
export type Rows = object[];

export interface Work {
  /** A line that says what is measured. */
  title: string;
  run: (bench: Bench) => Promise<Rows>;
}
