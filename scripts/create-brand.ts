/**
 * `npm run create-brand`: founds a brand, with the operator client that sets up everything else.
 *
 * npm run create-brand -- --slug acme --name "Acme" --locale en --time-zone Europe/Paris --currency EUR
 *
 * --points-name TEXT  what its points are called; Points
 * --tier-name TEXT    what the tier is called that everyone starts in; Member
 * --local             founds it at the server that `npm start` runs in another terminal
 *
 * Without `--local`, the Worker's bindings are read from the environment: DATABASE_URL, ISSUER,
 * SIGNING_KEYS, ENCRYPTION_KEYS, and DATABASE_AUTH_TOKEN where the database needs one.
 */
import { join } from "node:path";
import { scopesFor } from "../src/access/scopes.ts";
import { foundBrand, type NewBrand } from "../src/brands/found-brand.ts";
import { isCurrency, isTimeZone } from "../src/brands/settings.ts";
import { createClient } from "../src/clients/create-client.ts";
import { createContext } from "../src/context.ts";
import type { Database } from "../src/database/client.ts";
import { failureOf } from "../src/database/failures.ts";
import { type Environment, readEnvironment } from "../src/environment.ts";
import { isRefusal } from "../src/errors.ts";
import { isLanguageTag } from "../src/locales.ts";
import { longText } from "../src/texts.ts";
import { hasNoTables } from "./demo/guard.ts";
import { readBindings } from "./support/bindings.ts";
import { readOptions } from "./support/options.ts";
import { root } from "./support/packages.ts";
import { reachDatabase } from "./support/reach.ts";
import { runScript } from "./support/run.ts";

const DEADLINE_MS = 30_000;
const EXAMPLES = {
  slug: "acme",
  name: '"Acme Coffee"',
  locale: "zh-CN",
  "time-zone": "Asia/Shanghai",
  currency: "CNY",
} as const;

const text = { type: "string" } as const;
const options = readOptions({
  ...{ slug: text, name: text, locale: text, "time-zone": text, currency: text },
  "points-name": { ...text, default: "Points" },
  "tier-name": { ...text, default: "Member" },
  local: { type: "boolean", default: false },
});

// Not cut off by a signal: the secret must be shown that nobody sees again.
await runScript(createBrand, { endsItself: true });

async function createBrand(): Promise<void> {
  const brand = readBrand();
  const environment = await readEnvironment(readBindings(options.local ? join(root, ".data") : undefined));
  const remedy = options.local
    ? "start it in another terminal, with: npm start"
    : "start it, or set DATABASE_URL to where it is.";
  const database = await reachDatabase(environment.database, remedy, DEADLINE_MS);
  const now = Date.now();
  const { brandId } = await found(database, environment, brand, now);
  const { clientId, clientSecret } = await createOperator(database, environment, brandId, now);
  console.log(`Brand     ${brandId}  ${brand.slug}`);
  console.log(`Client    ${clientId}  OPERATOR, with every scope of its kind`);
  console.log(`Secret    ${clientSecret}  shown this once`);
  console.log("\nA token for it:");
  console.log(
    `curl -s ${environment.issuer}/oauth/token -u '${clientId}:${clientSecret}' -d grant_type=client_credentials`,
  );
}

function readBrand(): NewBrand {
  const { slug, name, locale, "time-zone": timeZone, currency } = options;
  if (!slug || !name || !locale || !timeZone || !currency) {
    const names = Object.keys(EXAMPLES) as (keyof typeof EXAMPLES)[];
    const missing = names.filter((option) => !options[option]).map((option) => `--${option}`);
    const example = names.map(
      (option) => `--${option} ${options[option] ? quoted(options[option]) : EXAMPLES[option]}`,
    );
    throw new Error(
      `Missing: ${missing.join(", ")}. Such as:\n\n  npm run create-brand -- ${example.join(" ")}\n`,
    );
  }
  const brand = { slug, locale, timeZone, currency };
  refuseUnreadable(brand);
  return {
    ...brand,
    name: { [locale]: readText("name", name) },
    pointsName: { [locale]: readText("points-name", options["points-name"]) },
    firstTier: { name: { [locale]: readText("tier-name", options["tier-name"]) }, color: "#888888" },
  };
}

/** A text that members read, by the rule of the API. */
function readText(option: string, text: string): string {
  const { success, data, error } = longText.safeParse(text);
  if (!success) throw new Error(`--${option} ${error.issues[0]?.message}.`);
  return data;
}

/** As one word of a shell. */
function quoted(value: string): string {
  return /^[\w/.-]+$/.test(value) ? value : JSON.stringify(value);
}

function refuseUnreadable(brand: Pick<NewBrand, "slug" | "locale" | "timeZone" | "currency">): void {
  if (!/^(?=.{1,60}$)[a-z0-9]+(-[a-z0-9]+)*$/.test(brand.slug)) {
    throw new Error("--slug takes lower-case letters, digits and single hyphens, 60 at most.");
  }
  if (!isCurrency(brand.currency)) {
    throw new Error(`--currency takes an ISO 4217 code, such as CNY, not ${brand.currency}.`);
  }
  if (!isLanguageTag(brand.locale)) {
    throw new Error(`--locale takes a BCP 47 tag, such as zh-CN, not ${brand.locale}.`);
  }
  if (!isTimeZone(brand.timeZone)) {
    throw new Error(`--time-zone takes an IANA name, such as Asia/Shanghai, not ${brand.timeZone}.`);
  }
}

async function found(database: Database, { encryptionKeys }: Environment, brand: NewBrand, now: number) {
  try {
    return await foundBrand(database, encryptionKeys, brand, now);
  } catch (cause) {
    if (failureOf(cause) === "constraint") {
      const known = await findUnfinished(database, brand.slug);
      if (known) {
        console.log("An earlier run was cut off: this one makes its client; the brand keeps its settings.\n");
        return { brandId: known.id };
      }
      throw new Error(`There is a brand ${brand.slug} already: choose another --slug.`, { cause });
    }
    if (hasNoTables(cause)) {
      throw new Error("The database has no tables yet: run npm run migrate, with the same DATABASE_URL.", {
        cause,
      });
    }
    throw cause;
  }
}

/** A brand without any client: what a run leaves that is cut off between the two. */
async function findUnfinished(database: Database, slug: string) {
  const brand = await database.query.brands.findFirst({ columns: { id: true }, where: { slug } });
  const client = await database.query.clients.findFirst({
    columns: { id: true },
    where: { brandId: brand?.id ?? "" },
  });
  return client ? undefined : brand;
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
