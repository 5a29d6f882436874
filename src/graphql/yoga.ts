import { GraphQLError, NoSchemaIntrospectionCustomRule, parse } from "graphql";
import { createYoga, type Plugin } from "graphql-yoga";
import type { Context } from "../context.ts";
import { DOCUMENT_LIMITS, refuseCostlyDocument } from "./document-limits.ts";
import { maskError } from "./errors.ts";
import { schema } from "./schema.ts";

/** What the route hands over with a request. */
export interface RequestContext extends Record<string, unknown> {
  development: boolean;
  /** Makes the context once the body has been read; may refuse the caller. */
  open: () => Promise<Context>;
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

/** The GraphQL server, one for each isolate so that its parse and validation caches help. */
export const yoga = createYoga<RequestContext>({
  schema,
  context: ({ open }) => open(),
  graphiql: (_request, context) =>
    (context as unknown as RequestContext | undefined)?.development ? { title: "Tessera" } : false,
  maskedErrors: { maskError },
  plugins: [limits],
  landingPage: false,
  multipart: false,
  batching: false,
  cors: false,
  logging: false,
  maxRequestBodySize: 256_000,
});
