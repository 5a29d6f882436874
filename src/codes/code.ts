/** How the codes of a batch look: the prefix, then so many letters, then a check character. */
export interface CodeFormat {
  /** Upper case, without hyphens; not part of what is checked. */
  prefix: string;
  /** Sorted, so that the same letters in another order are no other format. */
  alphabet: string;
  length: number;
}

/**
 * How codes look unless somebody says otherwise. Crockford's base 32 has no I, L, O or U, so that nothing
 * is mistaken for 1, 0 or V.
 */
export const HOUSE_FORMAT: CodeFormat = {
  prefix: "",
  alphabet: "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
  length: 15,
};
export const HOUSE_GROUPING = 4;

const HOUSE_LOOK = new RegExp(`^[${HOUSE_FORMAT.alphabet}]{${HOUSE_FORMAT.length + 1}}$`);

/** Whether a code can be of the house's format, and so of no other: none else may have its length. */
export const isHouseLook = (code: string): boolean => HOUSE_LOOK.test(code);

/** A new code of a coupon that is issued by itself: 75 random bits and a check character. */
export function newCode(): string {
  const { alphabet, length } = HOUSE_FORMAT;
  const random = crypto.getRandomValues(new Uint8Array(length));
  const letters = Array.from(random, (byte) => alphabet[byte & 31]).join("");
  return letters + checkCharacter(letters, alphabet);
}

/** `K7QM2X9DPB4RTW30` → `K7QM-2X9D-PB4R-TW30`; a code that does not look like ours stays as it is. */
export const formatCode = (code: string): string =>
  isHouseLook(code) ? grouped(code, HOUSE_GROUPING) : code;

/** A code in groups of so many letters; 0 is without. */
export const grouped = (code: string, grouping: number): string =>
  (grouping > 0 && code.match(new RegExp(`.{1,${grouping}}`, "g"))?.join("-")) || code;

/** What a person typed, in upper case, without spaces and hyphens. */
export const lettersOf = (text: string): string => text.toUpperCase().replace(/[\s-]/g, "");

/**
 * The code in what a person typed, in any case, with or without groups; in one that looks like ours, O stands
 * for 0, and I or L for 1. Undefined when such a one was mistyped, as its check character says: no look-up is
 * needed for that.
 */
export function parseCode(text: string): string | undefined {
  const typed = lettersOf(text);
  const code = typed.replaceAll("O", "0").replace(/[IL]/g, "1");
  if (!isHouseLook(code)) return typed === "" ? undefined : typed;
  return isChecked(code, HOUSE_FORMAT) ? code : undefined;
}

/** Whether a code is of a format, and no letter of it was mistyped. */
export function isChecked(code: string, { prefix, alphabet, length }: CodeFormat): boolean {
  if (code.length !== prefix.length + length + 1 || !code.startsWith(prefix)) return false;
  const letters = code.slice(prefix.length);
  return (
    [...letters].every((letter) => alphabet.includes(letter)) &&
    checkCharacter(letters.slice(0, -1), alphabet) === letters.at(-1)
  );
}

/**
 * Luhn mod N over the alphabet: finds every single wrong letter and nearly every swap of neighbours. For an
 * odd N, doubling by the sum of its two digits would map two letters to one; there it is doubled modulo N.
 *
 * @see https://en.wikipedia.org/wiki/Luhn_mod_N_algorithm
 */
export function checkCharacter(letters: string, alphabet: string): string {
  const size = alphabet.length;
  let sum = 0;
  for (let position = letters.length - 1, twice = true; position >= 0; position -= 1, twice = !twice) {
    const value = alphabet.indexOf(letters[position] as string) * (twice ? 2 : 1);
    sum += size % 2 === 0 ? Math.floor(value / size) + (value % size) : value;
  }
  return alphabet[(size - (sum % size)) % size] as string;
}
