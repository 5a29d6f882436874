import { and, eq, inArray, sql } from "drizzle-orm";
import type { OfferTerms } from "../../schema/tables/offers.ts";
import { tiers } from "../../schema/tables/tiers.ts";
import { actorOf, type Context } from "../context.ts";
import { eachOf } from "../database/bulk.ts";

/** Reads which of the tiers that an offer's terms name the brand has. */
export const readNamedTiers = (context: Context, terms: OfferTerms | null | undefined) =>
  context.database
    .select({ id: tiers.id })
    .from(tiers)
    .where(
      and(
        eq(tiers.brandId, actorOf(context).brandId),
        inArray(tiers.id, sql`(${eachOf(terms?.tierIds ?? [])})`),
      ),
    );
