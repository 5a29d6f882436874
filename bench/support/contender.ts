import type { Request } from "./load.ts";
import type { Seeded } from "./seed.ts";

/** The pieces of work that contenders are loaded with. */
export type Asked = "view" | "list" | "redeem" | "select-1" | "program" | "customer" | "coupon-applied";

/** How a contender is asked for a piece of work. */
export interface Asking {
  /** Requests of these numbers; the same number is the same work for every contender. */
  requests: (from: number, count: number) => Promise<Request[]>;
  /** What of an answer must be equal for all. */
  // biome-ignore lint/suspicious/noExplicitAny: each contender's answers have a shape of their own.
  dataOf: (answer: any) => unknown;
  /** What each right answer contains. */
  expect: string;
}

export interface Contender {
  url: string;
  /** Its processes and its database's: their processor time is what a request costs. */
  pids: () => number[];
  asks: Partial<Record<Asked, Asking>>;
  stop: () => Promise<void>;
}

/** Starts on data of its own. @throws Error with the fix, where the machine lacks what it needs. */
export type StartContender = (seeded: Seeded) => Promise<Contender>;
