import type { Caller } from "./caller.ts";
import type { Report } from "./report.ts";

/** What every chapter is given. */
export interface Tour {
  /** Where the platform answers. */
  url: string;
  report: Report;
  /** Tells this walk from others on the same data. */
  run: string;
}

/** The member that a walk enrols at the coffee chain. */
export interface Guest {
  memberId: string;
  /** With the member's own token. */
  member: Caller;
}

export const NAME = "Tess Rao";

/** Amounts of the demo's brands: 12800 is ¥128.00. */
export const yuan = (amountMinor: number): string => `¥${(amountMinor / 100).toFixed(2)}`;

/** The beginning of what differs each time: its type. */
export const shortened = (text: string): string => `${text.slice(0, 4)}…`;

/** A code that is nobody's but its holder's. */
export const masked = (code: string): string => code.replace(/[0-9A-Z]/g, "•");
