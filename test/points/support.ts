import { type ActorKind, scopesFor } from "../../src/access/scopes.ts";
import { type Context, createContext } from "../../src/context.ts";
import { database, environment } from "../support/caller.ts";

/** For verbs whose answer is not shown to anyone. */
export const nothing = () => database().query.guard.findFirst();

/** A context of a kind of caller at a moment of the test's own. */
export async function contextAt(brandId: string, now: number, kind: ActorKind = "SERVICE"): Promise<Context> {
  return createContext({
    environment: await environment(),
    database: database(),
    actor: { kind, brandId, clientId: "cli_test", scopes: new Set(scopesFor(kind)) },
    ...{ now, deadline: Date.now() + 20_000, locales: [] },
  });
}

/** Everything of a brand's ledger, as it is stored. */
export async function ledgerOf(brandId: string) {
  const client = database();
  const where = { brandId };
  const [accounts, transfers, lots, uses, holds, awards] = await Promise.all([
    client.query.accounts.findMany({ where }),
    client.query.transfers.findMany({ where, orderBy: { id: "asc" } }),
    client.query.lots.findMany({ where, orderBy: { id: "asc" } }),
    client.query.lotUses.findMany({ where }),
    client.query.holds.findMany({ where }),
    client.query.awards.findMany({ where }),
  ]);
  return { accounts, transfers, lots, uses, holds, awards };
}

export type Ledger = Awaited<ReturnType<typeof ledgerOf>>;

const sum = <Row>(rows: readonly Row[], amountOf: (row: Row) => number): number =>
  rows.reduce((total, row) => total + amountOf(row), 0);

/**
 * What in a ledger is not as it must be at every commit; nothing, if all is well:
 *
 * 1. A balance is the sum of the account's credits less that of its debits; all accounts of a unit
 *    together are 0; a member's is never below 0.
 * 2. A lot's remaining is its amount, less what left the available account of it, plus what came back.
 * 3. A transfer of points is accounted for by lots: those it uses and those it makes are its amount. One
 *    between other accounts than a member's available and held ones has none.
 * 4. A member's available points are what remains of its lots; its held points are its open holds, and
 *    what its lots have in the held account.
 * 5. Its pending points are what its pending awards gave, less what was taken back of them. A pending
 *    award has no lot; another's has no more than it gave.
 */
export function faultsOf({ accounts, transfers, lots, uses, holds, awards }: Ledger): string[] {
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
    const isInLots = [debit, credit].some((side) => side?.kind === "AVAILABLE" || side?.kind === "HELD");
    const used = uses.filter(({ transferId }) => transferId === id);
    const made = lots.filter(({ transferId }) => transferId === id);
    mustEqual(
      `in lots, ${id}`,
      sum([...used, ...made], (part) => part.amount),
      debit?.unit === "POINTS" && isInLots ? amount : 0,
    );
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
  return faults;
}
