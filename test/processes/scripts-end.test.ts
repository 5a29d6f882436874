import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BulkBrand } from "../../scripts/bulk/bulk-brand.ts";
import { root } from "../../scripts/support/packages.ts";
import { startSqld } from "../../scripts/support/sqld.ts";
import { closeStreams } from "../../src/database/streams.ts";
import { type BulkServer, startBulkServer } from "./bulk-support.ts";

let server: BulkServer;
let brand: BulkBrand;

beforeAll(async () => {
  server = await startBulkServer();
  brand = await server.newBrand();
}, 60_000);

afterAll(() => server?.stop());

/** A script on the test's database. */
function begin(script: string, options: string[], environment: object = {}) {
  const child = spawn(process.execPath, [join(root, "scripts", `${script}.ts`), ...options], {
    env: { PATH: process.env.PATH, ...server.bindings, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said += chunk;
    });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, said: said.trim() }));
  return { child, ended };
}

const run = (script: string, options: string[], environment: object = {}) =>
  begin(script, options, environment).ended;

const founding = (slug: string, ...options: string[]) => [
  ...["--slug", slug, "--name", "Acme", "--locale", "en", "--time-zone", "Europe/Paris"],
  ...["--currency", "EUR", ...options],
];

test("scripts that fail one after the other leave no stream, so that none waits for the database", async () => {
  await closeStreams();
  const { slug } = brand;
  const failing: [script: string, options: string[]][] = [
    ["export", ["orders", "--brand", "nobody"]],
    ["import", ["orders", "nothing.csv", "--brand", slug]],
    ["codes", ["--brand", slug, "--batch", "bat_none"]],
    ["create-brand", founding("acme")],
    ["create-brand", founding("acme")],
    ["export", ["orders", "--brand", "nobody"]],
    ["codes", ["--brand", slug, "--batch", "bat_none"]],
  ];
  const took: number[] = [];
  for (const [script, options] of failing) {
    const startedAt = performance.now();
    await run(script, options);
    took.push(performance.now() - startedAt);
  }
  // The server waits for 10 seconds until it lets go of a stream that nobody gave back.
  expect(Math.max(...took)).toBeLessThan(4_500);
}, 120_000);

test("a script that is ended by a signal gives its streams back", async () => {
  for (let time = 0; time < 5; time += 1) {
    const { child, ended } = begin("jobs", []);
    await once(child.stdout, "data");
    child.kill("SIGINT");
    const startedAt = performance.now();
    await ended;
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  }
}, 120_000);

test("a database that goes away or lacks migrations is one sentence with the fix, without SQL", async () => {
  // Of its own: what goes away on its way leaves streams behind.
  const elsewhere = await startBulkServer();
  const { slug } = await elsewhere.newBrand();
  let answers = 0;
  let most = 0;
  const proxy = createServer(async (request, response) => {
    answers += 1;
    if (answers > most) return void request.socket.destroy();
    const body = Buffer.concat(await request.toArray());
    const answer = await fetch(`${elsewhere.bindings.DATABASE_URL}${request.url}`, { method: "POST", body });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const DATABASE_URL = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const gone: string[] = [];
  for (most of [1, 2]) {
    answers = 0;
    gone.push(
      (await run("export", ["members", "--brand", slug], { ...elsewhere.bindings, DATABASE_URL })).said,
    );
    answers = 0;
    gone.push((await run("jobs", ["--job", "expirePoints"], { ...elsewhere.bindings, DATABASE_URL })).said);
  }
  proxy.close();
  await elsewhere.stop();
  expect(gone.join("\n")).not.toMatch(/Failed query|select "/);
  expect(gone.join("\n")).toMatch(
    /^The database does not answer any more: once it does, run the same command/m,
  );
  expect(gone.join("\n")).toMatch(
    /^The database does not answer any more: once it does, the same command goes on where this was\.$/m,
  );

  const empty = await startSqld(join(server.folder, "empty"));
  const lacking = await run("jobs", [], { DATABASE_URL: empty.url });
  await empty.stop();
  expect(lacking.said).toMatch(/^The database .* may lack migrations\. Run npm run migrate, .*$/m);
}, 120_000);

test("a script whose reader goes away ends at once, quietly", async () => {
  const { child, ended } = begin("jobs", []);
  await once(child.stdout, "data");
  child.stdout.destroy();
  const { code, said } = await ended;
  expect([code, said]).toEqual([0, expect.stringMatching(/^All that is due by [^\n]+$/)]);
}, 60_000);

test("a brand whose founding was cut off gets its client from a second run, and no third", async () => {
  const { slug, brandId } = await server.newBrand();
  const second = await run("create-brand", founding(slug));
  expect(second).toEqual({ code: 0, said: expect.stringMatching(`Brand     ${brandId}  ${slug}\nClient`) });
  const third = await run("create-brand", founding(slug));
  expect(third.said).toBe(`There is a brand ${slug} already: choose another --slug.`);
  const clients = await brand.open().query.clients.findMany({ where: { brandId } });
  expect(clients).toHaveLength(1);
}, 60_000);

test("create-brand takes the texts that the API takes, and no others", async () => {
  const refused = await Promise.all([
    run("create-brand", founding("texts", "--name", " ")),
    run("create-brand", founding("texts", "--points-name", "")),
    run("create-brand", founding("texts", "--tier-name", "x".repeat(5_000))),
    run("create-brand", founding("x".repeat(500))),
  ]);
  expect(refused.map(({ said }) => said)).toEqual([
    "--name must not be empty.",
    "--points-name must not be empty.",
    expect.stringMatching(/^--tier-name .*4000/),
    "--slug takes lower-case letters, digits and single hyphens, 60 at most.",
  ]);
  const made = await brand.open().query.brands.findFirst({ where: { slug: "texts" } });
  expect(made).toBeUndefined();
}, 60_000);
