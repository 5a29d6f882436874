import * as z from "zod/mini";

/** What another system made, such as a key or a token: any characters, so many at most. */
export const opaqueText = (most: number) => z.string().check(z.minLength(1), z.maxLength(most));

/** A list of so many at most. */
export const listOf = <Schema extends z.ZodMiniType>(schema: Schema, most: number) =>
  z.array(schema).check(z.maxLength(most));
