import {
  buildSchema,
  type GraphQLNamedType,
  GraphQLObjectType,
  GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  validateSchema,
} from "graphql";
import { expect, test } from "vitest";
import { schema } from "../../src/graphql/schema.ts";

test("the schema, which the Worker takes for valid, is valid", () => {
  const faulty = new GraphQLSchema({ types: [new GraphQLObjectType({ name: "Empty", fields: {} })] });
  const [faults, found] = [schema, faulty].map((each) =>
    validateSchema(new GraphQLSchema({ ...each.toConfig(), assumeValid: false })),
  );
  expect(faults).toEqual([]);
  expect(found).not.toEqual([]);
});

test("every field declares who may read it, itself or by its type", () => {
  expect(fieldsWithoutAccess(schema)).toEqual([]);
});

test("a field that declares nothing is found", () => {
  const open = buildSchema("type Query { members: [Member] } type Member { phone: String }");
  expect(fieldsWithoutAccess(open)).toEqual(["Query.members", "Member.phone"]);
});

test("everything that callers can see is described", () => {
  expect(placesUndescribed(schema)).toEqual([]);
});

test("a field, an argument, an input and a value that say nothing are found", () => {
  const silent = buildSchema(`
    "What can be read." type Query { member(filter: Filter): State }
    "What to look for." input Filter { name: String }
    "What became of it." enum State { ACTIVE }
  `);
  expect(placesUndescribed(silent)).toEqual([
    "Query.member",
    "Query.member(filter:)",
    "Filter.name",
    "State.ACTIVE",
  ]);
});

/**
 * Relay's frames and the refusals' interface decide nothing themselves: a connection is reached through
 * a field, and holds entries of a type, that both declare their access; so does each kind of refusal.
 */
const frames = /^(PageInfo|Node|Refusal)$|(Connection|Edge)$/;

const typesOf = (of: GraphQLSchema): GraphQLNamedType[] =>
  Object.values(of.getTypeMap()).filter(
    (type) => !type.name.startsWith("__") && !isSpecifiedScalarType(type),
  );

function fieldsWithoutAccess(of: GraphQLSchema): string[] {
  return typesOf(of)
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .filter((type) => !frames.test(type.name) && !declaresAccess(type))
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => !declaresAccess(field))
        .map((field) => `${type.name}.${field.name}`),
    );
}

function declaresAccess({ extensions }: { extensions: Readonly<Record<string, unknown>> }): boolean {
  return (extensions.pothosOptions as { authScopes?: unknown } | undefined)?.authScopes !== undefined;
}

function placesUndescribed(of: GraphQLSchema): string[] {
  return typesOf(of)
    .flatMap(placesOf)
    .filter(({ description }) => !description?.trim())
    .map(({ place }) => place);
}

interface Place {
  place: string;
  description?: string | null | undefined;
}

/** A type and all that it holds, each with what it says of itself. */
function placesOf(type: GraphQLNamedType): Place[] {
  const self = { place: type.name, description: type.description };
  const held = (members: readonly { name: string; description?: string | null | undefined }[]): Place[] =>
    members.map(({ name, description }) => ({ place: `${type.name}.${name}`, description }));
  if (isEnumType(type)) return [self, ...held(type.getValues())];
  if (isInputObjectType(type)) return [self, ...held(Object.values(type.getFields()))];
  if (!isObjectType(type) && !isInterfaceType(type)) return [self];
  const fields = Object.values(type.getFields());
  const args = fields.flatMap((field) =>
    field.args.map(({ name, description }) => ({
      place: `${type.name}.${field.name}(${name}:)`,
      description,
    })),
  );
  return [self, ...held(fields), ...args];
}
