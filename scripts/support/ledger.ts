import { eq } from "drizzle-orm";
import { audit } from "../../schema/tables/commits.ts";
import type { Database } from "../../src/database/client.ts";

/** Everything of a brand's ledger, as it is stored. */
export async function readLedger(client: Database, brandId: string) {
  const where = { brandId };
  // One after the other: a large brand's would hold all of the server's connections at once.
  return {
    accounts: await client.query.accounts.findMany({ where }),
    transfers: await client.query.transfers.findMany({ where, orderBy: { id: "asc" } }),
    lots: await client.query.lots.findMany({ where, orderBy: { id: "asc" } }),
    uses: await client.query.lotUses.findMany({ where }),
    holds: await client.query.holds.findMany({ where }),
    awards: await client.query.awards.findMany({ where }),
    told: await client.select().from(audit).where(eq(audit.brandId, brandId)),
  };
}

export type Ledger = Awaited<ReturnType<typeof readLedger>>;

const sum = <Row>(rows: readonly Row[], amountOf: (row: Row) => number): number =>
  rows.reduce((total, row) => total + amountOf(row), 0);

/**
 * What in a ledger is not as it must be at every commit; nothing, if all is well:
 *
 * 1. A balance is the sum of the account's credits less that of its debits; all accounts of a unit
 *    together are 0; a member's is never below 0.
 * 2. A lot's remaining is its amount, less what left the available account of it, plus what came back.
 * 3. A transfer of points is accounted for by lots: those it uses and those it makes are its amount. One
 *    between others than available, held and breakage has none.
 * 4. A member's available points are what remains of its lots; its held points are its open holds, and
 *    what its lots have in the held account.
 * 5. Its pending points are what its pending awards gave, less what was taken back of them. A pending
 *    award has no lot; another's has no more than it gave.
 * 6. Of a spend, no more of a lot came back to it than was used. What expired is in breakage, by its lots.
 * 7. What of an award was taken back is what transfers took back of it, and what the record says was let be.
 */
export function faultsOf({ accounts, transfers, lots, uses, holds, awards, told }: Ledger): string[] {
  const accountOf = new Map(accounts.map((account) => [account.id, account]));
  const transferOf = new Map(transfers.map((transfer) => [transfer.id, transfer]));
  const faults: string[] = [];
  const mustEqual = (what: string, is: number, shouldBe: number) => {
    if (is !== shouldBe) faults.push(`${what} is ${is} and not ${shouldBe}`);
  };
  /** What a use moves into an account of a kind, negative out of it. */
  const flow = (kind: string) => (use: Ledger["uses"][number]) => {
    const transfer = transferOf.get(use.transferId);
    const into = accountOf.get(transfer?.creditAccountId ?? "")?.kind === kind ? use.amount : 0;
    return into - (accountOf.get(transfer?.debitAccountId ?? "")?.kind === kind ? use.amount : 0);
  };

  for (const { id, balance, memberId, kind } of accounts) {
    const credits = sum(transfers, (it) => (it.creditAccountId === id ? it.amount : 0));
    const debits = sum(transfers, (it) => (it.debitAccountId === id ? it.amount : 0));
    mustEqual(`the balance of ${id}`, balance, credits - debits);
    if (kind === "BREAKAGE") mustEqual("expired of lots", balance, sum(uses, flow("BREAKAGE")));
    if (memberId !== null && balance < 0) faults.push(`${id} (${kind}) is below zero`);
  }
  for (const unit of ["POINTS", "GROWTH_VALUE"]) {
    const ofUnit = accounts.filter((account) => account.unit === unit);
    mustEqual(
      `all ${unit}`,
      sum(ofUnit, ({ balance }) => balance),
      0,
    );
  }
  for (const lot of lots) {
    const own = uses.filter(({ lotId }) => lotId === lot.id);
    mustEqual(`what remains of ${lot.id}`, lot.remaining, lot.amount + sum(own, flow("AVAILABLE")));
  }
  for (const { id, amount, debitAccountId, creditAccountId } of transfers) {
    const [debit, credit] = [accountOf.get(debitAccountId), accountOf.get(creditAccountId)];
    const inLots = ["AVAILABLE", "HELD", "BREAKAGE"];
    const isInLots = [debit, credit].some((side) => inLots.includes(side?.kind ?? ""));
    const used = uses.filter(({ transferId }) => transferId === id);
    const made = lots.filter(({ transferId }) => transferId === id);
    mustEqual(
      `in lots, ${id}`,
      sum([...used, ...made], (part) => part.amount),
      debit?.unit === "POINTS" && isInLots ? amount : 0,
    );
  }
  for (const { transferId, lotId, amount } of uses) {
    const back = uses.filter(
      (use) => use.lotId === lotId && transferOf.get(use.transferId)?.reversesTransferId === transferId,
    );
    const came = sum(back, (use) => use.amount);
    if (came > amount) faults.push(`${came} came back to ${lotId} of the ${amount} that ${transferId} took`);
  }
  for (const { memberId, unit, kind, balance } of accounts) {
    if (memberId === null || unit !== "POINTS") continue;
    const own = lots.filter((lot) => lot.memberId === memberId);
    const ids = new Set(own.map(({ id }) => id));
    const ownUses = uses.filter(({ lotId }) => ids.has(lotId));
    if (kind === "AVAILABLE") {
      mustEqual(
        "available",
        balance,
        sum(own, ({ remaining }) => remaining),
      );
    }
    if (kind === "PENDING") {
      const pending = awards.filter((award) => award.memberId === memberId && award.state === "PENDING");
      mustEqual(
        "pending",
        balance,
        sum(pending, (award) => award.points - award.pointsBack),
      );
    }
    if (kind === "HELD") {
      const open = holds.filter((hold) => hold.memberId === memberId && hold.state === "OPEN");
      mustEqual(
        "held",
        balance,
        sum(open, ({ amount }) => amount),
      );
      mustEqual("held of lots", balance, sum(ownUses, flow("HELD")));
    }
  }
  for (const { id, state, points, lotId } of awards) {
    const lot = lots.find((one) => one.id === lotId);
    if (state === "PENDING" && lotId !== null) faults.push(`${id} is pending and has a lot`);
    if (lot && lot.amount > points) faults.push(`${id} has a lot of more than it gave`);
  }
  for (const { id, pointsBack, growthValueBack } of awards) {
    const details = told.map(({ detail }) => detail).filter(({ awardId }) => awardId === id);
    const letBe = (name: string) => sum(details, (detail) => Number(detail[name] ?? 0));
    const taken = (unit: string) =>
      sum(transfers, ({ cause, amount, debitAccountId }) =>
        cause.operation === "takeBackPoints" &&
        cause.awardId === id &&
        accountOf.get(debitAccountId)?.unit === unit
          ? amount
          : 0,
      );
    mustEqual(`back of ${id}`, pointsBack, taken("POINTS") + letBe("forgiven"));
    mustEqual(
      `growth value back of ${id}`,
      growthValueBack,
      taken("GROWTH_VALUE") + letBe("growthValueShort"),
    );
  }
  return faults;
}
