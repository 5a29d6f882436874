import { lettersOf, parseCode } from "./code.ts";

/** A code that a brand chose itself, as it is stored: as a person who types it will be understood. */
export const ownCode = (text: string): string => parseCode(text) ?? lettersOf(text);

/** Why a code cannot be a brand's own. @param code as it is stored. */
export function faultOfOwnCode(code: string): string | undefined {
  if (!/^[A-Z0-9_]{4,40}$/.test(code)) return "must be 4 to 40 of A–Z, 0–9, _ and -, hyphens not counted";
  return parseCode(code) === undefined
    ? "looks like one of ours with a wrong letter: its check character is not right"
    : undefined;
}
