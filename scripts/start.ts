/**
 * `npm start`: the whole platform on this machine, with demo data and someone to try it as.
 *
 * `--port N` (8787), `--folder PATH` (`.data`), `--fresh` (empties the folder). With DATABASE_URL, and where it needs one
 * DATABASE_AUTH_TOKEN, it uses that libSQL server in place of an own one.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadDemo, type Persona } from "./demo/load.ts";
import { root } from "./support/packages.ts";
import { type RunningServer, startServer } from "./support/server.ts";

const asked = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => asked.abort());

try {
  await run(asked.signal);
} catch (error) {
  if (!asked.signal.aborted) {
    console.error(`\n${error instanceof Error ? error.message : error}`);
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
  const { port, folder, fresh } = readOptions();
  const url = process.env.DATABASE_URL;
  if (fresh && url) {
    throw new Error(
      "--fresh empties the own database only: unset DATABASE_URL, or empty that database yourself.",
    );
  }
  if (fresh) await rm(folder, { recursive: true, force: true });

  const server = await startServer({
    ...{ folder, port, signal, onStep },
    ...(url ? { elsewhere: { url, authToken: process.env.DATABASE_AUTH_TOKEN } } : {}),
    onLine: (line) => console.log(line),
  });
  try {
    onStep("Loading the demo data");
    const personas = await server.withDatabase((database) => loadDemo(database, server.environment));
    console.log(describe(server, personas, performance.now() - startedAt));
    const failure = await server.failed;
    if (!signal.aborted) throw new Error(failure);
  } finally {
    await server.stop();
  }
}

function readOptions(): { port: number; folder: string; fresh: boolean } {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8787" },
      folder: { type: "string", default: join(root, ".data") },
      fresh: { type: "boolean", default: false },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`--port takes a number between 1 and 65535, not ${values.port}.`);
  }
  return { ...values, port };
}

function describe({ url }: RunningServer, personas: Persona[], tookMs: number): string {
  return [
    `\nTessera answers, after ${(tookMs / 1_000).toFixed(1)} s. Ctrl-C ends it.\n`,
    `  GraphQL   ${url}/graphql  (in a browser: GraphiQL)`,
    `  Tokens    ${url}/oauth/token`,
    `  Keys      ${url}/.well-known/jwks.json`,
    `  Health    ${url}/health`,
    ...personas.flatMap((persona) => describePersona(url, persona)),
  ].join("\n");
}

function describePersona(url: string, { who, brand, kind, token, client, request }: Persona): string[] {
  const body = quote(JSON.stringify(request));
  return [
    `\n── ${who} · ${brand} · ${kind}`,
    `curl -s ${url}/graphql -H 'content-type: application/json' \\`,
    `  -H 'authorization: Bearer ${token}' \\`,
    `  -d ${body}`,
    ...(client
      ? [
          "its token lives for 15 minutes; a new one:",
          `curl -s ${url}/oauth/token -u ${quote(`${client.id}:${client.secret}`)} -d grant_type=client_credentials`,
        ]
      : []),
  ];
}

/** As one word of a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
