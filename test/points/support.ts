import { faultsOf, type Ledger, readLedger } from "../../scripts/support/ledger.ts";
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
export const ledgerOf = (brandId: string): Promise<Ledger> => readLedger(database(), brandId);

export { faultsOf, type Ledger };
