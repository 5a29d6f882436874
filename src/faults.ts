import { InvalidValue, type Refusal } from "./errors.ts";

/** What is wrong with a part of an input, if anything. */
export type Fault = Refusal | undefined;

export function outside(field: string, value: number | null | undefined, least: number, most: number): Fault {
  return value == null || (value >= least && value <= most)
    ? undefined
    : InvalidValue({ field, reason: `must lie between ${least} and ${most}` });
}

export const tooMany = (field: string, values: readonly unknown[], most: number): Fault =>
  values.length > most ? InvalidValue({ field, reason: `must be at most ${most}` }) : undefined;

/** A condition that names nothing could never hold. */
export const notSome = (field: string, values: readonly unknown[] | null | undefined, most: number): Fault =>
  values?.length === 0
    ? InvalidValue({ field, reason: "must name something, or be left out" })
    : tooMany(field, values ?? [], most);

/** A value that goes with other kinds only: no rule would read it, but people who are shown it would. */
export const misplaced = (field: string, value: unknown, kinds: readonly string[], kind: string): Fault =>
  value == null || kinds.includes(kind)
    ? undefined
    : InvalidValue({ field, reason: `must be given with ${kinds.join(" or ")}, and with no other` });
