import { join } from "node:path";
import type { Context } from "../../src/context.ts";
import { type Database, openDatabase } from "../../src/database/client.ts";
import { BEGIN_READS } from "../../src/database/hrana.ts";
import { type Environment, readEnvironment } from "../../src/environment.ts";
import { asPlatform } from "../../src/jobs/platform.ts";
import { hasNoTables } from "../demo/guard.ts";
import { readBindings } from "../support/bindings.ts";
import { root } from "../support/packages.ts";
import { reachDatabase } from "../support/reach.ts";

/** A brand whose data goes in or out by the thousand. */
export interface BulkBrand {
  brandId: string;
  slug: string;
  timeZone: string;
  currency: string;
  /** A client for some work: each batch and each page has its own, with a deadline of its own. */
  open: () => Database;
  /**
   * What the platform does in the brand's name; on record as `tessera`. With a `turn`, what it writes waits
   * for that, ready to be sent; where that fails, it is not.
   */
  context: (now?: number, turn?: Promise<void>) => Context;
}

const BATCH_MS = 60_000;

/** Sends requests to the database: what may write, in its turn. Reads that travel together wait for none. */
const sendIn =
  (turn?: Promise<void>): typeof fetch =>
  async (input, init) => {
    if (!String(init?.body).includes(BEGIN_READS)) await turn;
    return fetch(input, init);
  };

/**
 * Finds the database as other scripts do, and the brand in it.
 *
 * @throws Error with the fix.
 */
export async function findBrand(slug: string | undefined, local: boolean): Promise<BulkBrand> {
  if (!slug) throw new Error("Say whose they are: --brand SLUG");
  const environment = await readEnvironment(readBindings(local ? join(root, ".data") : undefined));
  const remedy = local
    ? "start it in another terminal, with: npm start"
    : "start it, or set DATABASE_URL to where it is.";
  await reachDatabase(environment.database, remedy);
  return brandIn(environment, slug);
}

/** A brand by its slug, in the database of an environment. */
export async function brandIn(environment: Environment, slug: string): Promise<BulkBrand> {
  const { url, authToken } = environment.database;
  const open = (turn?: Promise<void>) =>
    openDatabase({
      ...{ url, authToken, deadline: Date.now() + BATCH_MS, clock: Date.now },
      send: sendIn(turn),
    }).database;
  const brand = await open()
    .query.brands.findFirst({ where: { slug } })
    .catch((cause) => {
      if (!hasNoTables(cause)) throw cause;
      throw new Error("The database has no tables yet: run npm run migrate, with the same DATABASE_URL.", {
        cause,
      });
    });
  if (!brand) throw new Error(`There is no brand ${slug} in this database: npm run create-brand makes one.`);
  const { id: brandId, timeZone, currency } = brand;
  const context = (now = Date.now(), turn?: Promise<void>) =>
    asPlatform(open(turn), environment, brandId, now);
  return { brandId, slug, timeZone, currency, open: () => open(), context };
}
