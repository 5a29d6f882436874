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
  CouponChange: "cch",
  CodeBatch: "bat",
  Decision: "dcn",
  Checkout: "chk",
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

const BYTES = 16;
/** Random bytes for many ids: asked for one by one, they take longer than the rest of it. */
const pool = new Uint8Array(256 * BYTES);
let taken = pool.length;

function randomBytes(): Uint8Array {
  if (taken === pool.length) {
    crypto.getRandomValues(pool);
    taken = 0;
  }
  taken += BYTES;
  return pool.subarray(taken - BYTES, taken);
}

/**
 * A new id such as `mbr_01k9h2…`: a UUIDv7 in Crockford's base 32 behind a prefix, so that ids sort by
 * the moment they were made.
 *
 * @param now milliseconds since 1970.
 * @see https://github.com/jetify-com/typeid/tree/main/spec
 */
export function newId(type: IdType, now: number): string {
  const bytes = randomBytes();
  for (let position = 0; position < 6; position += 1) {
    bytes[position] = Math.floor(now / 2 ** (8 * (5 - position))) % 256;
  }
  last = { now, count: now === last.now ? last.count + 1 : 0 };
  bytes[6] = 0x70 | ((last.count >> 8) & 0x0f);
  bytes[7] = last.count & 0xff;
  bytes[8] = 0x80 | ((bytes[8] as number) & 0x3f);
  let text = `${idPrefixes[type]}_`;
  // 26 characters of five bits are two more than the bytes have: they come first, and are 0.
  let bits = 2;
  let number = 0;
  for (const byte of bytes) {
    number = (number << 8) | byte;
    for (bits += 8; bits >= 5; ) {
      bits -= 5;
      text += ALPHABET[number >> bits];
      number &= (1 << bits) - 1;
    }
  }
  return text;
}

/** The type that an id is of; undefined for a text that is no id of ours. */
export function typeOfId(id: string): IdType | undefined {
  return typesByPrefix.get(id.slice(0, id.indexOf("_"))) as IdType | undefined;
}
