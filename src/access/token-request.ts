import type { clients } from "../../schema/tables/clients.ts";
import type { Database } from "../database/client.ts";
import type { Environment } from "../environment.ts";
import { OAuthError } from "./oauth-error.ts";

/** A request to the token endpoint, with all that answering it takes. */
export interface TokenRequest {
  environment: Environment;
  database: Database;
  /** Milliseconds since 1970. */
  now: number;
  form: ReadonlyMap<string, string>;
  /** The `Authorization` header. */
  authorization: string | undefined;
}

/** A client as it is stored. */
export type ClientRow = typeof clients.$inferSelect;

/**
 * The parameters of a form (RFC 6749 §3.2): each once; one without a value counts as left out.
 *
 * @throws OAuthError invalid_request
 */
export function readForm(contentType: string | undefined, body: ArrayBuffer): ReadonlyMap<string, string> {
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType ?? "")) {
    throw new OAuthError("invalid_request", "The body must be application/x-www-form-urlencoded.");
  }
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(new TextDecoder().decode(body))) {
    if (form.has(name)) throw new OAuthError("invalid_request", "A parameter is given more than once.");
    form.set(name, value);
  }
  return new Map([...form].filter(([, value]) => value !== ""));
}

/** A path of ours as the world sees it, by the issuer's address. */
export const addressOf = (issuer: string, path: string): string => `${issuer.replace(/\/+$/, "")}${path}`;
