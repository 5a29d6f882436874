import type { Actor } from "./access/actor.ts";
import type { Scope } from "./access/scopes.ts";
import type { ShownProgram } from "./brands/kept-programs.ts";
import type { Database } from "./database/client.ts";
import type { Environment } from "./environment.ts";
import { CallerError } from "./errors.ts";
import { type IdType, newId } from "./ids.ts";

/** What every operation is given. */
export interface Context {
  environment: Environment;
  database: Database;
  /** Undefined for a caller without a token. */
  actor: Actor | undefined;
  /** The moment of the request, milliseconds since 1970; one for all that it decides. */
  now: number;
  /** When the answer must be there. */
  deadline: number;
  /** The languages that the caller asked for, best first. */
  locales: readonly string[];
  newId: (type: IdType) => string;
  /** Takes down which programs are shown, where their versions may let the answer be kept. */
  shownPrograms?: Map<string, ShownProgram | undefined>;
}

/** Makes a context; `newId` stamps ids with the request's moment. */
export function createContext(parts: Omit<Context, "newId">): Context {
  return { ...parts, newId: (type) => newId(type, parts.now) };
}

/**
 * The actor of a request that must have one.
 *
 * @throws CallerError UNAUTHENTICATED
 */
export function actorOf({ actor }: Pick<Context, "actor">): Actor {
  if (!actor) throw new CallerError("UNAUTHENTICATED", "This needs an access token from /oauth/token.");
  return actor;
}

/** Whether the caller's token carries a scope. */
export const hasScope = ({ actor }: Pick<Context, "actor">, scope: Scope): boolean =>
  actor?.scopes.has(scope) ?? false;

/** Whether the caller may act for a member: a member token only for its own. */
export const mayActFor = (context: Pick<Context, "actor">, memberId: string): boolean => {
  const { memberId: own } = actorOf(context);
  return own === undefined || own === memberId;
};
