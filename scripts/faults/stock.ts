import { and, eq } from "drizzle-orm";
import { coupons } from "../../schema/tables/coupons.ts";
import { members } from "../../schema/tables/members.ts";
import { type ActorKind, scopesFor } from "../../src/access/scopes.ts";
import { issueAccessToken } from "../../src/access/tokens.ts";
import { foundBrand } from "../../src/brands/found-brand.ts";
import { issueCoupons } from "../../src/coupons/issue-coupons.ts";
import { isRefusal } from "../../src/errors.ts";
import { asPlatform } from "../../src/jobs/platform.ts";
import { importMembers } from "../../src/members/import-members.ts";
import { adjustBalance } from "../../src/points/adjust-balance.ts";
import { seeded } from "../demo/seeded.ts";
import type { World } from "./world.ts";
import { post, type Write } from "./writes.ts";

/** The client that every write of the run is on record by. */
export const CLIENT = "cli_faults";

/** A brand of a scenario's own, and what there is in it to take. */
export interface Stock {
  brandId: string;
  slug: string;
  /** Points of each member before the run. */
  points: ReadonlyMap<string, number>;
  /** A token of a kind of caller, renewed before it expires. */
  token: (kind?: ActorKind) => Promise<string>;
  /** The next write; always the same ones for a seed. */
  nextWrite: () => Write;
}

export interface StockOptions {
  seed: string;
  members?: number;
  /** How many coupons can be redeemed, and how often a member can be given one. */
  coupons: number;
}

const RICH = 1_000_000;
const POOR = 400;
const TOKEN_MS = 10 * 60_000;
const AT_ONCE = 500;
let founded = 0;

/** Founds a brand with members, points, coupons to redeem, offers to issue of, and a benefit with a quota. */
export async function foundStock(world: World, options: StockOptions): Promise<Stock> {
  const { seed, members: count = 60, coupons: stockSize } = options;
  founded += 1;
  const slug = `faults-${founded}`;
  const environment = await world.environment();
  const brandId = await world.withDatabase(async (database) => {
    const founding = await foundBrand(
      database,
      environment.encryptionKeys,
      {
        ...{ slug, locale: "en", timeZone: "Asia/Shanghai", currency: "CNY" },
        ...{ name: { en: "Faults" }, pointsName: { en: "Points" } },
        firstTier: { name: { en: "Classic" }, color: "#888888" },
      },
      Date.now() - 86_400_000,
    );
    return founding.brandId;
  });
  const tokens = new Map<ActorKind, { token: string; at: number }>();
  const token = async (kind: ActorKind = "SERVICE") => {
    const known = tokens.get(kind);
    if (known && Date.now() - known.at < TOKEN_MS) return known.token;
    const actor = { kind, brandId, clientId: CLIENT, scopes: new Set(scopesFor(kind)) };
    const issued = { token: await issueAccessToken(environment, actor, Date.now()), at: Date.now() };
    tokens.set(kind, issued);
    return issued.token;
  };
  const ask = async (query: string, input: object) => {
    const answer = await (
      await post(world.url, await token("OPERATOR"), { query, variables: { input } })
    ).json();
    const [made] = Object.values((answer as { data?: Record<string, unknown> }).data ?? {});
    const { id } = Object.values((made ?? {}) as Record<string, { id?: string }>)[0] ?? {};
    if (!id) throw new Error(`The scenario could not be set up: ${JSON.stringify(answer)}`);
    return id;
  };
  const newOffer = () =>
    ask(
      "mutation ($input: CreateOfferInput!) { createOffer(input: $input) { ... on CreateOfferPayload { offer { id } } } }",
      { title: [{ locale: "en", text: "Off" }], terms: { amountOffMinor: 100 }, issueLimit: 1_000_000 },
    );

  const redeemed = await newOffer();
  const issued: string[] = [];
  while (issued.length * count < stockSize) issued.push(await newOffer());
  const tierIds = await tiersOf(world, brandId);
  const benefitId = await ask(
    "mutation ($input: CreateBenefitInput!) { createBenefit(input: $input) { ... on CreateBenefitPayload { benefit { id } } } }",
    { kind: "GIFT", name: [{ locale: "en", text: "Gift" }], tierIds, quota: 20, quotaPeriod: "LIFETIME" },
  );

  const context = await world.environment().then((direct) => {
    return <Result>(work: (context: ReturnType<typeof asPlatform>) => Promise<Result>) =>
      world.withDatabase((database) => work(asPlatform(database, direct, brandId, Date.now() - 60_000)));
  });
  const memberIds = await context(async (own) => {
    const people = Array.from({ length: count }, (_, n) => ({ externalId: `c-${n}` }));
    await importMembers(own, people);
    const rows = await own.database
      .select({ id: members.id })
      .from(members)
      .where(eq(members.brandId, brandId));
    return rows.map(({ id }) => id).sort();
  });
  // A few have little, so that there is something to race for.
  const points = new Map(memberIds.map((id, n) => [id, n < 4 ? POOR : RICH]));
  await context(async (own) => {
    const nothing = () => own.database.query.guard.findFirst();
    for (const [memberId, amount] of points) {
      const credit = { memberId, amount, unit: "POINTS", reason: "stock", idempotencyKey: memberId } as const;
      const result = await adjustBalance(own, credit, nothing);
      if (isRefusal(result)) throw new Error(`The scenario could not be set up: ${JSON.stringify(result)}`);
    }
    for (let made = 0; made < stockSize; made += memberIds.length) {
      const input = {
        offerId: redeemed,
        memberIds: memberIds.slice(0, AT_ONCE),
        idempotencyKey: `stock-${made}`,
      };
      const result = await issueCoupons(own, input, nothing);
      if (isRefusal(result)) throw new Error(`The scenario could not be set up: ${JSON.stringify(result)}`);
    }
  });
  const redeemable = await world.withDatabase((database) =>
    database
      .select({ code: coupons.code, memberId: coupons.memberId })
      .from(coupons)
      .where(and(eq(coupons.brandId, brandId), eq(coupons.offerId, redeemed))),
  );
  const nextWrite = writesOf({ seed: `${seed} ${slug}`, memberIds, redeemable, issued, benefitId });
  return { brandId, slug, points, token, nextWrite };
}

async function tiersOf(world: World, brandId: string): Promise<string[]> {
  const rows = await world.withDatabase((database) => database.query.tiers.findMany({ where: { brandId } }));
  return rows.map(({ id }) => id);
}

interface Stocked {
  seed: string;
  memberIds: readonly string[];
  redeemable: readonly { code: string; memberId: string | null }[];
  issued: readonly string[];
  benefitId: string;
}

/** Answers one write after the other; a member is given a coupon of an offer at most once. */
function writesOf({ seed, memberIds, redeemable, issued, benefitId }: Stocked): () => Write {
  const random = seeded(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  let [count, coupon, pair] = [0, 0, 0];
  return () => {
    count += 1;
    const key = `w-${count}`;
    const chance = random();
    if (chance < 0.35 && coupon < redeemable.length) {
      // Now and then one that another client has, or had.
      const isNew = coupon === 0 || random() < 0.8;
      const { code, memberId } = redeemable[isNew ? coupon : coupon - 1] as (typeof redeemable)[number];
      if (isNew) coupon += 1;
      const order = { orderReference: key, orderAmountMinor: 5_000, currency: "CNY" };
      return { kind: "redeemCoupon", key, input: { code, memberId, ...order } };
    }
    if (chance < 0.6 && pair < issued.length * memberIds.length) {
      const offerId = issued[Math.floor(pair / memberIds.length)];
      const memberId = memberIds[pair % memberIds.length];
      pair += 1;
      return { kind: "issueCoupons", key, input: { offerId, memberIds: [memberId] } };
    }
    if (chance < 0.7) {
      return { kind: "useBenefit", key, input: { benefitId, memberId: pick(memberIds), reference: key } };
    }
    const memberId = random() < 0.2 ? pick(memberIds.slice(0, 4)) : pick(memberIds);
    const points = 1 + Math.floor(random() * 40);
    return {
      kind: "spendPoints",
      key,
      input: { memberId, points, orderReference: key, orderAmountMinor: 50_000 },
    };
  };
}
