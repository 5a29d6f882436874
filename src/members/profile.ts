import type { CountryCode } from "libphonenumber-js/min";
import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import * as z from "zod/mini";
import type { DataKey } from "../brands/data-key.ts";
import { InvalidValue, type Refusal } from "../errors.ts";

export const genders = ["FEMALE", "MALE", "OTHER", "UNDISCLOSED"] as const;

/** A member's personal data. At rest it is one sealed text; nothing of it is stored in the clear. */
export interface Profile {
  name?: string | null;
  /** E.164: `+8613812345678`. */
  phone?: string | null;
  /** Lower case. */
  email?: string | null;
  /** `YYYY-MM-DD` */
  birthday?: string | null;
  gender?: (typeof genders)[number] | null;
  region?: string | null;
  occupation?: string | null;
}

export const profileFields = [
  "name",
  "phone",
  "email",
  "birthday",
  "gender",
  "region",
  "occupation",
] as const;

/**
 * E.164, or undefined for what no number of its country looks like; without a country code that is `region`.
 * Lengths and beginnings are known, and not which are given out: that would be 20 KiB more in the bundle.
 */
export function normalisePhone(text: string, region: string | undefined): string | undefined {
  const parsed = parsePhoneNumberFromString(text, region as CountryCode | undefined);
  return parsed?.isValid() ? parsed.number : undefined;
}

/** Lower case without blanks, or undefined for what is no address. */
export function normaliseEmail(text: string): string | undefined {
  const { success, data } = z.email().check(z.maxLength(254)).safeParse(text.trim().toLowerCase());
  return success ? data : undefined;
}

/** The region of a brand's locale, in which its numbers are written: `zh-CN` → `CN`. */
export const regionOf = (locale: string): string | undefined => new Intl.Locale(locale).maximize().region;

/** The profile as it is kept, or which of its values cannot be. @param today `YYYY-MM-DD` */
export function normaliseProfile(
  given: Profile,
  region: string | undefined,
  today: string,
): Profile | Refusal {
  const phone = given.phone ? normalisePhone(given.phone, region) : given.phone;
  if (given.phone && !phone) {
    return InvalidValue({
      field: "phone",
      reason: "must look like a number of its country, with its country code: +86 138 1234 5678",
    });
  }
  const email = given.email ? normaliseEmail(given.email) : given.email;
  if (given.email && !email) return InvalidValue({ field: "email", reason: "must be an e-mail address" });
  if (given.birthday && (given.birthday > today || given.birthday < "1900-01-01")) {
    return InvalidValue({ field: "birthday", reason: "must lie between 1900 and today" });
  }
  return { ...given, phone, email };
}

/** What is stored of a profile: the sealed text, and keyed hashes to find it by. */
export async function sealProfile(profile: Profile, key: DataKey, memberId: string) {
  const { phone, email, birthday } = profile;
  return {
    profile: await key.encrypt(JSON.stringify(profile), memberId),
    phoneHash: phone ? await key.hash(phone, "phone") : null,
    emailHash: email ? await key.hash(email, "email") : null,
    birthdayHash: birthday ? await hashBirthday(birthday.slice(5), key) : null,
  };
}

/** What members of a birthday are found by. @param day `MM-DD`; the year is nobody's business. */
export const hashBirthday = (day: string, key: DataKey): Promise<string> => key.hash(day, "birthday");

/** The profile of a stored row; the brand's key opens it. */
export async function openProfile(row: { id: string; profile: string }, key: DataKey): Promise<Profile> {
  return JSON.parse(await key.decrypt(row.profile, row.id)) as Profile;
}

/**
 * What a card and a till may show of a name: `李*` of `李小龙`, `Anna K.` of `Anna Karenina`; null
 * without a name.
 */
export function displayNameOf(name: string | null | undefined): string | null {
  const words = (name ?? "").trim().split(/\s+/).filter(Boolean);
  const [first, ...rest] = words;
  if (!first) return null;
  if (/^\p{Script=Han}/u.test(first)) return `${[...first][0]}*`;
  const last = rest.at(-1);
  return last ? `${first} ${[...last][0]?.toUpperCase()}.` : first;
}
