/** What a row's id begins with, by type; the same in the database, the API, events and logs. */
export const idPrefixes = {
  Brand: "brd",
  Tier: "tir",
  Benefit: "bnf",
  Member: "mbr",
  Account: "acc",
  Transfer: "trf",
  Lot: "lot",
  Hold: "hld",
  Adjustment: "adj",
  RuleSet: "rul",
  Award: "awd",
  MembershipPlan: "pln",
  TierGrant: "tgr",
  TierChange: "tch",
  BenefitUsage: "use",
  Offer: "ofr",
  Coupon: "cpn",
  Redemption: "rdm",
  Order: "ord",
  Refund: "rfd",
  Activity: "act",
  Client: "cli",
  Alliance: "aln",
  LinkCode: "lnk",
  JointMembership: "jnt",
  JointCampaign: "cmp",
  CardPayload: "crd",
  Audit: "adt",
  Event: "evt",
} as const;

export type IdType = keyof typeof idPrefixes;

const typesByPrefix = new Map(Object.entries(idPrefixes).map(([type, prefix]) => [prefix as string, type]));
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** Ids of one millisecond sort in the order they were made, as far as this isolate made them. */
let last = { now: 0, count: 0 };

/**
 * A new id such as `mbr_01k9h2…`: a UUIDv7 in Crockford's base 32 behind a prefix, so that ids sort by
 * the moment they were made.
 *
 * @param now milliseconds since 1970.
 * @see https://github.com/jetify-com/typeid/tree/main/spec
 */
export function newId(type: IdType, now: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const moment = BigInt(now);
  for (let position = 0; position < 6; position += 1) {
    bytes[position] = Number((moment >> BigInt(8 * (5 - position))) & 0xffn);
  }
  last = { now, count: now === last.now ? last.count + 1 : 0 };
  bytes[6] = 0x70 | ((last.count >> 8) & 0x0f);
  bytes[7] = last.count & 0xff;
  bytes[8] = 0x80 | ((bytes[8] as number) & 0x3f);
  let number = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let text = "";
  for (let position = 0; position < 26; position += 1) {
    text = ALPHABET[Number(number & 31n)] + text;
    number >>= 5n;
  }
  return `${idPrefixes[type]}_${text}`;
}

/** The type that an id is of; undefined for a text that is no id of ours. */
export function typeOfId(id: string): IdType | undefined {
  return typesByPrefix.get(id.slice(0, id.indexOf("_"))) as IdType | undefined;
}
