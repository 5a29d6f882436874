import type { LocalizedText } from "../../schema/tables/columns.ts";
import type { Measure } from "../../schema/tables/rules.ts";
import type { tierChangeCauses } from "../../schema/tables/standings.ts";
import { pickText } from "../locales.ts";
import type { Distance, MissingPart } from "./forecast.ts";

/** Whom words are for: the languages, best first, and the brand's own conventions. */
export interface Reader {
  locales: readonly string[];
  timeZone: string;
  currency: string;
}

/** What words say of a forecast. */
export interface ForecastWords {
  tierName: LocalizedText;
  nextName: LocalizedText | null;
  until: number | null;
  keep: Distance | null;
  reach: Distance | null;
}

type Language = "en" | "zh-CN";

const languages = { en: "en", "zh-CN": "zh-CN" } satisfies Record<Language, string>;
const languageOf = (locales: readonly string[]): Language => pickText(languages, locales) as Language;

/** `{n}` of what, and how it is called where what came before it was of the same. */
const amounts: Record<Measure, Record<Language, (text: string, isOne: boolean) => string>> = {
  GROWTH_VALUE: { en: (n) => `${n} more growth value`, "zh-CN": (n) => `${n} 成长值` },
  SPEND: { en: (n) => `${n} more spent`, "zh-CN": (n) => `消费 ${n}` },
  ORDERS: { en: (n, isOne) => `${n} more ${isOne ? "order" : "orders"}`, "zh-CN": (n) => `${n} 笔订单` },
  POINTS_EARNED: {
    en: (n, isOne) => `${n} more ${isOne ? "point" : "points"} earned`,
    "zh-CN": (n) => `获得 ${n} 积分`,
  },
  VISITS: { en: (n, isOne) => `${n} more ${isOne ? "visit" : "visits"}`, "zh-CN": (n) => `到店 ${n} 次` },
};

/**
 * A forecast in a sentence: `Gold until 31 March 2027; 320 more growth value to keep it, 1,250 to Diamond`. The
 * day is the last one of the tier; numbers, money and days as the language writes them.
 */
export function forecastWords(words: ForecastWords, reader: Reader): string {
  const language = languageOf(reader.locales);
  const tier = pickText(words.tierName, reader.locales);
  const next = words.nextName && pickText(words.nextName, reader.locales);
  const { keep, reach, until } = words;
  const day = until === null ? null : dayText(until - 1, reader, language);
  const toKeep = keep && !keep.met ? distanceText(keep, reader, language) : null;
  const isSame = toKeep !== null && hasOneOf(keep, reach);
  const toReach =
    next && reach && !reach.met
      ? isSame
        ? numberText(reach.missing[0] as MissingPart, reader, language)
        : distanceText(reach, reader, language)
      : null;
  if (language === "en") {
    const head = day ? `${tier} until ${day}` : tier;
    const kept = keep?.met && day ? "already kept for another term" : toKeep && `${toKeep} to keep it`;
    const tail = [kept, toReach && `${toReach} to ${next}`].filter(
      (part) => part !== null && part !== undefined,
    );
    return [head, tail.join(", ")].filter((part) => part !== "").join("; ");
  }
  const head = day ? `${tier},有效期至 ${day}` : tier;
  const kept = keep?.met && day ? "已可续期" : toKeep && `还需${spaced(toKeep)}可保级`;
  const tail = [kept, toReach && `还需${spaced(toReach)}可升至${next}`].filter((part) => part != null);
  return [head, ...tail].join(";");
}

/** Chinese sets a blank between its characters and others. */
const spaced = (text: string): string =>
  text.replace(/^(?!\p{Script=Han})/u, " ").replace(/(?<!\p{Script=Han})$/u, " ");

const hasOneOf = (a: Distance | null, b: Distance | null): boolean =>
  a?.missing.length === 1 && b?.missing.length === 1 && a.missing[0]?.measure === b.missing[0]?.measure;

function distanceText({ match, missing }: Distance, reader: Reader, language: Language): string {
  const parts = missing.map((part) =>
    amounts[part.measure][language](numberText(part, reader, language), part.missing === 1),
  );
  const type = match === "ALL" ? "conjunction" : "disjunction";
  return new Intl.ListFormat(formatLocale(reader, language), { type }).format(parts);
}

function numberText({ measure, missing }: MissingPart, reader: Reader, language: Language): string {
  const locale = formatLocale(reader, language);
  if (measure !== "SPEND") return new Intl.NumberFormat(locale).format(missing);
  const format = new Intl.NumberFormat(locale, {
    ...{ style: "currency", currency: reader.currency, currencyDisplay: "narrowSymbol" },
    trailingZeroDisplay: "stripIfInteger",
  });
  return format.format(missing / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

const dayText = (moment: number, reader: Reader, language: Language): string =>
  new Intl.DateTimeFormat(formatLocale(reader, language), {
    ...{ dateStyle: "long", timeZone: reader.timeZone },
  }).format(moment);

/** The reader's own kind of the language; English without a region is the world's, days before months. */
function formatLocale({ locales }: Reader, language: Language): string {
  const [base] = language.split("-");
  const own = locales.find((locale) => locale.toLowerCase().split("-")[0] === base);
  return own && own.toLowerCase() !== "en" ? own : language === "en" ? "en-GB" : language;
}

const causes: Record<(typeof tierChangeCauses)[number], LocalizedText> = {
  EARNED: { en: "Reached {to}", "zh-CN": "升至{to}" },
  LOWERED: { en: "Now {to}: {from} was not kept", "zh-CN": "未达到{from}保级条件,现为{to}" },
  GRANTED: { en: "{to} was given to you", "zh-CN": "获赠{to}" },
  GRANT_ENDED: {
    en: "Now {to}: the time as {from} that was given to you is over",
    "zh-CN": "{from}有效期结束,现为{to}",
  },
};

/** A change of tier in words, for the member. */
export const changeWords = (
  cause: (typeof tierChangeCauses)[number],
  names: { from: LocalizedText; to: LocalizedText },
  locales: readonly string[],
): string =>
  pickText(causes[cause], locales).replace(/\{(from|to)\}/g, (_, name: "from" | "to") =>
    pickText(names[name], locales),
  );
