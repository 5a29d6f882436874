import { openDataKey } from "../brands/data-key.ts";
import { parseCardNumber } from "../cards/card-number.ts";
import { actorOf, type Context } from "../context.ts";
import { normaliseEmail, normalisePhone, regionOf } from "./profile.ts";

/** One way to name a member of the caller's brand. */
export type MemberBy = Partial<Record<"id" | "externalId" | "phone" | "email" | "cardNumber", string | null>>;

/** A brand's settings that lookups need; they change seldom, and the key never does. */
const lookups = new Map<string, { wrappedDataKey: string; locale: string; readAt: number }>();
const FRESH_MS = 60_000;

/**
 * The relational filter that finds a member by what names it. Contacts are found by keyed hashes, for
 * which the brand's key must be at hand: read once a minute in each isolate.
 */
export async function memberFilter(context: Context, by: MemberBy): Promise<Record<string, string>> {
  const nobody = { id: "" };
  if (by.id) return { id: by.id };
  // A closed membership is found by its id alone: its customer may have come back.
  if (by.externalId) return { externalId: by.externalId, state: "ACTIVE" };
  if (by.cardNumber) {
    const cardNumber = parseCardNumber(by.cardNumber);
    return cardNumber ? { cardNumber } : nobody;
  }
  const { key, region } = await lookupKey(context);
  if (by.phone) {
    const phone = normalisePhone(by.phone, region);
    return phone ? { phoneHash: await key.hash(phone, "phone"), state: "ACTIVE" } : nobody;
  }
  const email = by.email ? normaliseEmail(by.email) : undefined;
  return email ? { emailHash: await key.hash(email, "email"), state: "ACTIVE" } : nobody;
}

async function lookupKey({ database, environment, now, actor }: Context) {
  const { brandId } = actorOf({ actor });
  let known = lookups.get(brandId);
  if (!known || now - known.readAt > FRESH_MS) {
    const brand = await database.query.brands.findFirst({
      where: { id: brandId },
      columns: { wrappedDataKey: true, locale: true },
    });
    if (!brand) throw new Error(`Brand ${brandId} of a valid token does not exist.`);
    known = { ...brand, readAt: now };
    lookups.set(brandId, known);
  }
  return {
    key: await openDataKey(environment.encryptionKeys, known.wrappedDataKey),
    region: regionOf(known.locale),
  };
}
