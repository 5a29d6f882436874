import * as z from "zod/mini";
import type { LocalizedText } from "../../schema/tables/columns.ts";
import type { Context } from "../context.ts";
import { isLanguageTag, pickText, wanting } from "../locales.ts";
import { longText } from "../texts.ts";
import { builder } from "./builder.ts";

/** A BCP 47 tag that this platform can look up. */
export const languageTag = z
  .string()
  .check(z.maxLength(60), z.refine(isLanguageTag, "must be a BCP 47 language tag such as zh-CN"));

/** A text in one language or more, once in each. */
export const someTexts = z.array(z.custom<{ locale: string }>()).check(
  z.minLength(1, "must not be empty"),
  z.maxLength(20),
  z.refine((texts) => repeatedLocale(texts) === undefined, {
    error: ({ input }) =>
      `must have one text a language: ${repeatedLocale(input as { locale: string }[])} is there twice`,
  }),
);

/** The first language that is there before, in whatever case. */
function repeatedLocale(texts: readonly { locale: string }[]): string | undefined {
  const seen = new Set<string>();
  return texts.find(({ locale }) => seen.size === seen.add(locale.toLowerCase()).size)?.locale;
}

export const localeArgument = builder.args((t) => ({
  locale: t.string({
    description:
      "BCP 47; otherwise the request's Accept-Language decides. Falls back to a related language, then to the first the brand wrote.",
    validate: languageTag,
  }),
}));

/** Options of a field that answers one of a row's localised texts. */
export function localizedField<Column extends string>(column: Column, description: string) {
  return {
    type: "String" as const,
    description,
    args: localeArgument,
    select: { columns: { [column]: true } } as { columns: Record<Column, true> },
    resolve: (row: Record<Column, LocalizedText>, args: { locale?: string | null }, context: Context) =>
      pickText(row[column], wanting(args.locale, context.locales)),
  };
}

/** The same for a text that a row may lack. */
export function optionalLocalizedField<Column extends string>(column: Column, description: string) {
  return {
    ...localizedField(column, description),
    nullable: true as const,
    resolve: (
      row: Record<Column, LocalizedText | null>,
      args: { locale?: string | null },
      context: Context,
    ) => {
      const texts = row[column];
      return texts && pickText(texts, wanting(args.locale, context.locales));
    },
  };
}

export const LocalizedTextInput = builder.inputType("LocalizedTextInput", {
  description: "A text in one language; a list has one text a language.",
  fields: (t) => ({
    locale: t.string({ required: true, description: "BCP 47: `zh-CN`, `en`.", validate: languageTag }),
    text: t.string({ required: true, description: "What members read.", validate: longText }),
  }),
});

/** The texts of an input, by language; the first is the fallback. */
export const textsOf = (inputs: readonly { locale: string; text: string }[]): LocalizedText =>
  Object.fromEntries(inputs.map(({ locale, text }) => [locale, text]));
