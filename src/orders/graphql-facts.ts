import type { ObjectRef } from "@pothos/core";
import { builder, type ExtendedTypes } from "../graphql/builder.ts";
import { RefusalInterface, refusalRef } from "../graphql/refusals.ts";
import { PointsAlreadySpent } from "../points/refusals.ts";
import type { Difference, FactResult, FactStatus } from "./fact.ts";
import { factText } from "./fact-text.ts";
import * as refusals from "./refusals.ts";

export const FactMember = builder.inputType("FactMember", {
  description: "Whose fact it is: one way to name a member.",
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: "`mbr_…`" }),
    externalId: t.string({
      description: "The customer's id in the brand's own systems.",
      validate: factText,
    }),
  }),
});

// They are answered within results, which no union names.
for (const type of [...Object.values(refusals), PointsAlreadySpent]) refusalRef(type);

const FactStatusEnum = builder.enumType("FactStatus", {
  description: "What became of a fact that was sent.",
  values: {
    RECORDED: { description: "It is new, and recorded." },
    ADVANCED: { description: "It was recorded before, and has gone on." },
    UNCHANGED: { description: "It was recorded before, and says nothing new." },
    REFUSED: { description: "It was not recorded; `refusal` says why." },
  } satisfies Record<FactStatus, { description: string }>,
});

const FactDifference = builder.objectRef<Difference>("FactDifference").implement({
  description: "Where what was sent is not what is recorded.",
  authScopes: { anyOf: ["facts:write"] },
  fields: (t) => ({
    field: t.exposeString("field", { description: "As a path: `totalMinor`, `lines.L1.quantity`." }),
    recorded: t.exposeString("recorded", { nullable: true, description: "What is recorded, as text." }),
    sent: t.exposeString("sent", { nullable: true, description: "What was sent, as text." }),
  }),
});

/** A result with the row that was read for it. */
export type ResultWith<Row> = FactResult & { row: Row | null };

/**
 * The type of a bulk mutation's results: `OrderResult`, with the fact under its own name.
 *
 * @param row the field that shows the fact: `order`.
 */
export function resultType<Row extends object>(
  name: string,
  row: string,
  type: ObjectRef<ExtendedTypes, never> | { name: string },
) {
  return builder.objectRef<ResultWith<Row>>(name).implement({
    description: "What became of one that was sent; the others are not held up by it.",
    authScopes: { anyOf: ["facts:write"] },
    fields: (t) => ({
      source: t.exposeString("source", { description: "As it was sent." }),
      externalId: t.exposeString("externalId", { description: "As it was sent." }),
      status: t.expose("status", { type: FactStatusEnum, description: "What became of it." }),
      [row]: t.field({
        type: type as never,
        nullable: true,
        description: "As it is recorded now; null when it was refused.",
        resolve: (it) => it.row as never,
      }),
      refusal: t.expose("refusal", {
        type: RefusalInterface,
        nullable: true,
        description: "Why it was not recorded; its fields are paths within what was sent.",
      }),
      differences: t.expose("differences", {
        type: [FactDifference],
        description: "Where it differs from what is recorded, if that is why.",
      }),
    }),
  });
}

/** Results with the rows that were read for them. */
export function withRows<Row extends object>(
  results: readonly FactResult[],
  rows: readonly object[] | undefined,
): ResultWith<Row>[] {
  const byId = new Map((rows ?? []).map((row) => [(row as { id: string }).id, row as Row]));
  return results.map((result) => ({ ...result, row: byId.get(result.factId ?? "") ?? null }));
}
