import { and, eq } from "drizzle-orm";
import { cardScans } from "../../schema/tables/cards.ts";
import { members } from "../../schema/tables/members.ts";
import { callerOf } from "../access/actor.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustHold, type Read } from "../database/commit.ts";
import { isActiveMember } from "../members/conditions.ts";
import { MemberClosed } from "../members/refusals.ts";
import { parseCardNumber } from "./card-number.ts";
import { verifyCardPayload } from "./card-payload.ts";
import { CardAlreadyScanned, CardExpired, CardForeign, CardMalformed } from "./refusals.ts";

export interface ScanCardInput {
  payload: string;
  /** With one, a till whose answer was lost may send the same scan again. */
  idempotencyKey?: string | null;
}

const faults = { MALFORMED: CardMalformed({}), FOREIGN: CardForeign({}) };

/**
 * Accepts a member card at a till: a signed payload once, or the static number that a member shows
 * when the phone is offline, which proves less and is recorded each time.
 */
export async function scanCard<Row>(
  context: Context,
  input: ScanCardInput,
  read: Read<{ memberId: string; offline: boolean }, Row>,
) {
  const { database, environment, newId, now } = context;
  const actor = actorOf(context);
  const { brandId } = actor;
  const cardNumber = parseCardNumber(input.payload);
  const card = cardNumber
    ? undefined
    : await verifyCardPayload(environment.signingKeys, environment.issuer, input.payload.trim(), now);
  if (typeof card === "string") return faults[card];
  if (card && card.brandId !== brandId) return CardForeign({});
  const offline = card === undefined;
  const payloadId = card?.payloadId ?? newId("CardPayload");

  return commit(context, {
    name: "scanCard",
    // The payload is a credential: it is not kept, only its id is.
    input: { idempotencyKey: input.idempotencyKey, scanned: card?.payloadId ?? cardNumber },
    load: () => [
      database
        .select({ id: members.id, state: members.state, closedAt: members.closedAt })
        .from(members)
        .where(
          and(
            eq(members.brandId, brandId),
            card ? eq(members.id, card.memberId) : eq(members.cardNumber, cardNumber ?? ""),
          ),
        ),
      database
        .select({ scannedAt: cardScans.scannedAt })
        .from(cardScans)
        .where(and(eq(cardScans.brandId, brandId), eq(cardScans.payloadId, payloadId))),
    ],
    decide: ([[member], [scan]]) => {
      if (!member) return CardForeign({});
      if (scan) return CardAlreadyScanned(scan);
      if (card?.expired) return CardExpired({});
      if (member.state === "CLOSED") return MemberClosed({ memberId: member.id, closedAt: member.closedAt });
      return {
        outcome: { memberId: member.id, offline },
        // The primary key lets a payload in once, however many tills scan it.
        effects: [
          database.insert(cardScans).values({
            ...{ brandId, payloadId },
            memberId: member.id,
            scannedAt: now,
            scannedBy: callerOf(actor),
          }),
          mustHold(database, isActiveMember(brandId, member.id)),
        ],
        audit: [{ subjectId: member.id, detail: { payloadId, offline } }],
        events: [{ type: "card.scanned", payload: { memberId: member.id, offline } }],
      };
    },
    read,
  });
}
