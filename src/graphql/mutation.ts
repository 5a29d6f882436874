import type { FieldMap, InputFieldMap, InputShapeFromFields, ObjectRef } from "@pothos/core";
import type { GraphQLResolveInfo } from "graphql";
import * as z from "zod";
import type { Scope } from "../access/scopes.ts";
import type { Context } from "../context.ts";
import { IdempotencyKeyReused, isRefusal, type Refusal, type RefusalType } from "../errors.ts";
import { builder, type ExtendedTypes } from "./builder.ts";
import { refusalRef } from "./refusals.ts";

type InputBuilder = PothosSchemaTypes.InputFieldBuilder<ExtendedTypes, "InputObject">;

interface MutationOptions<Fields extends InputFieldMap, Payload extends object> {
  description: string;
  /** A token with one of these scopes may call it; the verb says what more must hold. */
  scopes: readonly Scope[];
  input: (t: InputBuilder) => Fields;
  payload: ObjectRef<ExtendedTypes, Payload>;
  /** What the verb can answer instead of its payload. */
  refusals: readonly RefusalType[];
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
  const typeName = name.charAt(0).toUpperCase() + name.slice(1);
  const Input = builder.inputType(`${typeName}Input`, {
    description: `What \`${name}\` is given.`,
    fields: input as never,
  });
  const Result = builder.unionType(`${typeName}Result`, {
    description: `What \`${name}\` answers: its payload, or why not.`,
    types: [payload, ...[...refusals, IdempotencyKeyReused].map(refusalRef)] as never,
    resolveType: (value) => (isRefusal(value) ? value.refusal : payload.name) as never,
  });
  builder.mutationField(name, (t) =>
    t.field({
      type: Result,
      description,
      authScopes: { anyOf: scopes },
      args: {
        input: t.arg({ type: Input, required: true, description: "One object with all that it needs." }),
      },
      resolve: ((_root: unknown, args: { input: unknown }, context: Context, info: GraphQLResolveInfo) =>
        resolve(args.input as InputShapeFromFields<Fields>, context, info)) as never,
    }),
  );
}

/** The payload type of a mutation. Who may call the mutation may read its payload. */
export function payloadType<Shape extends object>(
  name: string,
  description: string,
  fields: (t: PothosSchemaTypes.ObjectFieldBuilder<ExtendedTypes, Shape>) => FieldMap,
): ObjectRef<ExtendedTypes, Shape> {
  return builder.objectRef<Shape>(name).implement({ description, authScopes: { public: true }, fields });
}

/** The key of every mutation that moves value. */
export const idempotencyKey = (t: InputBuilder) =>
  t.string({
    required: true,
    description: "Yours, up to 100 characters: sending it again changes nothing and answers the same.",
    validate: z.string().min(1).max(100),
  });
