/** The types that a refusal's data can have; a question mark says that it can be missing. */
interface DataTypes {
  ID: string;
  String: string;
  Int: number;
  SafeInt: number;
  DateTime: number;
  "ID?": string | null;
  "Int?": number | null;
  "DateTime?": number | null;
}
export type DataType = keyof DataTypes;

type Fields = Record<string, readonly [type: DataType, description: string]>;
type DataOf<F extends Fields> = { [Name in keyof F]: DataTypes[F[Name][0]] };

/** An expected answer that is not what the caller asked for: a value, never thrown. */
export interface Refusal {
  readonly refusal: string;
  readonly data: Record<string, string | number | null>;
}

/** A kind of refusal, as the API shows it. */
export interface RefusalType {
  readonly typeName: string;
  readonly description: string;
  /** What a person reads, by language; `{name}` stands for a field of the data. */
  readonly texts: { readonly en: string; readonly "zh-CN": string };
  readonly fields: Fields;
}

/**
 * Declares a kind of refusal, once for the rule that answers it, for the API and for its readers.
 *
 * @param typeName also the GraphQL type; its `code` is the same in capitals, `COUPON_EXPIRED`.
 */
export function refusalType<const F extends Fields>(
  typeName: string,
  description: string,
  texts: RefusalType["texts"],
  fields: F,
): RefusalType & ((data: DataOf<F>) => Refusal) {
  const make = (data: DataOf<F>): Refusal => ({ refusal: typeName, data });
  return Object.assign(make, { typeName, description, texts, fields });
}

export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === "object" && value !== null && "refusal" in value;

/** What the first check that refuses answers; those after it are not asked. */
export function firstRefusal(checks: readonly (() => Refusal | undefined)[]): Refusal | undefined {
  for (const check of checks) {
    const refusal = check();
    if (refusal) return refusal;
  }
  return undefined;
}

export const NotFound = refusalType(
  "NotFound",
  "Nothing with this id that the caller may see.",
  { en: "Nothing was found for {id}.", "zh-CN": "未找到 {id}。" },
  { id: ["ID", "What was asked for."] },
);

export const InvalidValue = refusalType(
  "InvalidValue",
  "A value that is well formed but cannot be accepted.",
  { en: "{field}: {reason}", "zh-CN": "{field}:{reason}" },
  {
    field: ["String", "The input field, as a path."],
    reason: ["String", "What would be right."],
  },
);

export const IdempotencyKeyReused = refusalType(
  "IdempotencyKeyReused",
  "The key was used before, for the same operation with another input.",
  {
    en: "The idempotency key {key} was already used with another input. Use a new key for a new request.",
    "zh-CN": "幂等键 {key} 已用于其他内容的请求,请为新请求使用新的键。",
  },
  { key: ["String", "The key."] },
);

/** The codes of top-level errors, in `extensions.code`. */
export type ErrorCode =
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "BAD_USER_INPUT"
  | "CONFLICT"
  | "OVERLOADED"
  | "UNAVAILABLE";

/** An error whose message is for the caller. Anything else that is thrown is masked and logged. */
export class CallerError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
