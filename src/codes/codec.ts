import { type CodeFormat, checkCharacter, isChecked } from "./code.ts";
import { ff1 } from "./ff1.ts";

/** Turns the serial numbers of a format into codes and back; only who has the brand's key can. */
export interface Codec {
  codesOf: (firstSerial: number, count: number) => string[];
  /** Undefined for a code that is not of the format, or of no serial number that there can be. */
  serialOf: (code: string) => number | undefined;
}

/** @param key 32 bytes. */
export function createCodec(key: Uint8Array, format: CodeFormat): Codec {
  const { prefix, alphabet, length } = format;
  const radix = alphabet.length;
  const letterOf = new Map([...alphabet].map((letter, value) => [value.toString(radix), letter]));
  // Formats have a permutation each, so that one's codes tell nothing about another's.
  const tweak = new TextEncoder().encode([prefix, alphabet, length].join("|"));
  const { encrypt, decrypt } = ff1(radix, length, key, tweak);

  const lettersOf = (number: bigint): string => {
    let letters = "";
    for (const digit of number.toString(radix).padStart(length, "0")) letters += letterOf.get(digit);
    return letters;
  };
  return {
    codesOf: (firstSerial, count) =>
      encrypt(Array.from({ length: count }, (_, n) => BigInt(firstSerial + n))).map((number) => {
        const letters = lettersOf(number);
        return prefix + letters + checkCharacter(letters, alphabet);
      }),
    serialOf: (code) => {
      if (!isChecked(code, format)) return undefined;
      const letters = code.slice(prefix.length, -1);
      const number = [...letters].reduce(
        (sum, letter) => sum * BigInt(radix) + BigInt(alphabet.indexOf(letter)),
        0n,
      );
      const [serial = 0n] = decrypt([number]);
      return serial <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(serial) : undefined;
    },
  };
}
