import { inForceAt } from "../brands/rules-in-force.ts";
import { actorOf, type Context, hasScope } from "../context.ts";
import { firstRefusal, InvalidValue, NotFound, type Refusal } from "../errors.ts";
import { type Fault, outside, tooMany } from "../faults.ts";
import { MemberClosed } from "../members/refusals.ts";
import { LARGEST_AMOUNT } from "../shares.ts";
import { type Earning, earnOnPurchase, type Purchase } from "./earn.ts";
import { type EarningRuleSet, readEarning } from "./earning-facts.ts";
import type { EarnerTier } from "./multipliers.ts";
import { newTally } from "./tally.ts";

export interface PreviewEarningInput {
  /** Null for anyone who is not a member yet: as in the first tier, with nothing earned so far. */
  memberId: string | null;
  lines: Purchase["lines"];
  discountMinor: number;
  channel: string | null;
  store: string | null;
  /** When it would be paid, milliseconds since 1970. */
  at: number;
}

/** What a purchase would earn, with the member's language; nothing where no rules are in force. */
export type EarningPreview = Earning & { locale: string | null };

const MOST_LINES = 200;
const nothing: Earning = { points: 0, growthValue: 0, decision: { steps: [], lines: [] } };

/** What a cart would earn, decided as its order would be. One request to the database; nothing is changed. */
export async function previewEarning(
  context: Context,
  input: PreviewEarningInput,
): Promise<EarningPreview | Refusal> {
  const { database, now } = context;
  const { brandId, memberId: own } = actorOf(context);
  const { at } = input;
  // What a brand plans is not for members to find out before.
  const rulesAt = hasScope(context, "program:read") ? at : Math.min(at, now);
  const memberId = input.memberId ?? own ?? null;
  const fault = faultOfCart(input);
  if (fault) return fault;
  if (memberId !== null && !maySee(context, memberId)) return NotFound({ id: memberId });
  const names = memberId === null ? [] : [{ id: memberId }];
  const [closed, firstTiers, [brand], , ruleSets, [earner], earned] = await database.batch([
    database.query.members.findFirst({
      columns: { closedAt: true },
      where: { brandId, id: memberId ?? "", state: "CLOSED" },
    }),
    database.query.tiers.findMany({
      where: { brandId },
      columns: { id: true, name: true },
      with: { benefits: { where: { kind: "POINTS_MULTIPLIER" }, orderBy: { id: "asc" } } },
      orderBy: { rank: "asc" },
      limit: 1,
    }),
    ...readEarning(context, names, [at, rulesAt]),
  ]);
  if (closed && memberId !== null) return MemberClosed({ memberId, closedAt: closed.closedAt });
  const tier: EarnerTier | undefined = memberId === null ? firstTiers[0] : earner?.tier;
  if (!brand || !tier) return NotFound({ id: memberId ?? brandId });
  const { timeZone } = brand;
  const points = newTally(timeZone);
  for (const { at: quarter, points: amount } of earned) points.add("", quarter, amount);
  const set = inForceAt(ruleSets as EarningRuleSet[], rulesAt);
  const { lines, discountMinor, channel, store } = input;
  const occasion = { at, timeZone, tier, channel, store };
  const purchase = { lines, discountMinor, shippingMinor: 0 };
  const earning = set ? earnOnPurchase(set.rules, purchase, occasion, points.of("", at)) : nothing;
  return { ...earning, locale: earner?.locale ?? null };
}

/** A member sees itself; a caller of the brand, whom it may read or scan. */
function maySee(context: Context, memberId: string): boolean {
  const { memberId: own } = actorOf(context);
  return own === undefined
    ? hasScope(context, "members:read") || hasScope(context, "cards:scan")
    : own === memberId;
}

const faultOfCart = ({ lines, discountMinor }: PreviewEarningInput): Fault =>
  firstRefusal([
    () => tooMany("lines", lines, MOST_LINES),
    () => {
      const twice = lines.find(
        ({ lineId }, place) => lines.findIndex((one) => one.lineId === lineId) < place,
      );
      return twice && InvalidValue({ field: `lines.${twice.lineId}`, reason: "must be there once" });
    },
    ...lines.map(
      ({ lineId, amountMinor }) =>
        () =>
          outside(`lines.${lineId}.amountMinor`, amountMinor, 0, LARGEST_AMOUNT),
    ),
    () => outside("discountMinor", discountMinor, 0, LARGEST_AMOUNT),
  ]);
