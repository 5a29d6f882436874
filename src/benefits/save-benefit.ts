import { and, count, eq, inArray } from "drizzle-orm";
import {
  type BenefitClaim,
  type BenefitKind,
  type BenefitTerms,
  benefits,
  type QuotaPeriod,
} from "../../schema/tables/benefits.ts";
import type { LocalizedText } from "../../schema/tables/columns.ts";
import { offers } from "../../schema/tables/offers.ts";
import { tierBenefits, tiers } from "../../schema/tables/tiers.ts";
import { nextProgramVersion, programVersion } from "../brands/program-version.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { InvalidValue, NotFound, type Refusal } from "../errors.ts";
import { differing } from "../given.ts";
import { whyNotIssuable } from "../offers/issuing.ts";
import { faultOfBenefit, faultOfTerms } from "./fault-of-benefit.ts";

export interface BenefitSettings {
  name: LocalizedText;
  description: LocalizedText | null;
  terms: BenefitTerms & BenefitClaim;
  quota: number | null;
  quotaPeriod: QuotaPeriod | null;
  startsAt: number | null;
  endsAt: number | null;
}

export interface CreateBenefitInput extends BenefitSettings, BenefitClaim {
  kind: BenefitKind;
  tierIds: string[];
}

export interface UpdateBenefitInput extends Partial<BenefitSettings>, BenefitClaim {
  benefitId: string;
  tierIds?: string[] | undefined;
}

/** Adds a benefit to the program and gives it to tiers. */
export async function createBenefit<Row>(
  context: Context,
  input: CreateBenefitInput,
  read: Read<{ benefitId: string }, Row>,
) {
  const { database, newId, now } = context;
  const { brandId } = actorOf(context);
  const { tierIds, offerId, granted, ...settings } = input;
  const terms = { ...settings.terms, ...defined({ offerId, granted }) };
  return commit(context, {
    name: "createBenefit",
    input,
    load: () => [
      programVersion(database, brandId),
      tiersWith(context, tierIds),
      countOf(context),
      offerNamed(context, offerId),
    ],
    decide: ([[program], found, [existing], [offer]]) => {
      if (!program) throw new Error(`Brand ${brandId} of a valid token does not exist.`);
      if ((existing?.count ?? 0) >= MOST_BENEFITS) {
        return InvalidValue({ field: "kind", reason: `a program has at most ${MOST_BENEFITS} benefits` });
      }
      const fault =
        faultOfTerms(input.kind, input.terms) ??
        faultOfBenefit(input.kind, { ...input, terms }) ??
        missingTier(tierIds, found) ??
        unfitOffer(offerId, offer, now);
      if (fault) return fault;
      const benefitId = newId("Benefit");
      return {
        outcome: { benefitId },
        effects: [
          ...nextProgramVersion(database, brandId, program.version),
          database.insert(benefits).values({ ...settings, terms, brandId, id: benefitId, createdAt: now }),
          ...giveTo(context, benefitId, tierIds),
        ],
        audit: [{ subjectId: benefitId, detail: { kind: input.kind, tierIds } }],
      };
    },
    read,
  });
}

/** Changes a benefit, at once for everyone who has it; what is left out stays. */
export async function updateBenefit<Row>(
  context: Context,
  input: UpdateBenefitInput,
  read: Read<{ benefitId: string }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { benefitId, tierIds, offerId, granted, ...changes } = input;
  const isTheBenefit = and(eq(benefits.brandId, brandId), eq(benefits.id, benefitId));
  return commit(context, {
    name: "updateBenefit",
    input,
    load: () => [
      programVersion(database, brandId),
      database.select().from(benefits).where(isTheBenefit),
      tiersWith(context, tierIds ?? []),
      offerNamed(context, offerId),
    ],
    decide: ([[program], [benefit], found, [offer]]) => {
      if (!program || !benefit) return NotFound({ id: benefitId });
      const { offerId: gives = null, granted: isGranted = false } = benefit.terms;
      const claim = { offerId: gives, granted: isGranted, ...defined({ offerId, granted }) };
      const terms = { ...(changes.terms ?? benefit.terms), ...claim };
      const changed = { ...benefit, ...defined(changes), terms };
      const fault =
        (changes.terms && faultOfTerms(benefit.kind, changes.terms)) ??
        faultOfBenefit(benefit.kind, changed) ??
        missingTier(tierIds ?? [], found) ??
        unfitOffer(offerId, offer, now);
      if (fault) return fault;
      const names = [...differing(namedOf(benefit), namedOf(changed)), ...(tierIds ? ["tierIds"] : [])];
      const inTier = and(eq(tierBenefits.brandId, brandId), eq(tierBenefits.benefitId, benefitId));
      return {
        outcome: { benefitId },
        effects: [
          ...nextProgramVersion(database, brandId, program.version),
          database.update(benefits).set(changed).where(isTheBenefit),
          mustChange(database),
          ...(tierIds
            ? [database.delete(tierBenefits).where(inTier), ...giveTo(context, benefitId, tierIds)]
            : []),
        ],
        audit: [{ subjectId: benefitId, detail: { changed: names } }],
      };
    },
    read,
  });
}

/** As many as one screen can explain; whoever has more has not decided what they are. */
const MOST_BENEFITS = 200;

const countOf = ({ database, ...context }: Context) =>
  database
    .select({ count: count() })
    .from(benefits)
    .where(eq(benefits.brandId, actorOf(context).brandId));

/** A benefit's parts as callers name them. */
function namedOf({ terms: all, ...row }: Pick<BenefitSettings, "terms">) {
  const { offerId, granted, ...terms } = all;
  return { ...row, terms, offerId, granted: granted ?? false };
}

const defined = <Shape extends object>(values: Shape): Partial<Shape> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<Shape>;

const tiersWith = ({ database, ...context }: Context, tierIds: string[]) =>
  database
    .select({ id: tiers.id })
    .from(tiers)
    .where(and(eq(tiers.brandId, actorOf(context).brandId), inArray(tiers.id, tierIds)));

function giveTo({ database, ...context }: Context, benefitId: string, tierIds: string[]) {
  const { brandId } = actorOf(context);
  const rows = [...new Set(tierIds)].map((tierId) => ({ brandId, tierId, benefitId }));
  return rows.length > 0 ? [database.insert(tierBenefits).values(rows)] : [];
}

const offerNamed = ({ database, ...context }: Context, offerId: string | null | undefined) =>
  database
    .select()
    .from(offers)
    .where(and(eq(offers.brandId, actorOf(context).brandId), eq(offers.id, offerId ?? "")));

/** Why an offer cannot be what a benefit gives. */
function unfitOffer(
  offerId: string | null | undefined,
  offer: typeof offers.$inferSelect | undefined,
  now: number,
): Refusal | undefined {
  if (offerId == null) return undefined;
  return offer ? whyNotIssuable(offer, now) : NotFound({ id: offerId });
}

function missingTier(tierIds: readonly string[], found: readonly { id: string }[]): Refusal | undefined {
  const missing = tierIds.find((tierId) => !found.some(({ id }) => id === tierId));
  return missing === undefined ? undefined : NotFound({ id: missing });
}
