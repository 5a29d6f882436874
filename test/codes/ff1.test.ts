import { FF1 } from "@noble/ciphers/ff1.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createCodec } from "../../src/codes/codec.ts";
import { ff1 } from "../../src/codes/ff1.ts";

const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const numberOf = (text: string, radix: number) =>
  [...text.toUpperCase()].reduce((sum, letter) => sum * BigInt(radix) + BigInt(LETTERS.indexOf(letter)), 0n);

const KEY = "2B7E151628AED2A6ABF7158809CF4F3C" + "EF4359D8D580AA4F" + "7F036D6F04FC6A94";
const KEYS = [16, 24, 32].map((size) => bytes(KEY).slice(0, size));
const DIGITS = "0123456789";
const MIXED = "0123456789abcdefghi";

// The nine samples of NIST, csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values (FF1).
test.each([
  [1, 0, 10, "", DIGITS, "2433477484"],
  [2, 0, 10, "39383736353433323130", DIGITS, "6124200773"],
  [3, 0, 36, "3737373770717273373737", MIXED, "a9tv40mll9kdu509eum"],
  [4, 1, 10, "", DIGITS, "2830668132"],
  [5, 1, 10, "39383736353433323130", DIGITS, "2496655549"],
  [6, 1, 36, "3737373770717273373737", MIXED, "xbj3kv35jrawxv32ysr"],
  [7, 2, 10, "", DIGITS, "6657667009"],
  [8, 2, 10, "39383736353433323130", DIGITS, "1001623463"],
  [9, 2, 36, "3737373770717273373737", MIXED, "xs8a0azh2avyalyzuwd"],
])("sample %i of NIST's FF1 is as it says", (_sample, key, radix, tweak, plain, cipher) => {
  const { encrypt, decrypt } = ff1(radix, plain.length, KEYS[key] as Uint8Array, bytes(tweak));
  expect(encrypt([numberOf(plain, radix)])).toEqual([numberOf(cipher, radix)]);
  expect(decrypt([numberOf(cipher, radix)])).toEqual([numberOf(plain, radix)]);
});

test("it says what another's FF1 says, for any radix, length, tweak and text, many at a time", () => {
  const someCase = fc
    .record({
      radix: fc.integer({ min: 10, max: 36 }),
      length: fc.integer({ min: 2, max: 30 }),
      key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      tweak: fc.uint8Array({ maxLength: 60 }),
    })
    .chain((parts) =>
      fc.record({
        ...{ radix: fc.constant(parts.radix), key: fc.constant(parts.key), tweak: fc.constant(parts.tweak) },
        texts: fc.array(
          fc.array(fc.nat(parts.radix - 1), { minLength: parts.length, maxLength: parts.length }),
          { minLength: 1, maxLength: 4 },
        ),
      }),
    );
  fc.assert(
    fc.property(someCase, ({ radix, key, tweak, texts }) => {
      const inBase = (numerals: readonly number[]) =>
        numerals.reduce((sum, numeral) => sum * BigInt(radix) + BigInt(numeral), 0n);
      const ours = ff1(radix, texts[0]?.length ?? 0, key, tweak);
      const theirs = FF1(radix, key, tweak);
      const encrypted = ours.encrypt(texts.map(inBase));
      expect(encrypted).toEqual(texts.map((text) => inBase(theirs.encrypt(text))));
      expect(ours.decrypt(encrypted)).toEqual(texts.map(inBase));
    }),
    { numRuns: 200 },
  );
});

test("codes of a format differ, say their serial number, and none that is not theirs", () => {
  const format = fc
    .record({ size: fc.integer({ min: 10, max: 36 }), length: fc.integer({ min: 8, max: 29 }) })
    .map(({ size, length }) => ({ prefix: "X", alphabet: LETTERS.slice(0, size), length }));
  fc.assert(
    fc.property(
      format,
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.nat(99_000_000),
      (look, key, first) => {
        const codec = createCodec(key, look);
        const codes = codec.codesOf(first, 50);
        expect(new Set(codes).size).toBe(50);
        expect(codes.every((code) => code.length === look.length + 2 && code.startsWith("X"))).toBe(true);
        expect(codes.map(codec.serialOf)).toEqual(codes.map((_, n) => first + n));
        expect(codec.codesOf(first + 20, 1)).toEqual([codes[20]]);
        expect(codec.serialOf(codes[0]?.slice(1) ?? "")).toBeUndefined();
      },
    ),
    { numRuns: 40 },
  );
});

test("a permutation: of a small format, every code is of exactly one serial number", () => {
  const codec = createCodec(new Uint8Array(32), { prefix: "", alphabet: "0123456789", length: 3 });
  const codes = codec.codesOf(0, 1_000);
  expect(new Set(codes.map((code) => code.slice(0, 3))).size).toBe(1_000);
  expect(codes.map(codec.serialOf)).toEqual(codes.map((_, serial) => serial));
});

test("another key, and another format, give other codes", () => {
  const look = { prefix: "", alphabet: LETTERS, length: 15 };
  const codesOf = (key: number, format = look) =>
    createCodec(new Uint8Array(32).fill(key), format).codesOf(0, 100);
  const sets = [
    codesOf(1),
    codesOf(2),
    codesOf(1, { ...look, prefix: "A" }),
    codesOf(1, { ...look, length: 16 }),
  ];
  const letters = sets.flatMap((codes) => codes.map((code) => code.replace(/^A(?=.{16}$)/, "").slice(0, 15)));
  expect(new Set(letters).size).toBe(400);
});

test("a text that FF1 is not for is refused", () => {
  expect(() => ff1(10, 1, new Uint8Array(16), new Uint8Array())).toThrow(RangeError);
  expect(() => ff1(36, 60, new Uint8Array(16), new Uint8Array())).toThrow(RangeError);
});
