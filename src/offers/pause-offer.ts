import type { Context } from "../context.ts";
import type { Read } from "../database/commit.ts";
import { changeState } from "./offer-state.ts";

/** Pauses an offer: no coupons are given out, and those that are out cannot be used meanwhile. */
export const pauseOffer = <Row>(
  context: Context,
  input: { offerId: string },
  read: Read<{ offerId: string }, Row>,
) => changeState(context, "pauseOffer", input, read);
