import type { ActorKind, Scope } from "./scopes.ts";

/** Who is calling, as their token says. */
export interface Actor {
  kind: ActorKind;
  brandId: string;
  clientId: string;
  scopes: ReadonlySet<Scope>;
  /** A member token's member. */
  memberId?: string | undefined;
  /** A partner token's alliance … */
  allianceId?: string | undefined;
  /** … and, if it is bound to some, its joint campaigns. */
  jointCampaignIds?: readonly string[] | undefined;
}

/** The name under which a caller's writes are recorded and its idempotency keys are kept apart. */
export const callerOf = (actor: Actor): string => actor.memberId ?? actor.clientId;
