/**
 * `npm run --silent export`: writes a brand's orders or members as CSV, as `npm run import` takes them.
 *
 * npm run --silent export -- orders --brand acme > orders.csv
 * npm run --silent export -- members --brand acme > members.csv
 *
 * --brand SLUG  whose they are
 * --personal    members: with their personal data, which goes on record
 * --local       the server that `npm start` runs in another terminal
 *
 * Without `--local`, the Worker's bindings are read from the environment: DATABASE_URL, ISSUER,
 * SIGNING_KEYS, ENCRYPTION_KEYS, and DATABASE_AUTH_TOKEN where the database needs one.
 *
 * Orders are written without their refunds, members without those whose membership was closed.
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { findBrand } from "./bulk/bulk-brand.ts";
import { exportMembers, exportOrders } from "./bulk/export.ts";
import { readCommand } from "./support/options.ts";
import { runScript } from "./support/run.ts";

const flag = { type: "boolean", default: false } as const;
const { values, words } = readCommand({ brand: { type: "string" }, personal: flag, local: flag });

await runScript(async () => {
  const [kind, ...rest] = words;
  if ((kind !== "orders" && kind !== "members") || rest.length > 0)
    throw new Error("Say what to export: npm run --silent export -- orders --brand SLUG (or members …)");
  const brand = await findBrand(values.brand, values.local);
  const text = kind === "orders" ? exportOrders(brand) : exportMembers(brand, values.personal);
  await pipeline(Readable.from(text), process.stdout);
});
