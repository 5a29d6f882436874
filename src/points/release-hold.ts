import type { Context } from "../context.ts";
import { commit, type Read } from "../database/commit.ts";
import { isRefusal } from "../errors.ts";
import { openHold, readHold } from "./hold.ts";
import { endHold } from "./wallet.ts";

export interface ReleaseHoldInput {
  holdId: string;
  idempotencyKey: string;
}

/** Gives held points back to their lots, also after the hold's time; they expire when they would have. */
export async function releaseHold<Row>(
  context: Context,
  input: ReleaseHoldInput,
  read: Read<{ memberId: string }, Row>,
) {
  const { holdId } = input;
  return commit(context, {
    name: "releaseHold",
    input,
    load: () => [readHold(context, holdId)],
    decide: ([row]) => {
      const hold = openHold(holdId, row);
      if (isRefusal(hold)) return hold;
      const { memberId, amount: points, orderReference } = hold;
      return {
        outcome: { memberId },
        effects: endHold(context, hold, hold.accounts, "releaseHold"),
        audit: [{ subjectId: memberId, detail: { holdId, points, orderReference } }],
        events: [{ type: "points.released", payload: { memberId, holdId, points, orderReference } }],
      };
    },
    read,
  });
}
