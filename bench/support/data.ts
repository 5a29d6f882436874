import { parseCode } from "../../src/codes/code.ts";

/** What every contender's data is: rows are made from numbers, so that each can write the same ones. */
export const SLUG = "bench";
export const TIME_ZONE = "Asia/Shanghai";
export const CURRENCY = "CNY";
export const COUPONS_EACH = 10;
/** So many members, evenly spread, are asked for. */
export const ASKED = 500;

const DAY_MS = 86_400_000;
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const idOf = (prefix: string, number: number) => `${prefix}_${String(number).padStart(26, "0")}`;

export const tiers = [
  { name: { en: "Classic", "zh-CN": "普通会员" }, color: "#8C7B6B", growthValue: 0 },
  { name: { en: "Silver", "zh-CN": "银卡会员" }, color: "#A8A9AD", growthValue: 500 },
  { name: { en: "Gold", "zh-CN": "金卡会员" }, color: "#C9A227", growthValue: 2_000 },
  { name: { en: "Black", "zh-CN": "黑卡会员" }, color: "#1D1D1F", growthValue: 6_000 },
].map((tier, position) => ({ ...tier, id: idOf("tir", position), rank: position + 1 }));

/** A tier has twice as many as its rank. */
export const benefits = [
  { kind: "PERCENTAGE_DISCOUNT", en: "5 % off", zh: "九五折", terms: { rateBasisPoints: 500 } },
  {
    kind: "FREE_SHIPPING",
    en: "Free shipping, twice a month",
    zh: "每月两次包邮",
    quota: 2,
    period: "MONTH",
  },
  {
    kind: "POINTS_MULTIPLIER",
    en: "1.2 × points",
    zh: "1.2 倍积分",
    terms: { multiplierBasisPoints: 12_000 },
  },
  { kind: "GIFT", en: "A gift each year", zh: "每年礼品", quota: 1, period: "YEAR" },
  { kind: "EARLY_ACCESS", en: "A day ahead", zh: "提前一天", terms: { hoursBefore: 24 } },
  { kind: "PRIORITY_SERVICE", en: "First in the queue", zh: "优先服务" },
  {
    kind: "MEMBER_PRICE",
    en: "Member's price",
    zh: "会员价",
    terms: { rateBasisPoints: 300 },
    quota: 10,
    period: "MONTH",
  },
  { kind: "CUSTOM", en: "Three trials", zh: "三次体验", quota: 3, period: "LIFETIME" },
].map(({ en, zh, ...benefit }, position) => ({
  ...{ terms: {}, quota: null, period: null, ...benefit },
  ...{ id: idOf("bnf", position), name: { en, "zh-CN": zh } },
}));

export const benefitsOf = (rank: number) => benefits.slice(0, 2 * rank);

export const offers = Array.from({ length: COUPONS_EACH }, (_, position) => ({
  id: idOf("ofr", position),
  title: { en: `¥${position + 1} off`, "zh-CN": `减 ${position + 1} 元` },
  terms: { amountOffMinor: 100 * (position + 1) },
}));

const surnames = ["李", "王", "张", "刘", "陈", "Rao", "Karenina", "Eyre", "Finn", "Dashwood"];
const givenNames = ["小龙", "建国", "伟", "洋", "静", "Tess", "Anna", "Jane", "Huckleberry", "Elinor"];

export interface SeedMember {
  id: string;
  externalId: string;
  name: string;
  /** What the card shows of it. */
  displayName: string;
  cardNumber: string;
  tier: (typeof tiers)[number];
  points: number;
  growthValue: number;
  /** Has used the free shipping once in this month. */
  hasUsed: boolean;
}

export function memberOf(number: number): SeedMember {
  const tier = tiers[number % tiers.length] as (typeof tiers)[number];
  const person = number % surnames.length;
  const [surname, given] = [surnames[person] as string, givenNames[person] as string];
  return {
    ...{ id: idOf("mbr", number), externalId: `customer-${number}`, tier },
    ...(person < 5
      ? { name: surname + given, displayName: `${surname}*` }
      : { name: `${given} ${surname}`, displayName: `${given} ${surname[0]}.` }),
    cardNumber: `8${String(number).padStart(15, "0")}`,
    points: (number * 101) % 10_000,
    growthValue: tier.growthValue + ((number * 37) % 400),
    hasUsed: number % 2 === 0,
  };
}

export interface SeedCoupon {
  id: string;
  code: string;
  memberId: string;
  offer: (typeof offers)[number];
  expiresAt: number;
}

/** @param now when the data was made. */
export function couponOf(member: number, which: number, now: number): SeedCoupon {
  const number = member * COUPONS_EACH + which;
  return {
    ...{ id: idOf("cpn", number), code: codeOf(number), memberId: idOf("mbr", member) },
    offer: offers[which] as (typeof offers)[number],
    expiresAt: now + (30 + which) * DAY_MS,
  };
}

/** A code whose check character is right, spread over the alphabet as those of the platform are. */
function codeOf(number: number): string {
  let letters = "";
  for (
    let rest = (BigInt(number) * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) % 2n ** 75n;
    letters.length < 15;
    rest /= 32n
  )
    letters += ALPHABET[Number(rest % 32n)];
  const [code] = [...ALPHABET]
    .map((last) => parseCode(letters + last))
    .filter((found) => found !== undefined);
  if (!code) throw new Error(`No check character fits ${letters}.`);
  return code;
}

/** Local midnight of the first day of this month and of this year; the zone has no summer time. */
export function periodStarts(now: number): { month: number; year: number } {
  const OFFSET = 8 * 3_600_000;
  const local = new Date(now + OFFSET);
  return {
    month: Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), 1) - OFFSET,
    year: Date.UTC(local.getUTCFullYear(), 0, 1) - OFFSET,
  };
}

/** The numbers of those who are asked for. */
export const asked = (members: number): number[] =>
  Array.from({ length: Math.min(ASKED, members) }, (_, position) =>
    Math.floor((position * members) / Math.min(ASKED, members)),
  );
