import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import * as benefitTables from "../../schema/tables/benefits.ts";
import { brands } from "../../schema/tables/brands.ts";
import * as couponTables from "../../schema/tables/coupons.ts";
import * as memberTables from "../../schema/tables/members.ts";
import * as offerTables from "../../schema/tables/offers.ts";
import * as pointTables from "../../schema/tables/points.ts";
import * as standingTables from "../../schema/tables/standings.ts";
import * as tierTables from "../../schema/tables/tiers.ts";
import { newSecrets } from "../../scripts/support/bindings.ts";
import { applyMigrations } from "../../scripts/support/migrations.ts";
import { type RunningSqld, startSqld } from "../../scripts/support/sqld.ts";
import { type DataKey, openDataKey } from "../../src/brands/data-key.ts";
import { foundBrand } from "../../src/brands/found-brand.ts";
import { insertRows } from "../../src/database/bulk.ts";
import { type Database, openDatabase } from "../../src/database/client.ts";
import { closeStreams } from "../../src/database/streams.ts";
import { type Bindings, type Environment, readEnvironment } from "../../src/environment.ts";
import { sealProfile } from "../../src/members/profile.ts";
import {
  asked,
  benefits,
  benefitsOf,
  COUPONS_EACH,
  CURRENCY,
  couponOf,
  memberOf,
  offers,
  periodStarts,
  SLUG,
  TIME_ZONE,
  tiers,
} from "./data.ts";

/** A database that was written once; contenders work on copies of it. */
export interface Seeded {
  /** Holds the database, which no server uses. */
  folder: string;
  bindings: Bindings;
  environment: Environment;
  brandId: string;
  members: number;
  /** When it was written. */
  now: number;
}

const AT_ONCE = 1_000;

/**
 * Writes the data straight into a database of its own, past the operations: what is measured is not how it
 * came there. Balances have no transfers behind them, which no operation measured here reads.
 *
 * @param fewCoupons gives ten coupons only to those who are asked for, and one to everyone else.
 */
export async function seed(members: number, fewCoupons = false): Promise<Seeded> {
  const folder = await mkdtemp(join(tmpdir(), "tessera-bench-data-"));
  const sqld = await startSqld(join(folder, "database"));
  const now = Date.now();
  try {
    await applyMigrations(sqld.url);
    const bindings: Bindings = {
      ...(await newSecrets()),
      ...{ DATABASE_URL: sqld.url, ISSUER: "https://bench.example.com", ENVIRONMENT: "production" },
    };
    const environment = await readEnvironment(bindings);
    const open = () =>
      openDatabase({ url: sqld.url, deadline: Date.now() + 120_000, clock: Date.now }).database;
    const brandId = await writeProgram(open(), environment, now);
    const [brand] = await open().select().from(brands).where(eq(brands.id, brandId));
    const key = await openDataKey(environment.encryptionKeys, brand?.wrappedDataKey as string);
    const few = fewCoupons ? new Set(asked(members)) : undefined;
    for (let from = 0; from < members; from += AT_ONCE) {
      const numbers = Array.from({ length: Math.min(AT_ONCE, members - from) }, (_, step) => from + step);
      await writeMembers(open(), { brandId, key, now }, numbers, (number) =>
        !few || few.has(number) ? COUPONS_EACH : 1,
      );
    }
    return { folder, bindings, environment, brandId, members, now };
  } finally {
    await closeStreams();
    await sqld.stop();
  }
}

/** A server on a copy of the data, for one contender alone: warm streams are few, and coupons get used. */
export async function startCopy(seeded: Seeded): Promise<RunningSqld> {
  const folder = await mkdtemp(join(tmpdir(), "tessera-bench-copy-"));
  await cp(join(seeded.folder, "database"), join(folder, "database"), { recursive: true });
  const sqld = await startSqld(join(folder, "database"));
  const stop = async () => {
    await sqld.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...sqld, stop };
}

async function writeProgram(database: Database, environment: Environment, now: number): Promise<string> {
  const names = { name: { en: "Bench" }, pointsName: { en: "Points", "zh-CN": "积分" } };
  const { brandId } = await foundBrand(
    database,
    environment.encryptionKeys,
    {
      ...{ slug: SLUG, locale: "zh-CN", timeZone: TIME_ZONE, currency: CURRENCY, ...names },
      firstTier: { name: { en: "None" }, color: "#000000" },
    },
    now,
  );
  await database.delete(tierTables.tiers);
  const program = [
    insertRows(
      database,
      tierTables.tiers,
      tiers.map(({ growthValue, ...tier }) => ({
        ...{ brandId, description: null, createdAt: now, requirement: { growthValue }, ...tier },
      })),
    ),
    insertRows(
      database,
      benefitTables.benefits,
      benefits.map(({ period, kind, ...benefit }) => ({
        ...{ brandId, description: null, startsAt: null, endsAt: null, createdAt: now, ...benefit },
        ...{
          kind: kind as benefitTables.BenefitKind,
          quotaPeriod: period as benefitTables.QuotaPeriod | null,
        },
      })),
    ),
    insertRows(
      database,
      tierTables.tierBenefits,
      tiers.flatMap(({ id: tierId, rank }) =>
        benefitsOf(rank).map(({ id: benefitId }) => ({ brandId, tierId, benefitId })),
      ),
    ),
    insertRows(
      database,
      offerTables.offers,
      offers.map((offer) => ({
        ...{ brandId, description: null, state: "ACTIVE" as const, issueLimit: null, perMemberLimit: null },
        ...{ issuedCount: 0, createdAt: now, version: 1, isAutomatic: false, ...offer },
      })),
    ),
  ];
  for (const statement of program.flat()) await statement;
  return brandId;
}

async function writeMembers(
  database: Database,
  { brandId, key, now }: { brandId: string; key: DataKey; now: number },
  numbers: readonly number[],
  couponsOf: (number: number) => number,
): Promise<void> {
  const people = numbers.map((number) => ({ number, ...memberOf(number) }));
  const sealed = await Promise.all(people.map(({ id, name }) => sealProfile({ name }, key, id)));
  const statements = [
    insertRows(
      database,
      memberTables.members,
      people.map(({ number, id, externalId, cardNumber, tier }, position) => ({
        ...{ brandId, id, externalId, cardNumber, tierId: tier.id, state: "ACTIVE" as const },
        // One a millisecond, some eleven days ago.
        ...{ tierSince: now, enrolledAt: now - 1_000_000_000 + number, updatedAt: now, closedAt: null },
        ...{ locale: null, sourceChannel: null, consents: {} },
        ...(sealed[position] as Awaited<ReturnType<typeof sealProfile>>),
      })),
    ),
    insertRows(
      database,
      pointTables.accounts,
      people.flatMap(({ number, id: memberId, points, growthValue }) =>
        pointTables.accountsOfMember.map(({ unit, kind }, which) => ({
          ...{ brandId, id: `acc_${String(number * 5 + which).padStart(26, "0")}`, memberId, unit, kind },
          balance: kind !== "AVAILABLE" ? 0 : unit === "POINTS" ? points : growthValue,
        })),
      ),
    ),
    insertRows(
      database,
      standingTables.standings,
      people.map(({ id: memberId, tier }) => ({
        ...{ brandId, memberId, tierId: tier.id, since: now, until: null, reviewAt: null, version: 1 },
      })),
    ),
    insertRows(
      database,
      benefitTables.benefitUses,
      people
        .filter(({ hasUsed }) => hasUsed)
        .map(({ id: memberId }) => ({
          ...{ brandId, memberId, benefitId: benefits[1]?.id as string },
          ...{ periodStart: periodStarts(now).month, used: 1, quota: 2 },
        })),
    ),
    insertRows(
      database,
      couponTables.coupons,
      people.flatMap(({ number }) =>
        Array.from({ length: couponsOf(number) }, (_, which) => couponOf(number, which, now)).map(
          ({ offer, ...coupon }) => ({
            ...{ brandId, offerId: offer.id, state: "AVAILABLE" as const, offerVersion: 1, ...coupon },
            ...{ issuedAt: now, claimedAt: now, startsAt: null, heldUntil: null },
            ...{ jointCampaignId: null, issuedByBrandId: brandId },
          }),
        ),
      ),
    ),
  ];
  for (const statement of statements.flat()) await statement;
}
