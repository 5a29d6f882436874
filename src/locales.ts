import { parseAccept } from "hono/utils/accept";
import type { LocalizedText } from "../schema/tables/columns.ts";

/** The languages of an `Accept-Language` header, best first; at most eight count. */
export function parseLocales(header: string | null | undefined): string[] {
  if (!header) return [];
  return parseAccept(header.slice(0, 200))
    .filter(({ type, q }) => type !== "*" && q > 0)
    .map(({ type }) => type)
    .slice(0, 8);
}

/** Whether a text is a tag of BCP 47 that names a language: `zh-CN`, `en-u-ca-buddhist`. */
export function isLanguageTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}

/** The languages wanted, best first: one's own, where there is one, before those of the request. */
export const wanting = (own: string | null | undefined, locales: readonly string[]): readonly string[] =>
  own ? [own, ...locales] : locales;

/**
 * The text in the first wanted language that there is (RFC 4647 lookup: `zh-Hant-TW`, then `zh-Hant`,
 * then `zh`; and `zh` finds `zh-CN`). The fallback is the first language the text was written in.
 */
export function pickText(texts: LocalizedText, wanted: readonly string[]): string {
  const tags = Object.keys(texts);
  for (const locale of wanted) {
    for (
      let range = locale.toLowerCase();
      range !== "";
      range = range.slice(0, Math.max(0, range.lastIndexOf("-")))
    ) {
      const found = tags.find((tag) => tag.toLowerCase() === range);
      if (found) return texts[found] as string;
    }
    const language = locale.toLowerCase().split("-")[0];
    const related = tags.find((tag) => tag.toLowerCase().split("-")[0] === language);
    if (related) return texts[related] as string;
  }
  return texts[tags[0] as string] ?? "";
}
