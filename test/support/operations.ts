import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedOutputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from "graphql";
import { schema } from "../../src/graphql/schema.ts";

/** What stands for an argument or input field of this name. */
export type Values = Record<string, unknown>;

export interface GeneratedOperation {
  kind: "query" | "mutation";
  field: string;
  query: string;
  variables: Record<string, unknown>;
}

/**
 * One operation for each root field of the schema: its arguments filled by name from `values`, or with
 * something plausible of their type, and everything selected that can be, some levels deep.
 */
export function everyRootField(values: Values): GeneratedOperation[] {
  const roots = [
    ["query", schema.getQueryType()],
    ["mutation", schema.getMutationType()],
  ] as const;
  return roots.flatMap(([kind, type]) =>
    Object.values(type?.getFields() ?? {}).map((field) => operationFor(kind, field, values)),
  );
}

function operationFor(
  kind: "query" | "mutation",
  field: GraphQLField<unknown, unknown>,
  values: Values,
): GeneratedOperation {
  // Pages of one, so that a deep selection stays within what an operation may cost.
  const needed = field.args.filter(({ name, type }) => isNonNullType(type) || name === "first");
  const given = { ...values, first: 1 };
  const variables = Object.fromEntries(needed.map(({ name, type }) => [name, valueFor(name, type, given)]));
  const declared = needed.map(({ name, type }) => `$${name}: ${type}`).join(", ");
  const passed = needed.map(({ name }) => `${name}: $${name}`).join(", ");
  const head = declared ? `${kind} (${declared})` : kind;
  const selection = selectionFor(getNamedType(field.type), 3);
  return {
    kind,
    field: field.name,
    query: `${head} { ${field.name}${passed ? `(${passed})` : ""} ${selection} }`,
    variables,
  };
}

function valueFor(name: string, type: GraphQLInputType, values: Values): unknown {
  if (name in values) return values[name];
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [valueFor(name, nullable.ofType, values)];
  if (isEnumType(nullable)) return nullable.getValues()[0]?.name;
  if (isInputObjectType(nullable)) {
    const fields = Object.values(nullable.getFields());
    if (nullable.isOneOf) {
      const [first] = fields;
      return first ? { [first.name]: valueFor(first.name, first.type, values) } : {};
    }
    const chosen = fields.filter((field) => isNonNullType(field.type) || field.name in values);
    return Object.fromEntries(chosen.map((field) => [field.name, valueFor(field.name, field.type, values)]));
  }
  const plausible: Record<string, unknown> = {
    ...{ ID: "brd_none", String: "text", Int: 1, SafeInt: 1, Boolean: true },
    ...{ DateTime: new Date(Date.now() + 86_400_000).toISOString(), Date: "1990-02-28" },
  };
  return plausible[String(nullable)];
}

/** Everything of a type that needs no arguments, so many levels deep; of what is public, once. */
function selectionFor(type: GraphQLNamedOutputType, depth: number, seen = new Set<string>()): string {
  if (isUnionType(type)) {
    const members = type
      .getTypes()
      .map((member) => `... on ${member.name} ${selectionFor(member, depth, seen)}`);
    return `{ __typename ${members.join(" ")} }`;
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return "";
  if (isPublic(type) && depth < 3) {
    if (seen.has(type.name)) return "{ __typename }";
    seen.add(type.name);
  }
  const fields = Object.values(type.getFields()).flatMap((field) => {
    // What is in a page's edges is in its nodes as well.
    if (field.name === "edges" && "nodes" in type.getFields()) return [];
    if (field.args.some(({ type: argument }) => isNonNullType(argument))) return [];
    const named = getNamedType(field.type);
    const isLeaf = !isObjectType(named) && !isInterfaceType(named) && !isUnionType(named);
    if (isLeaf) return [field.name];
    const page = field.args.some((argument) => argument.name === "first") ? "(first: 1)" : "";
    return depth > 1 ? [`${field.name}${page} ${selectionFor(named, depth - 1, seen)}`] : [];
  });
  return `{ __typename ${fields.join(" ")} }`;
}

const isPublic = ({ extensions }: GraphQLNamedOutputType): boolean =>
  (extensions.pothosOptions as { authScopes?: { public?: boolean } } | undefined)?.authScopes?.public ===
  true;
