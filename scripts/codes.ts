/**
 * `npm run --silent codes`: makes codes of an offer, up to 100 million at once, and writes them as CSV; or
 * writes those of a batch that was made before.
 *
 * npm run --silent codes -- --brand acme --offer ofr_… --count 1000000 > codes.csv
 * npm run --silent codes -- --brand acme --batch bat_… --from 500000 >> codes.csv
 *
 * --brand SLUG      whose they are
 * --offer ID        makes a batch of this offer; each code counts against its limit
 * --count N         how many; with --batch, at most so many
 * --prefix TEXT     what each begins with; nothing
 * --alphabet TEXT   what comes after it; Crockford's 32 letters, in which none is mistaken for another
 * --length N        how many letters, before the check character; 15
 * --grouping N      in groups of so many letters, 0 without; 4
 * --batch ID        writes a batch that is there
 * --from N          with --batch: leaves so many out at the start, to go on where an export broke; 0
 * --local           the server that `npm start` runs in another terminal
 *
 * Without `--local`, the Worker's bindings are read from the environment: DATABASE_URL, ISSUER,
 * SIGNING_KEYS, ENCRYPTION_KEYS, and DATABASE_AUTH_TOKEN where the database needs one.
 *
 * Codes are computed and not stored: a batch can be written again at any time, which goes on record.
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createCodeBatch } from "../src/codes/create-code-batch.ts";
import { type ExportedCodes, exportCodeBatch } from "../src/codes/export-code-batch.ts";
import { isRefusal, type Refusal } from "../src/errors.ts";
import { type BulkBrand, findBrand } from "./bulk/bulk-brand.ts";
import { createProgress, grouped, rateOf } from "./bulk/progress.ts";
import { reasonOf } from "./bulk/reasons.ts";
import { readOptions } from "./support/options.ts";
import { runScript } from "./support/run.ts";

const text = { type: "string" } as const;
const options = readOptions({
  ...{ brand: text, offer: text, count: text, prefix: text, alphabet: text, length: text, grouping: text },
  ...{ batch: text, from: text, local: { type: "boolean", default: false } },
});

const again = "run the same command again; a batch that was made is written with --batch.";

await runScript(
  async () => {
    const { offer, batch, prefix, alphabet } = options;
    if ((offer === undefined) === (batch === undefined) || (offer && options.count === undefined))
      throw new Error(
        "Say which codes: --offer ID --count N makes some, --batch ID writes those of a batch.",
      );
    const [count, length, grouping] = [whole("count"), whole("length"), whole("grouping")];
    const brand = await findBrand(options.brand, options.local);
    const look = { prefix, alphabet, length, grouping };
    const made =
      offer === undefined ? batch : await make(brand, { offerId: offer, count: count ?? 0, ...look });
    const from = batch === undefined ? undefined : whole("from");
    await write(brand, made ?? "", { from, count });
  },
  { again },
);

function whole(name: "count" | "length" | "grouping" | "from"): number | undefined {
  const value = options[name];
  if (value !== undefined && !/^\d{1,9}$/.test(value))
    throw new Error(`--${name} takes a whole number, not ${value}.`);
  return value === undefined ? undefined : Number(value);
}

async function make(brand: BulkBrand, input: Parameters<typeof createCodeBatch>[1]): Promise<string> {
  const { outcome } = given(await createCodeBatch(brand.context(), input));
  console.error(`Made ${outcome.codeBatchId}: ${grouped(input.count)} codes.`);
  return outcome.codeBatchId;
}

async function write(
  brand: BulkBrand,
  codeBatchId: string,
  part: { from: number | undefined; count: number | undefined },
): Promise<void> {
  const codes = given(await exportCodeBatch(brand.context(), { codeBatchId, ...part }));
  const startedAt = Date.now();
  await pipeline(Readable.from(told(codes)), process.stdout);
  const ms = Date.now() - startedAt;
  const where = `--brand ${brand.slug}${options.local ? " --local" : ""}`;
  console.error(
    `${grouped(codes.count)} codes in ${(ms / 1_000).toFixed(1)} s, ${grouped(rateOf(codes.count, ms))} a second.\n` +
      `Done. Members claim them with claimCoupon. To write them again: npm run --silent codes -- ${where} --batch ${codeBatchId}\n` +
      "To make those worth nothing that nobody has touched: the mutation revokeCodeBatch.",
  );
}

/** The lines, with how far they are. */
function* told({ count, lines }: ExportedCodes): Generator<string> {
  const progress = createProgress(count, 0, process.stderr);
  let done = 0;
  for (const chunk of lines()) {
    yield chunk;
    if (chunk === "code\n") continue;
    done += chunk.split("\n").length - 1;
    progress.at(done, done);
  }
  progress.end();
}

/** What was asked for. @throws Error that says why not. */
function given<Answer>(answer: Refusal | Answer): Answer {
  if (isRefusal(answer)) throw new Error(reasonOf(answer));
  return answer;
}
