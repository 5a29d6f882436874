/** Crockford's base 32: no I, L, O or U, so that nothing is mistaken for 1, 0 or V. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RANDOM_LETTERS = 15;
const GROUP = 4;

/** A new code: 75 random bits and a check character, 16 letters without groups. */
export function newCode(): string {
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_LETTERS));
  const letters = Array.from(random, (byte) => ALPHABET[byte & 31]).join("");
  return letters + checkCharacter(letters);
}

/** `K7QM2X9DPB4RTW30` → `K7QM-2X9D-PB4R-TW30` */
export const formatCode = (code: string): string =>
  code.match(new RegExp(`.{1,${GROUP}}`, "g"))?.join("-") ?? code;

/**
 * The code in what a person typed, in any case, with or without groups, O for 0 and I or L for 1;
 * undefined when its check character says that it was mistyped, so that no look-up is needed.
 */
export function parseCode(text: string): string | undefined {
  const code = text.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  const complete =
    code.length === RANDOM_LETTERS + 1 && [...code].every((letter) => ALPHABET.includes(letter));
  return complete && checkCharacter(code.slice(0, -1)) === code.at(-1) ? code : undefined;
}

/**
 * Luhn mod N over the alphabet: finds every single wrong letter and nearly every swap of neighbours.
 *
 * @see https://en.wikipedia.org/wiki/Luhn_mod_N_algorithm
 */
function checkCharacter(letters: string): string {
  const size = ALPHABET.length;
  const sum = [...letters].reverse().reduce((total, letter, position) => {
    const value = ALPHABET.indexOf(letter) * (position % 2 === 0 ? 2 : 1);
    return total + Math.floor(value / size) + (value % size);
  }, 0);
  return ALPHABET[(size - (sum % size)) % size] as string;
}
