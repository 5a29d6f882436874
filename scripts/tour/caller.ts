import type { ClientKind } from "../../schema/tables/clients.ts";
import type { BrandKey } from "../demo/content.ts";
import { clientIdOf, secretOf } from "../demo/demo.ts";

/** What came back for an operation. */
export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: an answer's shape is what the tour checks.
  data: any;
  errors?: { message: string; extensions: { code: string } }[];
  /** How many requests to the database it took. */
  databaseRequests: number;
}

/** Sends an operation; its texts come in `locale`. */
export type Caller = (query: string, variables?: Record<string, unknown>, locale?: string) => Promise<Answer>;

export interface TokenAnswer {
  access_token: string;
  token_type: string;
  expires_in: number;
  scope: string;
}

/** The client of a demo brand, by its known secret. */
export interface Client {
  id: string;
  secret: string;
}

export const clientOf = (brand: BrandKey, kind: ClientKind): Client => {
  const id = clientIdOf(brand, kind);
  return { id, secret: secretOf(id) };
};

/** A caller with this token, or without one. */
export function callerWith(url: string, token?: string): Caller {
  return async (query, variables = {}, locale = "en") => {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "accept-language": locale,
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as Omit<Answer, "status" | "databaseRequests">;
    const [, counted] = /(\d+) requests/.exec(response.headers.get("server-timing") ?? "") ?? [];
    return { ...body, status: response.status, databaseRequests: Number(counted) };
  };
}

/**
 * A token for a client, or with `subject` for the member that it names by an id.
 *
 * @throws Error with what the token endpoint says.
 */
export async function requestToken(
  url: string,
  { id, secret }: Client,
  subject?: { type: "member-id" | "external-id"; value: string },
): Promise<TokenAnswer> {
  const form: Record<string, string> = subject
    ? {
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token: subject.value,
        subject_token_type: `urn:tessera:token-type:${subject.type}`,
      }
    : { grant_type: "client_credentials" };
  const response = await fetch(`${url}/oauth/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
    body: new URLSearchParams(form),
  });
  const body = (await response.json()) as TokenAnswer & { error?: string; error_description?: string };
  if (body.error) throw new Error(`/oauth/token: ${body.error}. ${body.error_description}`);
  return body;
}

/** A caller with the token of a demo brand's client. */
export async function callerOf(url: string, brand: BrandKey, kind: ClientKind): Promise<Caller> {
  const { access_token } = await requestToken(url, clientOf(brand, kind));
  return callerWith(url, access_token);
}

/**
 * What a mutation answered: its payload, or a refusal with its `code`.
 *
 * @throws Error for an answer with errors, which no step of the tour expects here.
 */
// biome-ignore lint/suspicious/noExplicitAny: as above.
export function outcomeOf({ data, errors }: Answer): any {
  if (errors || !data) throw new Error(`Errors where none are expected: ${JSON.stringify(errors)}`);
  return Object.values(data)[0];
}
