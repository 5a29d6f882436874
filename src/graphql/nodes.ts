import { getSchemaConfig, queryFromInfo } from "@pothos/plugin-drizzle";
import type { GraphQLResolveInfo } from "graphql";
import type { relations } from "../../schema/relations.ts";
import type { Context } from "../context.ts";
import type { IdType } from "../ids.ts";
import { typeOfId } from "../ids.ts";
import { builder } from "./builder.ts";

export type TableName = keyof typeof relations;

/** The rows of a type that a caller may see, as a relational filter; null for none. */
export type Visible = (context: Context) => Record<string, unknown> | null;

const nodes = new Map<string, { table: TableName; visible: Visible }>();

/** Says which rows of a type `node(id)` and the root fields may show to whom. */
export function registerNode(typeName: IdType, table: TableName, visible: Visible): void {
  nodes.set(typeName, { table, visible });
}

/** What the operation asks of a row at a path below this field, as the config of a relational query. */
export function selectionOf(context: Context, info: GraphQLResolveInfo, typeName: string, path?: string[]) {
  const config = getSchemaConfig(builder as never);
  return queryFromInfo({ config, context, info, typeName, ...(path ? { path } : {}) });
}

/**
 * The row with this id, with what the query asks of it, in one statement: null when there is none or
 * the caller may not see it, which look alike.
 */
export async function readNode(context: Context, id: string, info: GraphQLResolveInfo): Promise<never> {
  const typeName = typeOfId(id);
  const node = typeName && nodes.get(typeName);
  const visible = node?.visible(context);
  if (!node || !visible) return null as never;
  const query = context.database.query[node.table] as unknown as {
    findFirst: (config: object) => Promise<object | undefined>;
  };
  const selection = selectionOf(context, info, typeName);
  const row = await query.findFirst({ ...selection, where: { AND: [visible, { id }] } });
  return (row ? { ...row, __typename: typeName } : null) as never;
}
