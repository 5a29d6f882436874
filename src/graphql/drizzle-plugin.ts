import SchemaBuilder, { type PothosOutputFieldConfig, type SchemaTypes } from "@pothos/core";
import pluginName, { PothosDrizzlePlugin } from "@pothos/plugin-drizzle";
import type { GraphQLFieldResolver } from "graphql";

type Resolver<Types extends SchemaTypes> = GraphQLFieldResolver<unknown, Types["Context"], object>;

/**
 * Drizzle's plugin, but that a scalar of columns which its row has is resolved at once. The plugin itself would
 * look up by the field's path whether the row was read with them: a fifth of the Worker's time for a long list.
 */
class DrizzlePlugin<Types extends SchemaTypes> extends PothosDrizzlePlugin<Types> {
  override wrapResolve(resolve: Resolver<Types>, field: PothosOutputFieldConfig<Types>): Resolver<Types> {
    const looking = super.wrapResolve(resolve, field);
    const columns = this.isLeaf(field.type) ? columnsOf(field) : undefined;
    if (looking === resolve || columns === undefined) return looking;
    return (row, ...others) => {
      const isRead = columns.every((column) => (row as Record<string, unknown>)[column] !== undefined);
      return (isRead ? resolve : looking)(row, ...others);
    };
  }

  private isLeaf(type: PothosOutputFieldConfig<Types>["type"]): boolean {
    if (type.kind === "List") return this.isLeaf(type.type);
    return type.kind === "Scalar" || type.kind === "Enum";
  }
}

/** The columns of its row that a field is made of; undefined where it is made of more. */
function columnsOf({ extensions }: { extensions?: Record<string, unknown> | null }): string[] | undefined {
  const select: unknown = extensions?.pothosDrizzleSelect;
  if (typeof select !== "object" || select === null) return undefined;
  const { columns, ...others } = select as { columns: Record<string, true> };
  return Object.keys(others).length === 0 ? Object.keys(columns) : undefined;
}

SchemaBuilder.allowPluginReRegistration = true;
SchemaBuilder.registerPlugin(pluginName, DrizzlePlugin);

export default pluginName;
