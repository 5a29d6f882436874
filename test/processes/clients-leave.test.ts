import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newSecrets } from "../../scripts/support/bindings.ts";
import { bundleWorker } from "../../scripts/support/bundle.ts";
import { applyMigrations } from "../../scripts/support/migrations.ts";
import { type RunningSqld, startSqld } from "../../scripts/support/sqld.ts";
import { type RunningWorkerd, startWorkerd } from "../../scripts/support/workerd.ts";

let folder: string;
let sqld: RunningSqld;
let far: Server;
let worker: RunningWorkerd;

/** How far away the database is. */
const DISTANCE_MS = 100;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tessera-leave-"));
  const bundle = await bundleWorker(join(folder, "dist"));
  sqld = await startSqld(join(folder, "database"));
  await applyMigrations(sqld.url);
  far = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    await new Promise((resolve) => setTimeout(resolve, DISTANCE_MS));
    const answer = await fetch(`${sqld.url}${request.url}`, { method: "POST", body });
    response.writeHead(answer.status).end(await answer.text());
  }).listen(0);
  await once(far, "listening");
  const DATABASE_URL = `http://127.0.0.1:${(far.address() as AddressInfo).port}`;
  const ISSUER = "https://loyalty.example.com";
  worker = await startWorkerd(bundle.file, { ...(await newSecrets()), DATABASE_URL, ISSUER });
});

afterAll(async () => {
  await worker?.stop();
  far?.close();
  await sqld?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Asked for the first time, so that the database has to be asked. */
const newQuestion = () =>
  JSON.stringify({ query: `{ program(brand: "nobody-${crypto.randomUUID()}") { id } }` });

/** Asks, and is gone before there is an answer. */
async function askAndLeave(): Promise<void> {
  const { hostname, port } = new URL(worker.url);
  const body = newQuestion();
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  const lines = ["POST /graphql HTTP/1.1", "host: x", "content-type: application/json"];
  socket.write([...lines, `content-length: ${body.length}`, "", body].join("\r\n"));
  await new Promise((resolve) => setTimeout(resolve, DISTANCE_MS * 0.7));
  socket.resetAndDestroy();
}

/** How long an answer takes, in milliseconds. */
async function answerTime(): Promise<number> {
  const begun = performance.now();
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${worker.url}/graphql`, { method: "POST", headers, body: newQuestion() });
  expect(await response.json()).toEqual({ data: { program: null } });
  return performance.now() - begun;
}

test("clients that leave before they are answered take no stream and no place from those that come after", async () => {
  await answerTime();
  // More than an isolate answers at once, in two turns.
  for (const _ of [1, 2]) {
    await Promise.all(Array.from({ length: 40 }, askAndLeave));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
  // Whoever waits for a stream that nobody gives back waits for 400 ms, and then for the database.
  for (const _ of [1, 2, 3]) expect(await answerTime()).toBeLessThan(400);
});
