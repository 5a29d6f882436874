import type { FieldMap, InputFieldMap, InputShapeFromFields, ObjectRef } from "@pothos/core";
import type { GraphQLResolveInfo } from "graphql";
import type { Scope } from "../access/scopes.ts";
import { actorOf, type Context } from "../context.ts";
import type { Committed, Read, Statement } from "../database/commit.ts";
import { IdempotencyKeyReused, isRefusal, type Refusal, type RefusalType } from "../errors.ts";
import { opaqueText } from "./bounds.ts";
import { builder, type ExtendedTypes } from "./builder.ts";
import { selectionOf, type TableName } from "./nodes.ts";
import { refusalRef } from "./refusals.ts";

type InputBuilder = PothosSchemaTypes.InputFieldBuilder<ExtendedTypes, "InputObject">;
type FieldBuilder<Shape> = PothosSchemaTypes.ObjectFieldBuilder<ExtendedTypes, Shape>;

interface CommonOptions<Fields extends InputFieldMap> {
  description: string;
  /** A token with one of these scopes may call it; the verb says what more must hold. */
  scopes: readonly Scope[];
  input: (t: InputBuilder) => Fields;
  /** What the verb can answer instead of its payload. */
  refusals: readonly RefusalType[];
}

interface MutationOptions<Fields extends InputFieldMap, Payload extends object>
  extends CommonOptions<Fields> {
  payload: ObjectRef<ExtendedTypes, Payload>;
  resolve: (
    input: InputShapeFromFields<Fields>,
    context: Context,
    info: GraphQLResolveInfo,
  ) => Promise<Payload | Refusal>;
}

/**
 * Declares a mutation after the house's manners: `redeemCoupon(input: RedeemCouponInput!):
 * RedeemCouponResult!`, a union of the payload and the refusals.
 */
export function mutation<Fields extends InputFieldMap, Payload extends object>(
  name: string,
  { description, scopes, input, payload, refusals, resolve }: MutationOptions<Fields, Payload>,
): void {
  const typeName = capitalised(name);
  const Input = builder.inputType(`${typeName}Input`, {
    description: `What \`${name}\` is given.`,
    fields: input as never,
  });
  const expected = fieldsOf(input).includes("idempotencyKey")
    ? [...refusals, IdempotencyKeyReused]
    : refusals;
  const Result = builder.unionType(`${typeName}Result`, {
    description: `What \`${name}\` answers: its payload, or why not.`,
    types: [payload, ...expected.map(refusalRef)] as never,
    resolveType: (value) => (isRefusal(value) ? value.refusal : payload.name) as never,
  });
  builder.mutationField(name, (t) =>
    t.field({
      type: Result,
      description,
      authScopes: { anyOf: scopes },
      // What a payload shows is read under the one write lock, so it may cost a quarter of a query.
      complexity: { field: 1, multiplier: 4 },
      args: {
        input: t.arg({ type: Input, required: true, description: "One object with all that it needs." }),
      },
      resolve: ((_root: unknown, args: { input: unknown }, context: Context, info: GraphQLResolveInfo) =>
        resolve(args.input as InputShapeFromFields<Fields>, context, info)) as never,
    }),
  );
}

/** The names of an input's fields, asked before the types that they refer to are there. */
function fieldsOf(input: (t: InputBuilder) => InputFieldMap): string[] {
  const anything = new Proxy({}, { get: () => () => ({}) });
  return Object.keys(input(anything as InputBuilder));
}

type Row = object | undefined;
type Identified<Name extends string> = { [Key in `${Name}Id`]: string };

interface RowMutationOptions<Fields extends InputFieldMap, Outcome extends object, Name extends string>
  extends CommonOptions<Fields> {
  /** The payload's field that shows the row; its id is `${row}Id` in the verb's outcome. */
  row: Name;
  type: ObjectRef<ExtendedTypes, never> | { name: string };
  table: TableName;
  rowDescription: string;
  /** Which row it is; the caller's brand's, unless said otherwise. */
  where?: (id: string, brandId: string) => Record<string, unknown>;
  /** What the payload says besides; written after `resolve`, from which its outcome is inferred. */
  fields?: (t: FieldBuilder<{ outcome: Outcome }>) => FieldMap;
  resolve: (
    input: InputShapeFromFields<Fields>,
    context: Context,
    read: Read<Identified<Name>, Row>,
  ) => Promise<Refusal | Committed<Outcome, Row>>;
}

/**
 * Declares a mutation whose payload shows one row: what the operation asks of it is read in the same
 * request that commits.
 */
export function rowMutation<
  Fields extends InputFieldMap,
  Name extends string,
  Outcome extends Identified<Name>,
>(name: string, options: RowMutationOptions<Fields, Outcome, Name>): void {
  const { row, type, table, rowDescription, fields, resolve, ...common } = options;
  const where = options.where ?? ((id: string, brandId: string) => ({ brandId, id }));
  const typeName = type.name;
  const payload = payloadType<{ outcome: Outcome; row: Row }>(
    `${capitalised(name)}Payload`,
    `What \`${name}\` did.`,
    (t) => ({
      [row]: t.field({
        type: type as never,
        // What was done is done: a field of the row that the token may not read takes the row alone.
        nullable: true,
        description: rowDescription,
        resolve: (it) => it.row as never,
      }),
      ...fields?.(t as never),
    }),
  );
  mutation(name, {
    ...common,
    payload,
    resolve: async (input, context, info) => {
      const selection = selectionOf(context, info, typeName, [row]);
      const query = context.database.query[table] as unknown as {
        findFirst: (config: object) => Statement & { _: { result: Row } };
      };
      const result = await resolve(input, context, (outcome) =>
        query.findFirst({ ...selection, where: where(outcome[`${row}Id`], actorOf(context).brandId) }),
      );
      return isRefusal(result) ? result : { outcome: result.outcome, row: result.row };
    },
  });
}

/** The payload type of a mutation. Who may call the mutation may read its payload. */
export function payloadType<Shape extends object>(
  name: string,
  description: string,
  fields: (t: FieldBuilder<Shape>) => FieldMap,
): ObjectRef<ExtendedTypes, Shape> {
  return builder.objectRef<Shape>(name).implement({ description, authScopes: { public: true }, fields });
}

/** The key of every mutation that moves value. */
export const idempotencyKey = (t: InputBuilder) =>
  t.string({
    required: true,
    description:
      "Yours, up to 100 characters: sending it again, within 30 days, changes nothing and answers the same.",
    validate: opaqueText(100),
  });

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
