import type { ConsentPurpose, DataCategory } from "../../schema/tables/alliances.ts";
import type { LocalizedText } from "../../schema/tables/columns.ts";
import { type BrandKey, both } from "./content.ts";
import type { PersonKey } from "./people.ts";

interface DemoConsent {
  categories: DataCategory[];
  purposes: ConsentPurpose[];
  /** For how long, from when it was given. */
  days: number;
}

export interface DemoLink {
  person: PersonKey;
  /** Whose app showed the code, and in whose it was entered. */
  shownBy: BrandKey;
  enteredIn: BrandKey;
  daysAgo: number;
  /** What the brand that showed the code lets the other see … */
  consent: DemoConsent;
  /** … and what the other lets it see, if that is not the same. */
  consentBack?: DemoConsent;
  /** When the first of the two was withdrawn. */
  withdrawnDaysAgo?: number;
}

export interface DemoCampaign {
  owner: BrandKey;
  offer: string;
  name: LocalizedText;
  /** In days from now. */
  fromDay: number;
  untilDay: number;
  madeDaysAgo: number;
  quotas: Partial<Record<BrandKey, number>>;
  /** The partners that have said yes. */
  approvedBy: readonly BrandKey[];
  issued: readonly { by: BrandKey; daysAgo: number; to: readonly PersonKey[] }[];
}

const full: DemoConsent = {
  categories: ["TIER", "MEMBER_SINCE", "DISPLAY_NAME", "REGION"],
  purposes: ["RECOGNITION", "JOINT_OFFERS"],
  days: 700,
};
const withoutPlace: DemoConsent = {
  ...full,
  categories: ["TIER", "MEMBER_SINCE", "DISPLAY_NAME"],
  days: 365,
};
const tierOnly: DemoConsent = { categories: ["TIER"], purposes: ["RECOGNITION"], days: 365 };
const offersOnly: DemoConsent = { categories: [], purposes: ["JOINT_OFFERS"], days: 365 };
const aMonth: DemoConsent = { ...withoutPlace, days: 30 };

/** The agreement of the three, their joint campaigns, and the members who have linked memberships. */
export const alliance = {
  name: both("雅集联盟", "The Yaji Alliance"),
  founder: "coffee",
  madeDaysAgo: 320,
  /** Each brand's tiers on the common scale, lowest first. */
  tierLevels: { coffee: [1, 3, 5, 8], books: [1, 4, 7], cinema: [1, 3, 6, 9] },
  campaigns: [
    {
      owner: "coffee",
      offer: "neighbours",
      name: both("看完电影、读完书,来喝一杯", "Coffee after the film, or the book"),
      fromDay: -21,
      untilDay: 69,
      madeDaysAgo: 30,
      quotas: { books: 20_000, cinema: 20_000 },
      approvedBy: ["books", "cinema"],
      issued: [
        { by: "cinema", daysAgo: 6, to: ["lin", "sun"] },
        { by: "books", daysAgo: 4, to: ["chen"] },
      ],
    },
    {
      owner: "books",
      offer: "companions",
      name: both("观影读原著", "Read what you watched"),
      fromDay: 7,
      untilDay: 67,
      madeDaysAgo: 6,
      quotas: { coffee: 1_000, cinema: 1_500 },
      approvedBy: ["coffee"],
      issued: [],
    },
  ] satisfies DemoCampaign[],
  links: [
    { person: "lin", shownBy: "coffee", enteredIn: "books", daysAgo: 280, consent: full },
    { person: "lin", shownBy: "coffee", enteredIn: "cinema", daysAgo: 240, consent: full },
    { person: "lin", shownBy: "books", enteredIn: "cinema", daysAgo: 200, consent: withoutPlace },
    {
      person: "anna",
      shownBy: "coffee",
      enteredIn: "books",
      daysAgo: 260,
      consent: full,
      consentBack: tierOnly,
    },
    { person: "anna", shownBy: "cinema", enteredIn: "coffee", daysAgo: 150, consent: withoutPlace },
    { person: "mori", shownBy: "coffee", enteredIn: "cinema", daysAgo: 120, consent: withoutPlace },
    { person: "mori", shownBy: "books", enteredIn: "cinema", daysAgo: 119, consent: tierOnly },
    { person: "chen", shownBy: "books", enteredIn: "coffee", daysAgo: 210, consent: full },
    { person: "zhou", shownBy: "coffee", enteredIn: "books", daysAgo: 90, consent: tierOnly },
    { person: "wang", shownBy: "coffee", enteredIn: "books", daysAgo: 180, consent: aMonth },
    { person: "sun", shownBy: "coffee", enteredIn: "cinema", daysAgo: 75, consent: full },
    {
      person: "james",
      shownBy: "coffee",
      enteredIn: "cinema",
      daysAgo: 60,
      consent: offersOnly,
      consentBack: tierOnly,
    },
    {
      person: "he",
      shownBy: "coffee",
      enteredIn: "cinema",
      daysAgo: 140,
      consent: full,
      withdrawnDaysAgo: 11,
    },
    { person: "yan", shownBy: "cinema", enteredIn: "books", daysAgo: 44, consent: withoutPlace },
  ] satisfies DemoLink[],
} as const;
