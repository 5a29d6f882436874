import { reminders } from "../../schema/tables/points.ts";
import { actorOf, type Context } from "../context.ts";
import { insertRows } from "../database/bulk.ts";
import type { Statement } from "../database/commit.ts";

/** Something that a member is told of once. */
interface Told {
  memberId: string;
  /** What it is remembered by. */
  subject: string;
}

/** A member and a subject as one text. */
export const toldOf = ({ memberId, subject }: Told): string => `${memberId} ${subject}`;

/** Remembers what members are told of; the table's key refuses what another call tells at the same moment. */
export const rememberTold = ({ database, now, actor }: Context, told: readonly Told[]): Statement[] => {
  const { brandId } = actorOf({ actor });
  return insertRows(
    database,
    reminders,
    told.map(({ memberId, subject }) => ({ brandId, memberId, subject, createdAt: now })),
  );
};
