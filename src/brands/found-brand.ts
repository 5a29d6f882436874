import { brands } from "../../schema/tables/brands.ts";
import type { LocalizedText } from "../../schema/tables/columns.ts";
import { accounts, accountsOfBrand } from "../../schema/tables/points.ts";
import { tiers } from "../../schema/tables/tiers.ts";
import type { Database } from "../database/client.ts";
import type { Environment } from "../environment.ts";
import { newId } from "../ids.ts";
import { createDataKey } from "./data-key.ts";

export interface NewBrand {
  slug: string;
  name: LocalizedText;
  description?: LocalizedText;
  locale: string;
  timeZone: string;
  currency: string;
  pointsName: LocalizedText;
  firstTier: { name: LocalizedText; color: string };
}

/**
 * Founds a tenant: its data key, the accounts that its points come from and end in, and the tier that everyone
 * starts in. The platform's own act, so no token allows it; scripts call it.
 */
export async function foundBrand(
  database: Database,
  secrets: Environment["encryptionKeys"],
  brand: NewBrand,
  now: number,
): Promise<{ brandId: string; firstTierId: string }> {
  const { firstTier, ...settings } = brand;
  const brandId = newId("Brand", now);
  const firstTierId = newId("Tier", now);
  const wrappedDataKey = await createDataKey(secrets);
  await database.batch([
    database
      .insert(brands)
      .values({ ...settings, id: brandId, wrappedDataKey, createdAt: now, updatedAt: now }),
    database
      .insert(accounts)
      .values(accountsOfBrand.map((account) => ({ brandId, id: newId("Account", now), ...account }))),
    database.insert(tiers).values({
      brandId,
      id: firstTierId,
      rank: 1,
      requirement: { growthValue: 0 },
      createdAt: now,
      ...firstTier,
    }),
  ]);
  return { brandId, firstTierId };
}
