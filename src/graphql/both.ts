import * as z from "zod/mini";
import type { LocalizedText } from "../../schema/tables/columns.ts";
import { programReaders } from "../access/scopes.ts";
import { pickText, wanting } from "../locales.ts";
import { factText } from "../orders/fact-text.ts";
import { builder } from "./builder.ts";
import { LocalizedTextInput, localeArgument, someTexts } from "./texts.ts";

/** A type both as it is read and as it is sent. */
interface Both {
  output: object;
  input: object;
}

type Scalar = "Int" | "SafeInt" | "Boolean" | "DateTime" | "Date" | "String" | "ID" | "LocalizedText";
type FieldType = Scalar | Both | object;

/** A field both as it is read and as it is sent; a list where its type stands in brackets. */
export interface Field {
  type: FieldType | [FieldType];
  description: string;
  required?: true;
  /** For who may read the program alone. */
  isInternal?: true;
  /** What may be sent. */
  validate?: z.ZodMiniType;
}

const words = z.array(factText);

/** Declares `Name` and `NameInput` from one description of their fields. */
export function both<Shape extends object>(name: string, description: string, fields: Record<string, Field>) {
  const each = (of: (name: string, field: Field) => unknown) =>
    Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, of(key, field)])) as never;
  const sideOf = (side: keyof Both, type: FieldType) =>
    typeof type === "object" && side in type ? (type as Both)[side] : type;
  const typeOf = (side: keyof Both, { type }: Field) =>
    Array.isArray(type) ? [sideOf(side, type[0])] : sideOf(side, type);
  const output = builder.objectRef<Shape>(name).implement({
    description,
    authScopes: { public: true },
    fields: (t) =>
      each((key, field) =>
        field.type === "LocalizedText"
          ? t.string({
              ...{ description: field.description, args: localeArgument },
              resolve: (row, { locale }, { locales }) =>
                pickText(row[key as keyof Shape] as LocalizedText, wanting(locale, locales)),
            })
          : t.field({
              ...(field.isInternal ? { authScopes: programReaders } : {}),
              ...{ type: typeOf("output", field) as "String", nullable: !field.required },
              description: field.description,
              resolve: (row) => row[key as keyof Shape] as string,
            }),
      ),
  });
  const input = builder.inputRef<Shape>(`${name}Input`).implement({
    description,
    fields: (t) =>
      each((_key, field) => {
        const { description, required = false, validate } = field;
        const isText = field.type === "LocalizedText";
        return t.field({
          type: (isText ? [LocalizedTextInput] : typeOf("input", field)) as "String",
          ...{ description, required },
          ...(isText ? { validate: someTexts } : validate ? { validate } : {}),
        } as never);
      }),
  });
  return { output, input };
}

/** Texts that name something, each once. */
export const names = (what: string) =>
  ({ type: ["String"], validate: words, description: what }) satisfies Field;
export const amount = (description: string) => ({ type: "SafeInt", description }) satisfies Field;
export const whole = (description: string) => ({ type: "Int", description }) satisfies Field;
export const moment = (description: string) => ({ type: "DateTime", description }) satisfies Field;
