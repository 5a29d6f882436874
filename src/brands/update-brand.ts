import { eq } from "drizzle-orm";
import { brands } from "../../schema/tables/brands.ts";
import type { LocalizedText } from "../../schema/tables/columns.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { InvalidValue, type Refusal } from "../errors.ts";
import { given } from "../given.ts";
import { nextVersion } from "./program-version.ts";
import { isCurrency, isTimeZone } from "./settings.ts";

export interface UpdateBrandInput {
  name?: LocalizedText | null;
  description?: LocalizedText | null;
  locale?: string | null;
  timeZone?: string | null;
  currency?: string | null;
  pointsName?: LocalizedText | null;
}

/** Changes the settings that are given; the others stay. */
export async function updateBrand<Row>(
  context: Context,
  input: UpdateBrandInput,
  read: Read<{ brandId: string }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  return commit(context, {
    name: "updateBrand",
    input,
    load: () => [],
    decide: () => {
      const fault = faultOf(input);
      if (fault) return fault;
      const changes = given(input);
      return {
        outcome: { brandId },
        effects: [
          database
            .update(brands)
            .set({ ...changes, ...nextVersion(brandId), updatedAt: now })
            .where(eq(brands.id, brandId)),
          mustChange(database),
        ],
        audit: [{ subjectId: brandId, detail: { changed: Object.keys(changes) } }],
      };
    },
    read,
  });
}

function faultOf({ timeZone, currency }: UpdateBrandInput): Refusal | undefined {
  if (timeZone != null && !isTimeZone(timeZone)) {
    return InvalidValue({ field: "timeZone", reason: "must be an IANA time zone such as Asia/Shanghai" });
  }
  if (currency != null && !isCurrency(currency)) {
    return InvalidValue({ field: "currency", reason: "must be an ISO 4217 code such as CNY" });
  }
  return undefined;
}
