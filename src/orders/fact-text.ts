import * as z from "zod";

/** A text of a fact: what a source names something by, without characters that no name has. */
export const factText = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, "must be without control characters");
