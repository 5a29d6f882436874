import { type GraphQLField, type GraphQLObjectType, type GraphQLSchema, isObjectType } from "graphql";
import type { Scope } from "../access/scopes.ts";

interface Declared {
  extensions: { pothosOptions?: { authScopes?: { anyOf?: readonly Scope[] } } };
}

const declaredBy = (declared: unknown): readonly Scope[] | undefined =>
  (declared as Declared).extensions.pothosOptions?.authScopes?.anyOf;

/** The scopes of which a field asks for one: its own, or its type's; undefined for what is public. */
export const neededScopes = (
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
): readonly Scope[] | undefined => declaredBy(field) ?? declaredBy(type);

/** `coupons:issue` · `members:read or member:self` */
export const inWords = (scopes: readonly Scope[]): string =>
  [scopes.slice(0, -1).join(", "), scopes.at(-1)].filter(Boolean).join(" or ");

/** Says in each description which scopes are needed, for whoever has only the SDL. */
export function describeNeededScopes(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const declared of [type, ...Object.values(type.getFields())]) {
      const scopes = declaredBy(declared);
      if (scopes) declared.description = `${declared.description ?? ""}\n\nNeeds: ${inWords(scopes)}.`.trim();
    }
  }
  return schema;
}
