/**
 * `npm run import`: records the orders of a file, enrols its members, or makes coupons of its codes.
 *
 * npm run import -- orders FILE.csv --brand acme
 * npm run import -- members FILE.csv --brand acme
 * npm run import -- codes FILE.csv --brand acme --offer ofr_…
 *
 * --brand SLUG     whose they are
 * --dry-run        looks at every line and says what would become of it; writes nothing to the database
 * --enrol          orders: those who are no members yet become members on the way; else they are refused
 * --source NAME    orders: the system that rows without a source are of; import
 * --mapping cdnow  orders: the file is the purchase log of CDNOW
 * --offer ID       codes: what they are coupons of
 * --local          the server that `npm start` runs in another terminal
 *
 * Without `--local`, the Worker's bindings are read from the environment: DATABASE_URL, ISSUER,
 * SIGNING_KEYS, ENCRYPTION_KEYS, and DATABASE_AUTH_TOKEN where the database needs one.
 *
 * The file is CSV as RFC 4180 has it, in UTF-8; its first line names the columns, in any order.
 *
 * Orders: a row for each line of an order, the rows of one order together; what is said of the order must
 * not differ between them.
 *   externalId placedAt totalMinor sku quantity amountMinor    must be there
 *   source memberExternalId paidAt completedAt cancelledAt currency shippingMinor discountMinor pointsSpent
 *   channel store couponCodes lineId name categories           can be
 *   lineDiscountMinor                                          what of the discount the line bears
 *   total shipping discount amount lineDiscount                money in major units, 19.99, in place of …Minor
 * couponCodes and categories are separated by |; within one, | is written \| and \ is written \\. A moment is
 * 2026-11-21T09:30:00Z, or 2026-11-21 17:30 on the brand's clock. The total is the lines and the shipping, less
 * the discount.
 *
 * Members: one a row.
 *   externalId                                                 must be there
 *   locale sourceChannel consentsGranted consentsDenied name phone email birthday gender region occupation
 * Consents are channels, separated by |: SMS|EMAIL. One who is a member already stays as it is.
 *
 * Codes: one a row, 4 to 40 of A–Z, 0–9, _ and -, in any case; hyphens do not count. Each becomes a coupon
 * that members can claim, and counts against the offer's limit.
 *   code                                                       must be there
 *
 * Nothing is recorded twice, so that an import can be stopped at any time and started again: it goes on
 * where it was, by a note beside the file. Lines that are refused are put into FILE.refused.csv, with the
 * reason: mend them there and import that file. Where there is such a file already, it stays as it is, and the
 * report is FILE.refused-2.csv, and so on; a dry run's is FILE.dry-run.refused.csv. Refused rows of CDNOW's log
 * are mended in a copy of all of it, since its orders are numbered by the rows before them.
 *
 * It ends with 0 when it is through, also where lines were refused; with 1 when it could not be done, or every
 * line was refused; with 130 when it was stopped.
 */
import { findBrand } from "./bulk/bulk-brand.ts";
import { endMessage } from "./bulk/end-message.ts";
import { importCodesFile, importMembersFile, importOrdersFile } from "./bulk/import-kinds.ts";
import { textIn } from "./bulk/texts.ts";
import { readCommand } from "./support/options.ts";
import { runScript } from "./support/run.ts";

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;
const { values, words } = readCommand({
  ...{ brand: text, source: { ...text, default: "import" }, mapping: text, offer: text },
  ...{ "dry-run": flag, enrol: flag, local: flag },
});

await runScript(importFile, { again: "the same command goes on where this was.", endsItself: true });

async function importFile(asked: AbortSignal): Promise<void> {
  const [kind, file, ...rest] = words;
  if ((kind !== "orders" && kind !== "members" && kind !== "codes") || !file || rest.length > 0)
    throw new Error(
      "Say what to import: npm run import -- orders FILE.csv --brand SLUG (or members, codes …)",
    );
  const { offer: offerId } = values;
  if ((kind === "codes") !== (offerId !== undefined))
    throw new Error("Codes are of an offer: npm run import -- codes FILE.csv --brand SLUG --offer ID");
  const { mapping, enrol, "dry-run": dryRun } = values;
  const source = textIn({ "--source": values.source }, "--source");
  if (mapping !== undefined && mapping !== "cdnow") throw new Error("--mapping takes: cdnow");
  const brand = await findBrand(values.brand, values.local);
  const options = { file, dryRun, output: process.stderr, signal: asked };
  const summary =
    kind === "orders"
      ? await importOrdersFile(brand, { ...options, mapping, source, enrol })
      : offerId === undefined
        ? await importMembersFile(brand, options)
        : await importCodesFile(brand, { ...options, offerId });
  const toSee =
    kind === "codes"
      ? "Members claim them with claimCoupon."
      : `To see them: npm run export -- ${kind} --brand ${values.brand}${values.local ? " --local" : ""}`;
  for (const line of endMessage(kind, file, summary, { dryRun, mapping, toSee })) console.log(line);
  const isAllRefused = Object.keys(summary.counts).join() === "REFUSED";
  if (isAllRefused) process.exitCode = 1;
}
