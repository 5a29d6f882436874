/**
 * `npm run create-brand`: founds a brand, with the operator client that sets up everything else.
 *
 * `--slug acme --name "Acme" --locale en --time-zone Europe/Paris --currency EUR`. The Worker's bindings
 * are read from the environment; those of a local start with `node --env-file=.data/worker.env`.
 */
import { parseArgs } from "node:util";
import { scopesFor } from "../src/access/scopes.ts";
import { foundBrand, type NewBrand } from "../src/brands/found-brand.ts";
import { createClient } from "../src/clients/create-client.ts";
import { createContext } from "../src/context.ts";
import { type Database, openDatabase } from "../src/database/client.ts";
import { failureOf } from "../src/database/failures.ts";
import { type Bindings, type Environment, readEnvironment } from "../src/environment.ts";
import { isRefusal } from "../src/errors.ts";

const DEADLINE_MS = 30_000;

try {
  const brand = readBrand();
  const environment = await readEnvironment({ ...process.env } as unknown as Bindings);
  const now = Date.now();
  const { url, authToken } = environment.database;
  const { database } = openDatabase({ url, authToken, deadline: now + DEADLINE_MS, clock: Date.now });
  const { brandId } = await found(database, environment, brand, now);
  const { clientId, clientSecret } = await createOperator(database, environment, brandId, now);
  console.log(`Brand     ${brandId}  ${brand.slug}`);
  console.log(`Client    ${clientId}  OPERATOR, with every scope of its kind`);
  console.log(`Secret    ${clientSecret}  shown this once`);
  console.log("\nA token for it:");
  console.log(
    `curl -s ${environment.issuer}/oauth/token -u '${clientId}:${clientSecret}' -d grant_type=client_credentials`,
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function readBrand(): NewBrand {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: {
      ...{ slug: text, name: text, locale: text, "time-zone": text, currency: text },
      "points-name": { ...text, default: "Points" },
      "tier-name": { ...text, default: "Member" },
    },
  });
  const required = (
    option: "slug" | "name" | "locale" | "time-zone" | "currency",
    example: string,
  ): string => {
    const value = values[option];
    if (!value) throw new Error(`--${option} is missing, such as: --${option} ${example}`);
    return value;
  };
  const brand = {
    slug: required("slug", "acme"),
    locale: required("locale", "zh-CN"),
    timeZone: required("time-zone", "Asia/Shanghai"),
    currency: required("currency", "CNY"),
  };
  const name = required("name", '"Acme Coffee"');
  refuseUnreadable(brand);
  return {
    ...brand,
    name: { [brand.locale]: name },
    pointsName: { [brand.locale]: values["points-name"] },
    firstTier: { name: { [brand.locale]: values["tier-name"] }, color: "#888888" },
  };
}

function refuseUnreadable(brand: Pick<NewBrand, "slug" | "locale" | "timeZone" | "currency">): void {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(brand.slug)) {
    throw new Error("--slug takes lower-case letters, digits and single hyphens.");
  }
  if (!/^[A-Z]{3}$/.test(brand.currency)) throw new Error("--currency takes an ISO 4217 code, such as CNY.");
  try {
    new Intl.DateTimeFormat(brand.locale, { timeZone: brand.timeZone });
  } catch {
    throw new Error("--locale takes a BCP 47 tag such as zh-CN, and --time-zone an IANA name.");
  }
}

async function found(database: Database, { encryptionKeys }: Environment, brand: NewBrand, now: number) {
  try {
    return await foundBrand(database, encryptionKeys, brand, now);
  } catch (cause) {
    const taken = failureOf(cause) === "constraint";
    throw new Error(
      taken ? `There is a brand ${brand.slug} already.` : "The database did not found the brand.",
      { cause },
    );
  }
}

/** The first client cannot be made by another: the platform makes it, as the record then says. */
async function createOperator(database: Database, environment: Environment, brandId: string, now: number) {
  const scopes = scopesFor("OPERATOR");
  const context = createContext({
    ...{ environment, database, now },
    actor: { kind: "OPERATOR", brandId, clientId: "platform", scopes: new Set(scopes) },
    deadline: now + DEADLINE_MS,
    locales: [],
  });
  const result = await createClient(context, { kind: "OPERATOR", name: "First operator", scopes }, () =>
    database.query.clients.findFirst({ columns: { id: true }, where: { brandId } }),
  );
  if (isRefusal(result)) throw new Error(`The client was refused: ${JSON.stringify(result)}`);
  return result.outcome;
}
