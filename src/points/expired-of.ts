const breakage = { kind: "BREAKAGE" } as const;
const either = [{ debit: breakage }, { credit: breakage }];

/** What is read of a lot to know what of it expired. */
export const expiryParts = {
  uses: {
    where: { transfer: { OR: either } },
    with: { transfer: { with: { credit: { columns: { kind: true } } } } },
  },
} as const;

/** How many points of a lot expired: what went into breakage, less what came out of it again. */
export const expiredOf = (
  uses: readonly { amount: number; transfer: { credit: { kind: string } } }[],
): number =>
  uses.reduce(
    (sum, { amount, transfer }) => sum + (transfer.credit.kind === "BREAKAGE" ? amount : -amount),
    0,
  );
