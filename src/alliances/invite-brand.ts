import { and, eq } from "drizzle-orm";
import { allianceBrands } from "../../schema/tables/alliances.ts";
import { brands } from "../../schema/tables/brands.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, mustHold, type Read } from "../database/commit.ts";
import { InvalidValue, NotFound } from "../errors.ts";
import { isActiveIn } from "./conditions.ts";
import { AlreadyInAlliance } from "./refusals.ts";

/** An alliance is shown as one list, so it stays short. */
const MOST_BRANDS = 50;

export interface InviteBrandInput {
  allianceId: string;
  /** Its slug. */
  brand: string;
}

/**
 * Invites a brand, also one that left before; it is in when its own operator accepts. Refuses with
 * NotFound for an alliance that the caller takes no part in and for an unknown slug, with
 * AlreadyInAlliance, and with InvalidValue when the alliance is full.
 */
export async function inviteBrand<Row>(
  context: Context,
  input: InviteBrandInput,
  read: Read<{ allianceId: string }, Row>,
) {
  const { database, now } = context;
  const { brandId } = actorOf(context);
  const { allianceId } = input;
  return commit(context, {
    name: "inviteBrand",
    input,
    load: () => [
      database.select({ id: brands.id }).from(brands).where(eq(brands.slug, input.brand)),
      database
        .select({ brandId: allianceBrands.brandId, state: allianceBrands.state })
        .from(allianceBrands)
        .where(eq(allianceBrands.allianceId, allianceId)),
    ],
    decide: ([[invited], parts]) => {
      if (!parts.some((part) => part.brandId === brandId && part.state === "ACTIVE")) {
        return NotFound({ id: allianceId });
      }
      if (!invited) return NotFound({ id: input.brand });
      const part = parts.find((candidate) => candidate.brandId === invited.id);
      if (part && part.state !== "LEFT") return AlreadyInAlliance({ brand: input.brand, state: part.state });
      if (!part && parts.length >= MOST_BRANDS) {
        return InvalidValue({
          field: "allianceId",
          reason: `has ${MOST_BRANDS} brands, and no room for more`,
        });
      }
      const invitation = { state: "INVITED", tierLevels: {}, invitedAt: now, joinedAt: null } as const;
      const isThePart = and(
        eq(allianceBrands.allianceId, allianceId),
        eq(allianceBrands.brandId, invited.id),
        eq(allianceBrands.state, "LEFT"),
      );
      return {
        outcome: { allianceId },
        effects: [
          part
            ? database.update(allianceBrands).set(invitation).where(isThePart)
            : database.insert(allianceBrands).values({ allianceId, brandId: invited.id, ...invitation }),
          mustChange(database),
          mustHold(database, isActiveIn(allianceId, brandId)),
        ],
        audit: [
          { subjectId: allianceId, detail: { invitedBrandId: invited.id } },
          { brandId: invited.id, subjectId: allianceId, detail: { invitedByBrandId: brandId } },
        ],
        events: [
          {
            brandId: invited.id,
            type: "alliance.invited",
            payload: { allianceId, invitedByBrandId: brandId },
          },
        ],
      };
    },
    read,
  });
}
