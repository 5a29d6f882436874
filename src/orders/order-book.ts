import type { InferSelectModel } from "drizzle-orm";
import type { orders } from "../../schema/tables/orders.ts";
import { isRefusal } from "../errors.ts";
import { type MemberName, memberFinder, type NamedMember } from "../members/named-members.ts";
import { accepted, type FactKey, type FactResult, fieldsOf, keyOf, refused } from "./fact.ts";
import { differencesOfOrder, faultOfOrder, type OrderContent } from "./order-content.ts";
import { faultOfMoments, laterMoments, refundedIn, stateOf, together } from "./order-state.ts";
import { OrderDiffers, OrderStateConflict } from "./refusals.ts";

export type OrderRow = InferSelectModel<typeof orders>;

/** An order as a source sends it; without a member, nobody recognised the customer. */
export interface SentOrder extends FactKey, OrderContent {
  member: MemberName | null;
}

export interface BookFacts {
  brandId: string;
  currency: string;
  /** The orders among those sent that are recorded already. */
  recorded: readonly (OrderRow & { member: { id: string; externalId: string } | null })[];
  members: readonly NamedMember[];
}

export interface Book {
  /** For each order that was sent, in turn. */
  results: FactResult[];
  added: OrderRow[];
  /** Orders that went on, each as it was read and as it is now. */
  advanced: { was: OrderRow; is: OrderRow }[];
}

interface Entry {
  was: OrderRow | undefined;
  is: OrderRow;
  memberExternalId: string | null;
}

/**
 * Enters orders into the book of those recorded: a new one is added, a known one goes on by the moments
 * that it had not told, and one that tells otherwise is refused. An order may be sent more than once in
 * a call: each time counts after the ones before. PURE, apart from the new ids.
 *
 * @param now milliseconds since 1970.
 */
export function enterOrders(
  sent: readonly SentOrder[],
  { brandId, currency, recorded, members }: BookFacts,
  now: number,
  newOrderId: () => string,
): Book {
  const book = new Map<string, Entry>(
    recorded.map(({ member, ...row }) => [
      keyOf(row),
      { was: row, is: row, memberExternalId: member?.externalId ?? null },
    ]),
  );
  const memberNamed = memberFinder(members);
  const results = sent.map((order): FactResult => {
    const known = book.get(keyOf(order));
    // What is recorded stays right, also when the brand has moved to another currency.
    const fault = faultOfOrder(order, known ? order.currency : currency, now);
    if (fault) return refused(order, fault);
    if (known) return advance(known, order, now);
    const member = order.member && memberNamed(order.member);
    if (isRefusal(member)) return refused(order, member);
    const is = newRow(order, { brandId, id: newOrderId(), memberId: member?.id ?? null }, now);
    book.set(keyOf(order), { was: undefined, is, memberExternalId: member?.externalId ?? null });
    return accepted(order, "RECORDED", is.id);
  });
  const entries = [...book.values()];
  return {
    results,
    added: entries.flatMap(({ was, is }) => (was ? [] : [is])),
    advanced: entries.flatMap(({ was, is }) => (was && was !== is ? [{ was, is }] : [])),
  };
}

function advance(entry: Entry, sent: SentOrder, now: number): FactResult {
  const { is, memberExternalId } = entry;
  const { externalId, id } = sent.member ?? {};
  // The name that the order was recorded under names its member for good, also after closing.
  const member = id ?? (externalId != null && externalId === memberExternalId ? is.memberId : externalId);
  const differences = differencesOfOrder({ ...is, member: is.memberId }, { ...sent, member: member ?? null });
  if (differences.length > 0)
    return refused(sent, OrderDiffers({ orderId: is.id, fields: fieldsOf(differences) }), differences);
  const moments = together(is, sent);
  if (faultOfMoments(moments)) {
    const states = { state: is.state, sentState: stateOf(sent) };
    return refused(sent, OrderStateConflict({ orderId: is.id, ...states }));
  }
  if (laterMoments.every((field) => moments[field] === is[field])) return accepted(sent, "UNCHANGED", is.id);
  const state = stateOf(moments, refundedIn(is.state));
  entry.is = { ...is, ...moments, state, updatedAt: now };
  return accepted(sent, "ADVANCED", is.id);
}

function newRow(
  { member: _, lines, couponCodes, ...order }: SentOrder,
  ids: Pick<OrderRow, "brandId" | "id" | "memberId">,
  now: number,
): OrderRow {
  return {
    ...order,
    ...ids,
    lines: [...lines],
    couponCodes: [...couponCodes],
    state: stateOf(order),
    refundedMinor: 0,
    createdAt: now,
    updatedAt: now,
  };
}
