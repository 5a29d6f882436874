import type { allianceBrandStates } from "../../schema/tables/alliances.ts";
import { InvalidValue, type Refusal } from "../errors.ts";

export const jointCampaignStates = ["PENDING", "SCHEDULED", "ACTIVE", "ENDED"] as const;
export type JointCampaignState = (typeof jointCampaignStates)[number];

export interface JointCampaignFacts {
  /** The owner's. */
  brandId: string;
  startsAt: number;
  endsAt: number;
  endedAt: number | null;
  partners: readonly { partnerBrandId: string; approvedAt: number | null }[];
  /** The brands of its alliance. */
  allianceBrands: readonly { brandId: string; state: (typeof allianceBrandStates)[number] }[];
}

/**
 * Where a joint campaign is in its life. It runs within its dates, while every partner that it names
 * approves, and all its brands are in the alliance; the owner approved by creating it.
 */
export function stateOf(campaign: JointCampaignFacts, now: number): JointCampaignState {
  const { brandId, startsAt, endsAt, endedAt, partners, allianceBrands } = campaign;
  const named = [brandId, ...partners.map(({ partnerBrandId }) => partnerBrandId)];
  const active = new Set(
    allianceBrands.filter(({ state }) => state === "ACTIVE").map((brand) => brand.brandId),
  );
  if (endedAt !== null || endsAt <= now || named.some((brand) => !active.has(brand))) return "ENDED";
  if (partners.some(({ approvedAt }) => approvedAt === null)) return "PENDING";
  return now < startsAt ? "SCHEDULED" : "ACTIVE";
}

const MOST_PARTNERS = 20;
const MOST_QUOTA = 2_000_000_000;

/** Which term of a new joint campaign cannot stand. */
export function faultOfCampaign(
  campaign: { startsAt: number; endsAt: number; partners: readonly { brand: string; quota: number }[] },
  now: number,
): Refusal | undefined {
  const { startsAt, endsAt, partners } = campaign;
  if (endsAt <= startsAt || endsAt <= now) {
    return InvalidValue({ field: "endsAt", reason: "must come after startsAt, and lie in the future" });
  }
  if (partners.length === 0 || partners.length > MOST_PARTNERS) {
    return InvalidValue({ field: "partners", reason: `must name 1 to ${MOST_PARTNERS} brands` });
  }
  if (new Set(partners.map(({ brand }) => brand)).size < partners.length) {
    return InvalidValue({ field: "partners", reason: "must name each brand once" });
  }
  return partners.some(({ quota }) => quota < 1 || quota > MOST_QUOTA)
    ? InvalidValue({ field: "partners.quota", reason: `must lie between 1 and ${MOST_QUOTA}` })
    : undefined;
}
