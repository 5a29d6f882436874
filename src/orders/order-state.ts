import type { OrderState } from "../../schema/tables/orders.ts";

/** When what happened to an order, milliseconds since 1970; null is not, or not known. */
export interface Moments {
  placedAt: number;
  paidAt: number | null;
  completedAt: number | null;
  cancelledAt: number | null;
}

export const laterMoments = ["paidAt", "completedAt", "cancelledAt"] as const;

export interface MomentFault {
  field: (typeof laterMoments)[number];
  reason: string;
}

/** What both tell of an order: a moment that one leaves out is the other's, so that none is ever lost. */
export function together(recorded: Moments, sent: Moments): Moments {
  return {
    placedAt: recorded.placedAt,
    paidAt: recorded.paidAt ?? sent.paidAt,
    completedAt: recorded.completedAt ?? sent.completedAt,
    cancelledAt: recorded.cancelledAt ?? sent.cancelledAt,
  };
}

/** Why moments cannot be those of one order. */
export function faultOfMoments({
  placedAt,
  paidAt,
  completedAt,
  cancelledAt,
}: Moments): MomentFault | undefined {
  if (paidAt !== null && paidAt < placedAt) return { field: "paidAt", reason: "must not be before placedAt" };
  if (completedAt !== null) {
    if (paidAt === null) return { field: "paidAt", reason: "must be given with completedAt" };
    if (completedAt < paidAt) return { field: "completedAt", reason: "must not be before paidAt" };
    if (cancelledAt !== null) return { field: "cancelledAt", reason: "must not be given with completedAt" };
  }
  if (cancelledAt !== null && cancelledAt < (paidAt ?? placedAt))
    return { field: "cancelledAt", reason: "must not be before the moments that precede it" };
  return undefined;
}

/**
 * The state that follows from an order's moments and refunds. With more moments it only goes on: placed,
 * paid, completed, (partly) refunded; a cancelled order stays cancelled, also when its money goes back.
 */
export function stateOf(
  { paidAt, completedAt, cancelledAt }: Moments,
  refunded: "PARTLY_REFUNDED" | "REFUNDED" | null = null,
): OrderState {
  if (cancelledAt !== null) return "CANCELLED";
  if (refunded) return refunded;
  if (completedAt !== null) return "COMPLETED";
  return paidAt === null ? "PLACED" : "PAID";
}

/** What a state says of refunds; a cancelled order's says nothing. */
export const refundedIn = (state: OrderState): "PARTLY_REFUNDED" | "REFUNDED" | null =>
  state === "PARTLY_REFUNDED" || state === "REFUNDED" ? state : null;
