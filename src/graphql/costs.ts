import {
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";

/** Of a page, in rows: a list costs as many times what it asks for as it may have of them. */
export const DEFAULT_PAGE = 20;
export const LARGEST_PAGE = 100;
/** What a list without pages may hold: tiers, benefits, partners. */
const SHORT_LIST = 10;
/** What a list costs that mostly holds next to nothing, whatever it may. */
export const FEW = { field: 1, multiplier: 3 } as const;
/** What an operation may come to. */
export const LIMITS = { depth: 16, breadth: 560, complexity: 6_000 };

type Field = Pick<GraphQLField<unknown, unknown>, "type" | "name">;

const isConnection = ({ type }: Field) => getNamedType(type).name.endsWith("Connection");

/** What a field costs: itself, and so many times what is asked of each of its rows. */
export function costOf(args: Record<string, unknown>, _context: unknown, field: Field) {
  if (isConnection(field))
    return { field: 1, multiplier: Math.max(1, Number(args.first ?? args.last ?? DEFAULT_PAGE)) };
  const { type, name } = field;
  const nullable = isNonNullType(type) ? type.ofType : type;
  // A page's own lists are counted with the page.
  const isPage = getNamedType(type).name.endsWith("Edge") || name === "nodes";
  return { field: 1, multiplier: isListType(nullable) && !isPage ? SHORT_LIST : 1 };
}

/** Reckons once what no argument changes, of the fields of a whole schema; otherwise each request would. */
export function reckonFixedCosts(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.extensions.complexity === costOf && !isConnection(field))
        field.extensions = { ...field.extensions, complexity: costOf({}, undefined, field) };
    }
  }
  return schema;
}
