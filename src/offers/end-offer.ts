import type { Context } from "../context.ts";
import type { Read } from "../database/commit.ts";
import { changeState } from "./offer-state.ts";

/** Ends an offer: no more coupons of it are given out; those that are out stay valid. */
export const endOffer = <Row>(
  context: Context,
  input: { offerId: string },
  read: Read<{ offerId: string }, Row>,
) => changeState(context, "endOffer", input, read);
