import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endMessage } from "../../scripts/bulk/end-message.ts";
import { importOrdersFile } from "../../scripts/bulk/import-kinds.ts";
import { takeLock } from "../../scripts/support/lock.ts";
import { asCdnow, type BulkServer, CDNOW, HEADER, options, rowOf, startBulkServer } from "./bulk-support.ts";

let server: BulkServer;

beforeAll(async () => {
  server = await startBulkServer();
});

afterAll(() => server?.stop());

const ownCommand = () =>
  execFileSync("ps", ["-o", "command=", "-p", String(process.pid)], { encoding: "utf8" }).trim();

test("an import that is stopped leaves its report as it is then, and puts what it refuses later into another", async () => {
  const brand = await server.newBrand();
  const bad = (from: number) =>
    Array.from({ length: 300 }, (_, n) => rowOf(from + n, "nobody")).join("") +
    Array.from({ length: 3_000 }, (_, n) => rowOf(from + 300 + n, "")).join("");
  const file = await server.newFile("stopped.csv", HEADER + bad(1) + bad(10_001));
  const stop = new AbortController();
  stop.abort();
  const first = await importOrdersFile(brand, { ...options, file, signal: stop.signal });
  const report = join(server.folder, "stopped.refused.csv");
  expect(first).toMatchObject({ stopped: true, reports: [report] });

  const dry = await importOrdersFile(brand, { ...options, file, dryRun: true });
  expect(dry.reports).toEqual([join(server.folder, "stopped.dry-run.refused.csv")]);
  const mended = (await readFile(report, "utf8")).replaceAll("nobody", "").slice(0, 1_000);
  await writeFile(report, mended);

  const second = await importOrdersFile(brand, { ...options, file });
  const other = join(server.folder, "stopped.refused-2.csv");
  expect(second).toMatchObject({ stopped: false, counts: { RECORDED: 6_000, REFUSED: 600 } });
  expect(second.reports).toEqual([report, other]);
  expect(await readFile(report, "utf8")).toBe(mended);
  const later = (await readFile(other, "utf8")).trimEnd().split("\r\n");
  expect(later).toHaveLength(301);
  expect(later[1]).toMatch(/^3302,Nothing was found for nobody\.,o-10001,/);

  // Line 3,302 is in the second half: the run went on where the first was, and not at the end of the file.
  const went = second.resumedAt ?? 0;
  expect(went).toBeGreaterThan(300);
  expect(went).toBeLessThanOrEqual(3_302);
  const said = endMessage("orders", file, second, { dryRun: false, toSee: "" }).join("\n");
  expect(said).toContain(`${report}: mend them there, and import that file.`);
  expect(said).toContain(`${other}: mend them there`);

  await rm(report);
  const again = await importOrdersFile(brand, { ...options, file, signal: stop.signal });
  expect(again.reports).toEqual([report]);
  await rm(report);
  expect(await importOrdersFile(brand, { ...options, file })).toMatchObject({ stopped: false });
});

test("refused rows of a log without columns are to be mended in a copy of the log", async () => {
  const brand = await server.newBrand();
  const file = await server.newFile("log.txt", " 00004 0001 19970101  2   29.33\nnonsense\n");
  const summary = await importOrdersFile(brand, { ...asCdnow, file });
  expect(summary.counts).toEqual({ RECORDED: 1, REFUSED: 1 });
  const said = endMessage("orders", file, summary, { dryRun: false, mapping: "cdnow", toSee: "" }).join();
  expect(said).toContain("log.refused.csv: mend them in a copy of all of log.txt, and import that.");
});

test("a file is imported by one run at a time; what a killed run or an ended one left is in nobody's way", async () => {
  const brand = await server.newBrand();
  const file = await server.newFile("twice.txt", await readFile(CDNOW));
  const other = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"]);
  const command = execFileSync("ps", ["-o", "command=", "-p", String(other.pid)], { encoding: "utf8" });
  const lock = `${file}.importing.json`;
  const written = JSON.stringify([{ pid: other.pid, command: command.trim() }]);
  await writeFile(lock, written);
  await expect(importOrdersFile(brand, { ...asCdnow, file })).rejects.toThrow(
    `Another import of ${file} is running: wait for its end, or stop it with: kill ${other.pid}`,
  );
  expect(await readFile(lock, "utf8")).toBe(written);
  other.kill("SIGKILL");
  await once(other, "exit");
  expect((await importOrdersFile(brand, { ...asCdnow, file })).counts).toEqual({ RECORDED: 6_919 });
  // In a container, each run has the number that the one before had.
  await writeFile(
    lock,
    written.replace(String(other.pid), String(process.pid)).replace(command.trim(), ownCommand()),
  );
  expect((await importOrdersFile(brand, { ...asCdnow, file })).counts).toEqual({ UNCHANGED: 6_919 });
  expect((await readdir(server.folder)).filter((name) => name.startsWith("twice.txt."))).toEqual([]);
});

test("an import is refused while another of its file runs, and goes on once that has ended", async () => {
  const brand = await server.newBrand();
  const file = await server.newFile("at-once.txt", await readFile(CDNOW));
  const run = () =>
    server.runImport("orders", file, ...["--brand", brand.slug], ...["--mapping", "cdnow", "--enrol"]);
  // As one that runs has it, which would keep the database from the other while it stands still.
  const lock = await takeLock(`${file}.importing.json`, String);
  const said = expect.stringContaining(`Another import of ${file} is running`);
  expect(await run().ended).toMatchObject({ code: 1, said });
  await lock.release();
  expect(await run().ended).toMatchObject({ code: 0, said: expect.stringContaining("6,919 recorded") });
});

test("a source is a text as the API takes it; where every row is refused, the command fails", async () => {
  const { slug } = await server.newBrand();
  const file = await server.newFile("all-refused.csv", HEADER + rowOf(1, "nobody"));
  const words = ["orders", file, "--brand", slug];
  const [empty, long, refused] = await Promise.all([
    server.runImport(...words, "--source", " ").ended,
    server.runImport(...words, "--source", "x".repeat(500)).ended,
    server.runImport(...words, "--source", " pos ", "--dry-run").ended,
  ]);
  expect(empty).toEqual({ code: 1, said: "--source: must not be empty\n" });
  expect(long).toMatchObject({ code: 1, said: expect.stringMatching(/^--source: .*200/) });
  expect(refused).toMatchObject({ code: 1, said: expect.stringContaining("1 refused") });
  await writeFile(file, HEADER + rowOf(1, "nobody") + rowOf(2, ""));
  expect(await server.runImport(...words).ended).toMatchObject({ code: 0 });
});
