import type { Context } from "../context.ts";
import type { Read } from "../database/commit.ts";
import { changeState } from "./offer-state.ts";

/** Lets an offer apply: coupons of it are given out and can be used, from a draft or after a pause. */
export const activateOffer = <Row>(
  context: Context,
  input: { offerId: string },
  read: Read<{ offerId: string }, Row>,
) => changeState(context, "activateOffer", input, read);
