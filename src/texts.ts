import * as z from "zod/mini";

/** A text for people: not empty, of bounded length, and one that can be stored as it is. */
const text = z
  .string()
  .check(
    z.trim(),
    z.minLength(1, "must not be empty"),
    z.regex(/^[^\0\p{Cs}]*$/u, "must be well-formed, without U+0000"),
  );
export const shortText = text.check(z.maxLength(200));
export const longText = text.check(z.maxLength(4_000));
