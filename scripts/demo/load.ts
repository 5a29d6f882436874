import type { Database } from "../../src/database/client.ts";
import type { Environment } from "../../src/environment.ts";
import { books } from "./books.ts";
import { cinema } from "./cinema.ts";
import { coffee } from "./coffee.ts";
import type { DemoBrand } from "./content.ts";
import { clientIdOf, DAY_MS, type Demo, type LoadedBrand } from "./demo.ts";
import { demoSlugs } from "./guard.ts";
import { loadAlliance } from "./load-alliance.ts";
import { loadClients } from "./load-clients.ts";
import { loadCoupons } from "./load-coupons.ts";
import { loadMembers } from "./load-members.ts";
import { loadOrders } from "./load-orders.ts";
import { BRAND_DAYS, loadBrand, loadProgram } from "./load-program.ts";
import { loadRules } from "./load-rules.ts";
import { findPersonas } from "./personas.ts";

/** Someone to try the API as. */
export interface Persona {
  /** `Lin, a gold member` */
  who: string;
  brand: string;
  kind: string;
  /** An access token; it lives for 15 minutes. */
  token: string;
  /** How to get a new token: a member's comes from its storefront, which exchanges its own id for it. */
  renewal: { client: { id: string; secret: string }; grant: Record<string, string> };
  /** Something worth asking, to paste. */
  request: { query: string; variables?: Record<string, unknown> };
}

/**
 * Loads the demo data where it is not there yet, and answers who can be tried. Everything goes through
 * the operations that callers use, with fixed idempotency keys, so that a load that was interrupted goes
 * on where it stopped. To load it anew: `npm run demo`, which empties the own database first.
 *
 * @throws Error outside development: the demo's clients have secrets that everyone can read. Whether the
 * database is one to load it into, `refuseOthersData` says.
 */
export async function loadDemo(database: Database, environment: Environment): Promise<Persona[]> {
  if (!environment.development) {
    throw new Error(
      "The demo data has clients whose secrets everyone knows: load it only where ENVIRONMENT is development.",
    );
  }
  if (!(await isLoaded(database))) {
    let operations = 0;
    const nextMillisecond = () => operations++;
    await load({ database, environment, now: await startOf(database), nextMillisecond });
  }
  return findPersonas(database, environment, Date.now());
}

/** The partner clients come last. */
async function isLoaded(database: Database): Promise<boolean> {
  const where = { id: clientIdOf("cinema", "PARTNER") };
  return (await database.query.clients.findFirst({ columns: { id: true }, where })) !== undefined;
}

/** The moment from which days are counted: that of a load which was interrupted, or now. */
async function startOf(database: Database): Promise<number> {
  const brand = await database.query.brands.findFirst({
    columns: { createdAt: true },
    where: { slug: { in: demoSlugs } },
  });
  return brand ? brand.createdAt + BRAND_DAYS * DAY_MS : Date.now();
}

async function load(demo: Demo): Promise<void> {
  // One after the other: sqld has four connections for everyone.
  const coffeeShop = await loadOne(demo, coffee);
  const bookShop = await loadOne(demo, books);
  const cinemas = await loadOne(demo, cinema);
  const allianceId = await loadAlliance(demo, { coffee: coffeeShop, books: bookShop, cinema: cinemas });
  await loadClients(demo, bookShop, ["PARTNER"], allianceId);
  await loadClients(demo, cinemas, ["PARTNER"], allianceId);
}

async function loadOne(demo: Demo, content: DemoBrand): Promise<LoadedBrand> {
  const brand = await loadBrand(demo, content);
  await loadClients(demo, brand, ["OPERATOR", "SERVICE", "STOREFRONT", "TILL"]);
  await loadProgram(demo, brand);
  await loadRules(demo, brand);
  await loadMembers(demo, brand);
  await loadOrders(demo, brand);
  await loadCoupons(demo, brand);
  return brand;
}
