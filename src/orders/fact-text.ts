import * as z from "zod/mini";

/** A text of a fact: what a source names something by, without characters that no name has. */
export const factText = z
  .string()
  .check(
    z.trim(),
    z.minLength(1, "must not be empty"),
    z.maxLength(200),
    z.regex(/^[^\p{Cc}\p{Cs}]*$/u, "must be without control characters"),
  );
