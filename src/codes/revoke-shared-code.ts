import { and, eq, isNull } from "drizzle-orm";
import { sharedCodes } from "../../schema/tables/codes.ts";
import { actorOf, type Context } from "../context.ts";
import { commit, mustChange, type Read } from "../database/commit.ts";
import { NotFound } from "../errors.ts";
import { ownCode } from "./own-code.ts";
import { CodesRevoked } from "./refusals.ts";

export interface RevokeSharedCodeInput {
  code: string;
  reason: string;
  idempotencyKey: string;
}

/** From now on the code gives no more coupons; those that it gave stay. */
export async function revokeSharedCode<Row>(
  context: Context,
  input: RevokeSharedCodeInput,
  read: Read<{ sharedCodeId: string }, Row>,
) {
  const { database, now } = context;
  const code = ownCode(input.code);
  const isTheCode = and(eq(sharedCodes.brandId, actorOf(context).brandId), eq(sharedCodes.code, code));
  return commit(context, {
    name: "revokeSharedCode",
    input,
    load: () => [database.select().from(sharedCodes).where(isTheCode)],
    decide: ([[shared]]) => {
      if (!shared) return NotFound({ id: input.code });
      if (shared.revokedAt !== null) return CodesRevoked({ revokedAt: shared.revokedAt });
      return {
        outcome: { sharedCodeId: code },
        effects: [
          database
            .update(sharedCodes)
            .set({ revokedAt: now })
            .where(and(isTheCode, isNull(sharedCodes.revokedAt))),
          mustChange(database),
        ],
        audit: [{ subjectId: shared.offerId, detail: { code, reason: input.reason } }],
      };
    },
    read,
  });
}
