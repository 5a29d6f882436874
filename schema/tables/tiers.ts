import { foreignKey, index, integer, primaryKey, snakeCase, text, unique } from "drizzle-orm/sqlite-core";
import { benefits } from "./benefits.ts";
import { brands } from "./brands.ts";
import { json, localizedText, moment } from "./columns.ts";

/** What a member needs to reach a tier. */
export interface TierRequirement {
  growthValue: number;
}

export const tiers = snakeCase.table(
  "tiers",
  {
    brandId: text()
      .notNull()
      .references(() => brands.id),
    id: text().notNull(),
    /** 1 is the tier that everyone starts in. */
    rank: integer().notNull(),
    name: localizedText().notNull(),
    description: localizedText(),
    /** #RRGGBB */
    color: text().notNull(),
    requirement: json<TierRequirement>().notNull(),
    createdAt: moment().notNull(),
  },
  (t) => [primaryKey({ columns: [t.brandId, t.id] }), unique("tier_rank").on(t.brandId, t.rank)],
);

/** Which tiers have which benefits. */
export const tierBenefits = snakeCase.table(
  "tier_benefits",
  {
    brandId: text().notNull(),
    tierId: text().notNull(),
    benefitId: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.brandId, t.tierId, t.benefitId] }),
    foreignKey({ columns: [t.brandId, t.tierId], foreignColumns: [tiers.brandId, tiers.id] }),
    foreignKey({ columns: [t.brandId, t.benefitId], foreignColumns: [benefits.brandId, benefits.id] }),
    index("tier_benefits_by_benefit").on(t.brandId, t.benefitId),
  ],
);
