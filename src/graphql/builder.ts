import SchemaBuilder from "@pothos/core";
import ComplexityPlugin, { ComplexityErrorKind } from "@pothos/plugin-complexity";
import RelayPlugin from "@pothos/plugin-relay";
import ScopeAuthPlugin from "@pothos/plugin-scope-auth";
import ValidationPlugin from "@pothos/plugin-validation";
import { getTableConfig } from "drizzle-orm/sqlite-core";
import * as z from "zod/mini";
import { relations } from "../../schema/relations.ts";
import type { Scope } from "../access/scopes.ts";
import type { Context } from "../context.ts";
import { CallerError } from "../errors.ts";
import { typeOfId } from "../ids.ts";
import { costOf, DEFAULT_PAGE, LARGEST_PAGE, LIMITS } from "./costs.ts";
import DrizzlePlugin from "./drizzle-plugin.ts";
import { inWords, neededScopes } from "./needed-scopes.ts";
import { readNode } from "./nodes.ts";
import "../words-of-zod.ts";

export interface SchemaTypes {
  Context: Context;
  DrizzleRelations: typeof relations;
  DefaultFieldNullability: false;
  DefaultInputFieldRequiredness: false;
  AuthScopes: {
    /** Everyone, also without a token. */
    public: boolean;
    /** A token with at least one of these scopes. */
    anyOf: readonly Scope[];
  };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: number; Output: number };
    SafeInt: { Input: number; Output: number };
    Date: { Input: string; Output: string };
  };
}

/**
 * A cursor as we make them, of ids and numbers, two at least: each list is ordered by as many, so that a cursor of
 * another is never a value of another kind. What else Pothos could read in one is not for callers to send.
 */
const cursor = z.base64({ abort: true }).check(
  z.maxLength(500),
  z.refine(
    (text) => /^DC:T:\["(S:\w+|N:\d+)"(,"(S:\w+|N:\d+)")+\]$/.test(atob(text)),
    "must be a cursor that a page has shown",
  ),
);

export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [ScopeAuthPlugin, RelayPlugin, DrizzlePlugin, ComplexityPlugin, ValidationPlugin],
  defaultFieldNullability: false,
  scopeAuth: {
    authScopes: ({ actor }) => ({
      public: true,
      anyOf: (scopes) => scopes.some((scope) => actor?.scopes.has(scope)),
    }),
    unauthorizedError: (_parent, { actor }, { parentType, fieldName }) => {
      if (!actor) return new CallerError("UNAUTHENTICATED", "This needs an access token from /oauth/token.");
      const field = parentType.getFields()[fieldName];
      const needed = field && neededScopes(parentType, field);
      return new CallerError(
        "FORBIDDEN",
        `This token may not use ${parentType.name}.${fieldName}: it needs ${needed ? inWords(needed) : "more"}.`,
      );
    },
  },
  relay: {
    // The id is the row's own, the same everywhere; its prefix tells the type.
    encodeGlobalID: (_typename, id) => String(id),
    decodeGlobalID: (id) => ({ typename: typeOfId(id) ?? "Unknown", id }),
    nodeQueryOptions: {
      description:
        "Whatever is a Node, as far as the caller may see it; null for what is not there, and for what is another's.",
      authScopes: { public: true },
      args: { id: { description: "Its id, whatever its type: `mbr_…`, `cpn_…`." } },
      resolve: (_root, { id }, context, info) => readNode(context, id.id, info),
    },
    nodesQueryOptions: false,
    nodesOnConnection: { description: "The page's entries alone." },
    nodeTypeOptions: { description: "Something with an id that is unique everywhere." },
    idFieldOptions: { description: "The same wherever it is shown; its prefix tells what it is of." },
    pageInfoTypeOptions: { description: "Where a page lies in its list." },
    hasNextPageFieldOptions: { description: "Whether there is more after it." },
    hasPreviousPageFieldOptions: { description: "Whether there is more before it." },
    startCursorFieldOptions: { description: "Of its first entry: what `before` takes." },
    endCursorFieldOptions: { description: "Of its last entry: what `after` takes." },
    defaultConnectionTypeOptions: { description: "A page of a list." },
    edgesFieldOptions: { description: "The page's entries, each with its place in the list." },
    pageInfoFieldOptions: { description: "Where the page lies in the list." },
    defaultEdgeTypeOptions: { description: "An entry of a list." },
    nodeFieldOptions: { description: "The entry." },
    cursorFieldOptions: { description: "Its place: what `after` and `before` take." },
    firstArgOptions: {
      description: `How many from the start, ${DEFAULT_PAGE} by default; a page never has more than ${LARGEST_PAGE}.`,
    },
    lastArgOptions: { description: `How many from the end; a page never has more than ${LARGEST_PAGE}.` },
    afterArgOptions: { description: "Only what comes after this cursor.", validate: cursor },
    beforeArgOptions: { description: "Only what comes before this cursor.", validate: cursor },
  },
  drizzle: {
    client: ({ database }) => database,
    getTableConfig,
    relations,
    maxConnectionSize: LARGEST_PAGE,
    defaultConnectionSize: DEFAULT_PAGE,
  },
  complexity: {
    limit: LIMITS,
    fieldComplexity: costOf,
    complexityError: (kind, { depth, breadth, complexity }) => {
      const found = {
        [ComplexityErrorKind.Depth]: `is ${depth} levels deep; at most ${LIMITS.depth} are allowed`,
        [ComplexityErrorKind.Breadth]: `asks for ${breadth} fields; at most ${LIMITS.breadth} are allowed`,
        [ComplexityErrorKind.Complexity]: `may cost ${complexity}; at most ${LIMITS.complexity} is allowed. Ask for smaller pages`,
      }[kind];
      return new CallerError("BAD_USER_INPUT", `The operation ${found}.`);
    },
  },
});

/** The builder's types with their defaults, for declarations that are generic over fields. */
export type ExtendedTypes =
  typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Types> ? Types : never;

/** Names a list's frames after what is in it: `MemberConnection`, `MemberEdge`. */
export const pageOf = (typeName: string) =>
  [{ name: `${typeName}Connection` }, { name: `${typeName}Edge` }] as const;

builder.queryType({
  description: "What callers can read. Each operation makes one request to the database at most.",
});
builder.mutationType({
  description:
    "What callers can change. Each takes one input and answers a union of its payload and the refusals to expect.",
});
