import { factText } from "../../src/orders/fact-text.ts";
import { Fault, type Fields } from "./format.ts";

/** A text as the API takes it, by the rule that it has for it. */
export function textIn(fields: Fields, name: string, rule: typeof factText = factText): string {
  const { success, data, error } = rule.safeParse(fields[name] ?? "");
  if (!success) throw new Fault(`${name}: ${error.issues[0]?.message}`);
  return data;
}

/** Words that are separated by |. Within a word, | is written \| and \ is written \\; a lone \ is one, too. */
export const wordsIn = (fields: Fields, name: string): string[] =>
  (fields[name]?.match(/(?:\\[\\|]|[^|])+/g) ?? [])
    .map((word) => word.replace(/\\([\\|])/g, "$1"))
    .filter((word) => word.trim() !== "")
    .map((word) => textIn({ [name]: word }, name));

/** Words as they are read again. */
export const textOfWords = (words: readonly string[]): string =>
  words.map((word) => word.replace(/[\\|]/g, "\\$&")).join("|");
