import type { RelationsBuilder } from "drizzle-orm/relations";
import type { tables } from "../all-tables.ts";

/** The ledger of points. */
export const points = (r: RelationsBuilder<typeof tables>) => ({
  awards: {
    member: r.one.members({
      from: [r.awards.brandId, r.awards.memberId],
      to: [r.members.brandId, r.members.id],
      optional: false,
    }),
    order: r.one.orders({
      from: [r.awards.brandId, r.awards.orderId],
      to: [r.orders.brandId, r.orders.id],
    }),
    activity: r.one.activities({
      from: [r.awards.brandId, r.awards.activityId],
      to: [r.activities.brandId, r.activities.id],
    }),
    lot: r.one.lots({
      from: [r.awards.brandId, r.awards.lotId],
      to: [r.lots.brandId, r.lots.id],
    }),
    ruleSet: r.one.ruleSets({
      from: [r.awards.brandId, r.awards.ruleSetId],
      to: [r.ruleSets.brandId, r.ruleSets.id],
      optional: false,
    }),
  },
  adjustments: {
    member: r.one.members({
      from: [r.adjustments.brandId, r.adjustments.memberId],
      to: [r.members.brandId, r.members.id],
      optional: false,
    }),
  },
  accounts: {
    member: r.one.members({
      from: [r.accounts.brandId, r.accounts.memberId],
      to: [r.members.brandId, r.members.id],
    }),
  },
  transfers: {
    member: r.one.members({
      from: [r.transfers.brandId, r.transfers.memberId],
      to: [r.members.brandId, r.members.id],
      optional: false,
    }),
    debit: r.one.accounts({
      from: [r.transfers.brandId, r.transfers.debitAccountId],
      to: [r.accounts.brandId, r.accounts.id],
      optional: false,
      alias: "debit",
    }),
    credit: r.one.accounts({
      from: [r.transfers.brandId, r.transfers.creditAccountId],
      to: [r.accounts.brandId, r.accounts.id],
      optional: false,
      alias: "credit",
    }),
    uses: r.many.lotUses(),
    reversals: r.many.transfers({
      from: [r.transfers.brandId, r.transfers.id],
      to: [r.transfers.brandId, r.transfers.reversesTransferId],
      alias: "reversals",
    }),
  },
  lots: {
    member: r.one.members({
      from: [r.lots.brandId, r.lots.memberId],
      to: [r.members.brandId, r.members.id],
      optional: false,
    }),
    uses: r.many.lotUses(),
  },
  lotUses: {
    transfer: r.one.transfers({
      from: [r.lotUses.brandId, r.lotUses.transferId],
      to: [r.transfers.brandId, r.transfers.id],
      optional: false,
    }),
    lot: r.one.lots({
      from: [r.lotUses.brandId, r.lotUses.lotId],
      to: [r.lots.brandId, r.lots.id],
      optional: false,
    }),
  },
  holds: {
    member: r.one.members({
      from: [r.holds.brandId, r.holds.memberId],
      to: [r.members.brandId, r.members.id],
      optional: false,
    }),
    uses: r.many.lotUses({
      from: [r.holds.brandId, r.holds.transferId],
      to: [r.lotUses.brandId, r.lotUses.transferId],
    }),
  },
});
