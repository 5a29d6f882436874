import fc from "fast-check";
import { expect, test } from "vitest";
import { checkCharacter, formatCode, isChecked, newCode, parseCode } from "../../src/codes/code.ts";

test("a code reads the same however it is typed", () => {
  const code = newCode();
  expect(formatCode(code)).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
  const typed = [
    code,
    formatCode(code),
    formatCode(code).toLowerCase(),
    ` ${code.slice(0, 8)} ${code.slice(8)} `,
  ];
  for (const text of typed) expect(parseCode(text)).toBe(code);
  expect(parseCode(code.replaceAll("0", "O").replaceAll("1", "l"))).toBe(code);
});

test("a wrong letter is always found", () => {
  const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  fc.assert(
    fc.property(fc.nat(15), fc.nat(31), (position, letter) => {
      const code = newCode();
      fc.pre(code[position] !== letters[letter]);
      return parseCode(code.slice(0, position) + letters[letter] + code.slice(position + 1)) === undefined;
    }),
  );
});

test("nearly every swap of neighbours is found", () => {
  let unnoticed = 0;
  let swaps = 0;
  for (let round = 0; round < 300; round += 1) {
    const code = newCode();
    for (let position = 0; position < 15; position += 1) {
      const [one, two] = [code[position], code[position + 1]];
      if (one === two) continue;
      swaps += 1;
      if (parseCode(code.slice(0, position) + two + one + code.slice(position + 2))) unnoticed += 1;
    }
  }
  expect(unnoticed / swaps).toBeLessThan(0.01);
});

test("what does not look like ours is looked up as it is typed, in upper case", () => {
  expect(parseCode("welcome-10 o")).toBe("WELCOME10O");
  expect(parseCode(" - ")).toBeUndefined();
  expect(formatCode("WELCOME10")).toBe("WELCOME10");
});

test("in any alphabet and length, the check character finds every single wrong letter", () => {
  const all = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...all], { minLength: 10 }),
      fc.integer({ min: 1, max: 39 }),
      fc.infiniteStream(fc.nat()),
      (letters, length, numbers) => {
        const alphabet = letters.sort().join("");
        const letter = () => alphabet[(numbers.next().value as number) % alphabet.length] as string;
        const text = Array.from({ length }, letter).join("");
        const code = text + checkCharacter(text, alphabet);
        const format = { prefix: "", alphabet, length };
        expect(isChecked(code, format)).toBe(true);
        for (const [position, right] of [...code].entries()) {
          for (const wrong of alphabet) {
            if (wrong === right) continue;
            expect(isChecked(code.slice(0, position) + wrong + code.slice(position + 1), format)).toBe(false);
          }
        }
      },
    ),
    { numRuns: 25 },
  );
});

test("codes differ: 75 bits are random", () => {
  expect(new Set(Array.from({ length: 5_000 }, newCode)).size).toBe(5_000);
});
