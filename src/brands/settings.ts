/** In force since what a Worker's Intl knows was written. */
const LATER_CURRENCIES = ["SLE", "VED", "XCG", "ZWG"];

/** Whether a text is a currency's code in ISO 4217. */
export const isCurrency = (code: string): boolean =>
  Intl.supportedValuesOf("currency").includes(code) || LATER_CURRENCIES.includes(code);

/** Whether a text is a time zone's name in IANA's list; an offset, which Intl takes as well, is none. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}
