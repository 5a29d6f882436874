import type { ExecutionResult } from "graphql";
import { type GraphQLParams, processRegularResult } from "graphql-yoga";
import { keepProgramAnswer, keptProgramAnswer, type ShownPrograms } from "../brands/kept-programs.ts";
import { programVersions } from "../brands/program-version.ts";
import { type RequestContext, yoga } from "./yoga.ts";

/** Of a request's body, in bytes. */
export const LARGEST_BODY = 256_000;

/** What an ordinary request accepts, and as what it is answered. */
const ACCEPTED: Partial<Record<string, "application/json" | "application/graphql-response+json">> = {
  "*/*": "application/json",
  "application/json": "application/json",
  "application/graphql-response+json": "application/graphql-response+json",
  "application/graphql-response+json, application/json": "application/graphql-response+json",
  "application/graphql-response+json,application/json": "application/graphql-response+json",
};

/**
 * Answers a GraphQL request. An ordinary one, JSON by POST, is answered by Yoga's engine with every plugin;
 * Yoga's HTTP layer costs as much again, and is there for all others: GET, GraphiQL, and what is malformed.
 *
 * @param text the request's body, which has been read.
 */
export async function answerRequest(
  request: Request,
  text: string,
  context: RequestContext,
): Promise<Response> {
  if (request.method !== "POST" || request.body === null) return yoga.handle(request, context);
  const { headers } = request;
  const accepted = ACCEPTED[headers.get("accept") ?? "*/*"];
  const asked = headers.has("authorization")
    ? undefined
    : `${accepted}\n${headers.get("content-type")}\n${headers.get("accept-language")}\n${text}`;
  const readVersions = (slugs: readonly string[]) => programVersions(context.database(), slugs);
  // Where the database does not answer, the engine is told as well, and says so in the form of every answer.
  const kept = asked && (await keptProgramAnswer(asked, context.now, readVersions).catch(() => undefined));
  if (kept && accepted) return answerWith(kept, accepted);

  const params = accepted && isJson(request) ? ordinaryParams(text) : undefined;
  if (!accepted || !params)
    return yoga.handle(
      new Request(request.url, { method: "POST", headers: asYogaReads(headers), body: text }),
      context,
    );

  let shown: ShownPrograms | undefined;
  const keep = asked && ((programs: ShownPrograms) => (shown = programs));
  const result = await yoga.getResultForParams({ params, request }, { ...context, keep } as never);
  // There are no subscriptions, so there is one result.
  const { errors, extensions } = result as ExecutionResult;
  if (errors || extensions) return processRegularResult(result as ExecutionResult, yoga.fetchAPI, accepted);
  const body = JSON.stringify(result);
  if (asked && shown) keepProgramAnswer(asked, body, shown, context.now);
  return answerWith(body, accepted);
}

const answerWith = (body: string, type: string): Response =>
  new Response(body, { headers: { "content-type": `${type}; charset=utf-8` } });

const isJson = ({ headers }: Request): boolean =>
  /^application\/json(; ?charset=utf-8)?$/i.test(headers.get("content-type") ?? "");

/** Yoga tells a media type by its letters; their case, and blanks before its parameters, say nothing. */
function asYogaReads(sent: Headers): Headers {
  const headers = new Headers(sent);
  headers.set("content-type", (sent.get("content-type") ?? "").toLowerCase().replace(/\s+;/, ";"));
  return headers;
}

/** The parameters, if there is nothing about them that needs a word; undefined otherwise. */
function ordinaryParams(text: string): GraphQLParams | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(body)) return undefined;
  const { query, variables, operationName, ...others } = body;
  const isOrdinary =
    typeof query === "string" &&
    (variables == null || isObject(variables)) &&
    (operationName == null || typeof operationName === "string") &&
    Object.keys(others).length === 0;
  return isOrdinary ? ({ query, variables, operationName } as GraphQLParams) : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The answer to a body that is larger. */
export function tooLarge(): Response {
  const message = `Request body too large: at most ${LARGEST_BODY.toLocaleString("en")} bytes are read.`;
  const errors = [{ message, extensions: { code: "BAD_USER_INPUT" } }];
  return Response.json({ errors }, { status: 413 });
}
