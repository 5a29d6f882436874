import { GraphQLError } from "graphql";
import { describeError, failureOf } from "../database/failures.ts";
import { CallerError, type ErrorCode } from "../errors.ts";

const HTTP_STATUS: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  OVERLOADED: 503,
  UNAVAILABLE: 503,
};

/** Codes of Yoga's own, and what we call them. */
const CODE_OF: Record<string, ErrorCode> = { OPERATION_RESOLUTION_FAILURE: "BAD_USER_INPUT" };

const RETRY = { "retry-after": "1" };

/**
 * What a caller is told of an error: its own words where it was meant for callers, where the fault lies
 * if the database did not answer, and otherwise only the id under which it was logged.
 */
export function maskError(error: unknown): GraphQLError {
  const original = error instanceof GraphQLError ? (error.originalError ?? faultOf(error)) : error;
  const place = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {};
  if (original instanceof CallerError) {
    return answer(original.message, original.code, place);
  }
  if (original instanceof GraphQLError) {
    // The outermost says which variable it was, and with which status it is answered.
    const { message, source, positions, extensions } = error as GraphQLError;
    const { code = "BAD_USER_INPUT" } = extensions as { code?: string };
    return new GraphQLError(message, {
      ...{ ...place, source, positions },
      extensions: { ...extensions, code: CODE_OF[code] ?? code },
    });
  }
  const failure = failureOf(original);
  const id = crypto.randomUUID();
  console.error(JSON.stringify({ level: "error", id, failure, ...describeError(original) }));
  if (failure === "excessive") {
    return answer(
      "The operation asks for too much at once. Ask for less, or for smaller pages.",
      "BAD_USER_INPUT",
      place,
    );
  }
  if (failure === "busy") {
    return answer(
      "The database is busy; nothing was changed. Send it again in a moment.",
      "OVERLOADED",
      place,
    );
  }
  if (failure === "unknown") {
    return answer(
      "The database did not answer in time. Send it again, with the same idempotency key where there is one.",
      "UNAVAILABLE",
      place,
    );
  }
  return new GraphQLError(`Something went wrong on our side. Tell us this id: ${id}`, {
    ...place,
    extensions: { code: "INTERNAL", id },
  });
}

/** What the executor finds wrong with an answer of ours is no fault of the caller's. */
const faultOf = (error: GraphQLError): Error =>
  /^(Runtime Object type|Abstract type|Cannot return null|Expected Iterable)/.test(error.message)
    ? new TypeError(error.message)
    : error;

function answer(message: string, code: ErrorCode, place: object): GraphQLError {
  const status = HTTP_STATUS[code];
  return new GraphQLError(message, {
    ...place,
    extensions: { code, ...(status ? { http: { status, headers: status === 503 ? RETRY : {} } } : {}) },
  });
}
