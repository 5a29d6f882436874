import type { ObjectRef } from "@pothos/core";
import type { DataType, Refusal, RefusalType } from "../errors.ts";
import { pickText } from "../locales.ts";
import { builder, type ExtendedTypes } from "./builder.ts";

const kinds = new Map<string, { type: RefusalType; ref: ObjectRef<ExtendedTypes, Refusal> }>();

export const RefusalInterface = builder.interfaceRef<Refusal>("Refusal").implement({
  description: "An expected answer that is not what was asked for. Nothing was changed.",
  resolveType: ({ refusal }) => refusal,
  fields: (t) => ({
    code: t.string({
      description: "The refusal's type in capitals: `COUPON_EXPIRED`. Stable.",
      resolve: ({ refusal }) => codeOf(refusal),
    }),
    message: t.string({
      description: "What a person can be told, in the language of Accept-Language (en, zh-CN).",
      resolve: (refusal, _args, { locales }) => messageOf(refusal, locales),
    }),
  }),
});

/** A refusal in words, with its data in their places; moments as in RFC 3339. */
function messageOf({ refusal, data }: Refusal, locales: readonly string[]): string {
  const type = kinds.get(refusal)?.type;
  if (!type) throw new Error(`${refusal} is declared by no mutation.`);
  return pickText(type.texts, locales).replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = data[name] ?? "—";
    const isMoment = type.fields[name]?.[0].startsWith("DateTime") && typeof value === "number";
    return isMoment ? new Date(value).toISOString() : String(value);
  });
}

/** `CouponExpired` → `COUPON_EXPIRED` */
const codeOf = (typeName: string): string => typeName.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();

/** The GraphQL type of a kind of refusal; made at its first use. */
export function refusalRef(type: RefusalType) {
  const known = kinds.get(type.typeName);
  if (known) return known.ref;
  const ref = implement(type);
  kinds.set(type.typeName, { type, ref });
  return ref;
}

function implement(type: RefusalType): ObjectRef<ExtendedTypes, Refusal> {
  return builder.objectRef<Refusal>(type.typeName).implement({
    description: type.description,
    authScopes: { public: true },
    interfaces: [RefusalInterface],
    fields: (t) =>
      Object.fromEntries(
        Object.entries(type.fields).map(([name, [dataType, description]]) => [
          name,
          t.field({
            type: dataType.replace("?", "") as Exclude<DataType, `${string}?`>,
            nullable: dataType.endsWith("?"),
            description,
            resolve: ({ data }) => data[name] as never,
          }),
        ]),
      ) as never,
  });
}
