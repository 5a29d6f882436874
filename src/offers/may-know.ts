import type { OfferState } from "../../schema/tables/offers.ts";
import { programReaders } from "../access/scopes.ts";
import { type Context, hasScope } from "../context.ts";

/** Whether a caller reads what a brand plans and prepares; members do not find it out before. */
export const mayReadPlans = (context: Pick<Context, "actor">): boolean =>
  programReaders.anyOf.some((scope) => hasScope(context, scope));

/** Whether a caller may know that there is an offer: to who may not, a draft is as good as none. */
export const mayKnow = (context: Pick<Context, "actor">, { state }: { state: OfferState }): boolean =>
  state !== "DRAFT" || mayReadPlans(context);
