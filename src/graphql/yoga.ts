import { GraphQLError, NoSchemaIntrospectionCustomRule, parse } from "graphql";
import { createYoga, type Plugin } from "graphql-yoga";
import type { ShownPrograms } from "../brands/kept-programs.ts";
import type { Context } from "../context.ts";
import type { Database } from "../database/client.ts";
import { DocumentCache } from "./document-cache.ts";
import { DOCUMENT_LIMITS, refuseCostlyDocument } from "./document-limits.ts";
import { maskError } from "./errors.ts";
import { noteShownPrograms } from "./note-shown-programs.ts";
import { schema } from "./schema.ts";

/** What the route hands over with a request. */
export interface RequestContext extends Record<string, unknown> {
  development: boolean;
  /** The moment of the request. */
  now: number;
  /** The request's own client. */
  database: () => Database;
  /** Makes the context once the body has been read; may refuse the caller. */
  open: () => Promise<Context>;
  /** Told of which programs alone an answer was made, as it can be given again; undefined where none may be kept. */
  keep?: ((programs: ShownPrograms) => void) | undefined;
}

const limits: Plugin<object, RequestContext> = {
  onParse({ params, setParseFn }) {
    const { source } = params;
    const text = typeof source === "string" ? source : source.body;
    // Comments are no tokens, so the bytes are bounded as well.
    if (text.length > DOCUMENT_LIMITS.bytes) {
      throw new GraphQLError(
        `A document may have ${DOCUMENT_LIMITS.bytes} characters; this has ${text.length}.`,
        {
          extensions: { code: "BAD_USER_INPUT", http: { status: 413 } },
        },
      );
    }
    setParseFn((body) => {
      const document = parse(body, { maxTokens: DOCUMENT_LIMITS.tokens });
      refuseCostlyDocument(document);
      return document;
    });
  },
  onValidate({ addValidationRule, context }) {
    if (!(context as unknown as RequestContext).development)
      addValidationRule(NoSchemaIntrospectionCustomRule);
  },
};

const acceptable: Partial<Record<number, string>> = {
  406: "The answer is to be had as application/graphql-response+json or application/json.",
  415: "Send the operation as application/json.",
};

/** What is no operation at all is answered in the form that operations are. */
const transport: Plugin<object, RequestContext> = {
  onRequestParse({ requestParser, setRequestParser }) {
    if (!requestParser) return;
    setRequestParser(async (request) => {
      try {
        return await requestParser(request);
      } catch (error) {
        const isOfJson = error instanceof GraphQLError && "originalError" in error.extensions;
        if (!isOfJson && !(error instanceof SyntaxError)) throw error;
        throw new GraphQLError("The body, or variables or extensions in it, is invalid JSON.", {
          extensions: { code: "BAD_USER_INPUT", http: { status: 400 } },
        });
      }
    });
  },
  onResponse({ response, setResponse }) {
    const message = acceptable[response.status];
    if (message === undefined || response.body !== null) return;
    const errors = [{ message, extensions: { code: "BAD_USER_INPUT" } }];
    setResponse(Response.json({ errors }, { status: response.status }));
  },
};

/** The GraphQL server, one for each isolate so that its parse and validation caches help. */
export const yoga = createYoga<RequestContext>({
  schema,
  context: ({ open }) => open(),
  graphiql: (_request, context) =>
    (context as unknown as RequestContext | undefined)?.development ? { title: "Tessera" } : false,
  maskedErrors: { maskError },
  plugins: [limits, transport, noteShownPrograms],
  landingPage: false,
  multipart: false,
  batching: false,
  cors: false,
  logging: false,
  // What is wrong is parsed anew: it is the callers' own, and of no use to anyone else.
  parserAndValidationCache: {
    documentCache: new DocumentCache(),
    errorCache: { get: () => undefined, set: () => undefined },
  },
  // The route bounds what it reads.
  maxRequestBodySize: false,
});
