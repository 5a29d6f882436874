import type { Actor } from "../../src/access/actor.ts";
import { scopesFor } from "../../src/access/scopes.ts";
import { issueAccessToken } from "../../src/access/tokens.ts";
import type { Redemption } from "./by-hand.ts";
import { asked, COUPONS_EACH, couponOf, memberOf } from "./data.ts";
import type { Seeded } from "./seed.ts";

/** A token lives for 15 minutes; a measurement is shorter than the rest. */
const RENEWED_MS = 8 * 60_000;

const kept = new Map<string, { token: string; at: number }>();

async function tokenOf({ environment }: Seeded, actor: Actor): Promise<string> {
  const name = `${actor.brandId} ${actor.kind} ${actor.memberId}`;
  const known = kept.get(name);
  if (known && Date.now() - known.at < RENEWED_MS) return known.token;
  const token = await issueAccessToken(environment, actor, Date.now());
  kept.set(name, { token, at: Date.now() });
  return token;
}

/** The header of a client of the brand. */
export async function asClient(seeded: Seeded, kind: "OPERATOR" | "TILL"): Promise<Record<string, string>> {
  const { brandId } = seeded;
  const scopes = new Set(scopesFor(kind));
  const token = await tokenOf(seeded, { kind, brandId, clientId: `cli_${kind.toLowerCase()}`, scopes });
  return { authorization: `Bearer ${token}` };
}

/** Those who are asked for, each with its own header. */
export async function askedMembers(seeded: Seeded, from: number, count: number) {
  const { brandId, members } = seeded;
  const numbers = asked(members);
  const wanted = Array.from(
    { length: Math.min(count, numbers.length) },
    (_, step) => numbers[(from + step) % numbers.length] as number,
  );
  return Promise.all(
    wanted.map(async (number) => {
      const { id } = memberOf(number);
      const scopes = new Set(scopesFor("MEMBER"));
      const token = await tokenOf(seeded, {
        kind: "MEMBER",
        brandId,
        clientId: "cli_shop",
        memberId: id,
        scopes,
      });
      return { number, id, headers: { authorization: `Bearer ${token}` } };
    }),
  );
}

export const ORDER_MINOR = 12_800;

/** Coupons that nobody's view shows, each once. @throws Error when there are no more. */
export function redemptions(seeded: Seeded, from: number, count: number): Redemption[] {
  const shown = new Set(asked(seeded.members));
  const others = Array.from({ length: seeded.members }, (_, number) => number).filter(
    (one) => !shown.has(one),
  );
  if (from + count > others.length * COUPONS_EACH)
    throw new Error("The coupons are used up: take fewer --rounds or --seconds.");
  return Array.from({ length: count }, (_, step) => {
    const number = from + step;
    const member = others[number % others.length] as number;
    const { code, memberId } = couponOf(member, Math.floor(number / others.length), seeded.now);
    const orderReference = `ORDER-${number}`;
    return { code, memberId, orderReference, orderAmountMinor: ORDER_MINOR, idempotencyKey: `key-${number}` };
  });
}
