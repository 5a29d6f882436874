import { consentChannels, type members } from "../../schema/tables/members.ts";
import { isCalendarDay } from "../../src/calendar.ts";
import { isLanguageTag } from "../../src/locales.ts";
import type { NewMember } from "../../src/members/enrol-member.ts";
import { genders, type Profile, profileFields } from "../../src/members/profile.ts";
import { shortText } from "../../src/texts.ts";
import { rowText } from "./csv.ts";
import { csvFormat, Fault, type Fields } from "./format.ts";
import { textIn, wordsIn } from "./texts.ts";

const plainColumns = ["externalId", "locale", "sourceChannel", "consentsGranted", "consentsDenied"] as const;

/** Members, one a row. */
export const memberFormat = csvFormat<NewMember>({
  known: [...plainColumns, ...profileFields],
  needed: ["externalId"],
  keyOf: (_fields, { line }) => String(line),
  read: ([fields = {}]) => memberOf(fields),
});

function memberOf(fields: Fields): NewMember {
  const optional = (name: string) => (fields[name] === undefined ? null : textIn(fields, name, shortText));
  const { birthday, gender, locale } = fields;
  if (birthday !== undefined && !isCalendarDay(birthday))
    throw new Fault(`birthday: must be a day such as 1990-02-28: ${birthday}`);
  if (gender !== undefined && !(genders as readonly string[]).includes(gender))
    throw new Fault(`gender: must be one of ${genders.join(", ")}: ${gender}`);
  if (locale !== undefined && !isLanguageTag(locale))
    throw new Fault(`locale: must be a BCP 47 language tag such as zh-CN: ${locale}`);
  const granted = consentsIn(fields, "consentsGranted", true);
  const denied = consentsIn(fields, "consentsDenied", false);
  const both = denied.find(({ channel }) => granted.some((one) => one.channel === channel));
  if (both) throw new Fault(`consentsDenied: must not name what consentsGranted names: ${both.channel}`);
  const profile = profileFields.map((name) => [name, optional(name)] as const);
  return {
    externalId: textIn(fields, "externalId", shortText),
    ...{ locale: locale ?? null, sourceChannel: optional("sourceChannel") },
    consents: [...granted, ...denied],
    ...(Object.fromEntries(profile.filter(([, value]) => value !== null)) as Profile),
  };
}

const consentsIn = (fields: Fields, name: string, granted: boolean) =>
  wordsIn(fields, name).map((word) => {
    const channel = consentChannels.find((one) => one === word);
    if (!channel) throw new Fault(`${name}: must be of ${consentChannels.join("|")}: ${word}`);
    return { channel, granted };
  });

/** The first line of exported members; with personal data only when asked for. */
export const memberHeader = (personal: boolean): string =>
  rowText([...plainColumns, ...(personal ? profileFields : [])]);

/** A member as it is exported. @param profile undefined without personal data. */
export function textOfMember(
  { externalId, locale, sourceChannel, consents }: typeof members.$inferSelect,
  profile: Profile | undefined,
): string {
  const channelsWith = (granted: boolean) =>
    consentChannels.filter((channel) => consents[channel]?.granted === granted).join("|");
  return rowText([
    ...[externalId, locale, sourceChannel, channelsWith(true), channelsWith(false)],
    ...(profile ? profileFields.map((field) => profile[field] ?? null) : []),
  ]);
}
