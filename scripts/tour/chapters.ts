import { useBenefitUntilUsedUp } from "./benefits.ts";
import { showCard } from "./card.ts";
import { fillACart } from "./cart.ts";
import { issueAndClaim, redeemAtTheTill } from "./coupons.ts";
import { linkBrands } from "./joint.ts";
import { enrol, seeEverything } from "./member.ts";
import { buyAndBringBack } from "./points.ts";
import { riseToGold } from "./tiers.ts";
import type { Tour } from "./tour.ts";
import { revokeAndIsolate } from "./trust.ts";
import { askProgram } from "./visitor.ts";

/** Every chapter in turn; each goes on with the member that the second enrols. */
export async function walk(tour: Tour): Promise<void> {
  await askProgram(tour);
  const guest = await enrol(tour);
  await seeEverything(tour);
  const code = await issueAndClaim(tour, guest);
  await showCard(tour, guest);
  await redeemAtTheTill(tour, guest, code);
  await useBenefitUntilUsedUp(tour, guest);
  await riseToGold(tour, guest);
  await buyAndBringBack(tour, guest);
  await fillACart(tour, guest);
  await linkBrands(tour, guest);
  await revokeAndIsolate(tour, guest);
}
