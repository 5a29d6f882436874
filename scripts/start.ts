/**
 * `npm start`: the whole platform on this machine, with demo data and someone to try it as.
 *
 * --port N       where it answers; 8787
 * --folder PATH  where it keeps its data; .data
 * --fresh        removes that data first
 * --demo         puts the demo into a database of yours that is not on this machine
 *
 * With DATABASE_URL, and where it needs one DATABASE_AUTH_TOKEN, it uses that libSQL server in place of an
 * own one. The demo's clients have secrets that everyone can read, so a database that holds other brands
 * is refused, and one elsewhere needs `--demo`.
 */
import { join } from "node:path";
import { closeStreams } from "../src/database/streams.ts";
import { refuseOthersData } from "./demo/guard.ts";
import { loadDemo, type Persona } from "./demo/load.ts";
import { readOptions } from "./support/options.ts";
import { root } from "./support/packages.ts";
import { type Address, isLoopback, reachDatabase, refuseMalformed } from "./support/reach.ts";
import { askedToEnd, sentenceOf } from "./support/run.ts";
import { type RunningServer, startServer } from "./support/server.ts";

const asked = askedToEnd();

const options = readOptions({
  port: { type: "string", default: "8787" },
  folder: { type: "string", default: join(root, ".data") },
  fresh: { type: "boolean", default: false },
  demo: { type: "boolean", default: false },
});

/** As the cron trigger in wrangler.toml. */
const CLOCK_MS = 5 * 60_000;

try {
  await run(asked);
} catch (error) {
  if (!asked.aborted) {
    console.error(`\n${sentenceOf(error)}`);
    process.exitCode = 1;
  }
}
// What a dependency still holds open must not keep a server alive that has been ended.
process.exit();

/** Runs until it is asked to end; throws when a part of it fails. */
async function run(signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  const onStep = (step: string) =>
    console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(5)} s  ${step} …`);
  const { folder, fresh } = options;
  const port = readPort();
  const { DATABASE_URL: url, DATABASE_AUTH_TOKEN: authToken } = process.env;
  if (fresh && url) {
    throw new Error(
      "--fresh empties the own database only: unset DATABASE_URL, or empty that database yourself.",
    );
  }
  if (url) await refuseInUse({ url, authToken });

  const server = await startServer({
    ...{ folder, port, fresh, signal, onStep },
    ...(url ? { elsewhere: { url, authToken } } : {}),
    onLine: (line) => console.log(line),
  });
  const clock = setInterval(() => callJobs(server.url), CLOCK_MS);
  try {
    onStep("Loading the demo data");
    const personas = await server.withDatabase((database) => loadDemo(database, server.environment));
    await callJobs(server.url);
    console.log(describe(server, personas, performance.now() - startedAt));
    const failure = await server.failed;
    if (!signal.aborted) throw new Error(failure);
  } finally {
    clearInterval(clock);
    await server.stop();
  }
}

/** What Cloudflare's clock does; one call more or less changes nothing. */
async function callJobs(url: string): Promise<void> {
  await fetch(`${url}/cdn-cgi/handler/scheduled?time=${Date.now()}`).catch(() => undefined);
}

/** The demo must not come into a database that someone relies on. */
async function refuseInUse(address: Address): Promise<void> {
  refuseMalformed(address.url);
  if (!options.demo && !isLoopback(address.url)) {
    throw new Error(
      `DATABASE_URL is on ${new URL(address.url).host}, and the demo's clients have secrets that everyone can ` +
        "read: unset it, or add --demo if that database is for trying only.",
    );
  }
  const database = await reachDatabase(
    address,
    "start it, or unset DATABASE_URL and one is started for you.",
  );
  await refuseOthersData(database).finally(closeStreams);
}

function readPort(): number {
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`--port takes a number between 1 and 65535, not ${options.port}.`);
  }
  return port;
}

function describe({ url }: RunningServer, personas: Persona[], tookMs: number): string {
  return [
    `\nTessera answers, after ${(tookMs / 1_000).toFixed(1)} s. Ctrl-C ends it.\n`,
    `  GraphQL   ${url}/graphql  (in a browser: GraphiQL)`,
    `  Tokens    ${url}/oauth/token`,
    `  Keys      ${url}/.well-known/jwks.json`,
    `  Health    ${url}/health`,
    "\nA token lives for 15 minutes; below each request is how to get a new one.",
    ...personas.flatMap((persona) => describePersona(url, persona)),
  ].join("\n");
}

function describePersona(url: string, { who, brand, kind, token, renewal, request }: Persona): string[] {
  const body = quote(JSON.stringify(request));
  const { client, grant } = renewal;
  const form = Object.entries(grant).map(([name, value]) => ` -d ${name}=${value}`);
  return [
    `\n── ${who} · ${brand} · ${kind}`,
    `curl -s ${url}/graphql -H 'content-type: application/json' \\`,
    `  -H 'authorization: Bearer ${token}' \\`,
    `  -d ${body}`,
    "a new token:",
    `curl -s ${url}/oauth/token -u ${quote(`${client.id}:${client.secret}`)}${form.join("")}`,
  ];
}

/** As one word of a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
