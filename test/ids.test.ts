import { expect, test } from "vitest";
import { newId } from "../src/ids.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** The 128 bits of an id, read in another way than they are written. */
const numberOf = (id: string): bigint =>
  [...id.slice(id.indexOf("_") + 1)].reduce((sum, it) => sum * 32n + BigInt(ALPHABET.indexOf(it)), 0n);

test("ids are UUIDs of version 7, sorted by their moment and within it, and none is there twice", () => {
  const moments = [0, 1, 852_076_800_000, 1_700_000_000_000, 1_700_000_000_000, 2 ** 48 - 1];
  const made = moments.flatMap((now) =>
    Array.from({ length: 600 }, () => ({ now, id: newId("Order", now) })),
  );
  for (const { now, id } of made) {
    expect(id).toMatch(/^ord_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
    expect(Number(numberOf(id) >> 80n)).toBe(now);
    expect([(numberOf(id) >> 76n) & 0xfn, (numberOf(id) >> 62n) & 0x3n]).toEqual([7n, 2n]);
  }
  const ids = made.map(({ id }) => id);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  // What is random of them is of nobody's making.
  expect(new Set(ids.map((id) => numberOf(id) & ((1n << 62n) - 1n))).size).toBe(ids.length);
});
