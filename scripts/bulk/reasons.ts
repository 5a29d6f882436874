import * as ofCodes from "../../src/codes/refusals.ts";
import * as errors from "../../src/errors.ts";
import * as ofMembers from "../../src/members/refusals.ts";
import * as ofOffers from "../../src/offers/refusals.ts";
import type { Difference } from "../../src/orders/fact.ts";
import * as ofOrders from "../../src/orders/refusals.ts";

const types = new Map<string, errors.RefusalType>(
  [
    ...[errors.NotFound, errors.InvalidValue],
    ...[ofMembers, ofOrders, ofOffers, ofCodes].flatMap((types) => Object.values(types)),
  ].map((type) => [type.typeName, type]),
);

/** A refusal in words, with what differs from what is recorded. */
export function reasonOf({ refusal, data }: errors.Refusal, differences: readonly Difference[] = []): string {
  const text = types.get(refusal)?.texts.en ?? refusal;
  const filled = text.replace(/\{(\w+)\}/g, (_, name: string) => String(data[name] ?? "—"));
  const parts = differences.map(({ field, recorded, sent }) => `${field} is ${recorded}, not ${sent}`);
  return [filled, ...parts].join("; ");
}
