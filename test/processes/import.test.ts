import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BulkBrand } from "../../scripts/bulk/bulk-brand.ts";
import { exportMembers, exportOrders } from "../../scripts/bulk/export.ts";
import { importMembersFile, importOrdersFile } from "../../scripts/bulk/import-kinds.ts";
import { importMembers } from "../../src/members/import-members.ts";
import { importOrders } from "../../src/orders/import-orders.ts";
import {
  asCdnow,
  type BulkServer,
  CDNOW,
  exists,
  HEADER,
  options,
  rowOf,
  startBulkServer,
} from "./bulk-support.ts";

let server: BulkServer;

beforeAll(async () => {
  server = await startBulkServer();
});

afterAll(() => server?.stop());

/** An order as the API would take it. */
const madeOrder = {
  ...{ source: "shop", externalId: "1", currency: "USD", member: null, channel: null, store: null },
  ...{ placedAt: 1, paidAt: 1, completedAt: null, cancelledAt: null, couponCodes: [], pointsSpent: 0 },
  ...{ totalMinor: 100, shippingMinor: 0, discountMinor: 0 },
  lines: [{ lineId: "1", sku: "TEA", name: null, categories: [] as string[], quantity: 1, amountMinor: 100 }],
};

/** What is stored of a brand's orders and members, without what each import makes anew. */
async function storedOf({ brandId, open }: BulkBrand) {
  const orders = await open().query.orders.findMany({
    where: { brandId },
    columns: { id: false, brandId: false, memberId: false, createdAt: false, updatedAt: false },
    with: { member: { columns: { externalId: true } } },
    orderBy: { source: "asc", externalId: "asc" },
  });
  const members = await open().query.members.findMany({
    where: { brandId },
    columns: { externalId: true, locale: true, sourceChannel: true, consents: true },
    orderBy: { externalId: "asc" },
  });
  return { orders, members };
}

const countsOf = async ({ brandId, open }: BulkBrand) => {
  const [row] = await open().all<Record<string, number>>(sql`select
    (select count(*) from orders where brand_id = ${brandId}) as orders,
    (select count(*) from members where brand_id = ${brandId}) as members,
    (select sum(total_minor) from orders where brand_id = ${brandId}) as cents,
    (select count(*) from audit where brand_id = ${brandId}) as audits,
    (select count(*) from outbox where brand_id = ${brandId}) as events`);
  return row;
};

/** What the log says, added up digit by digit and in no way of the import's. */
async function readLog() {
  const rows = (await readFile(CDNOW, "latin1")).trim().split(/\r?\n/);
  const fields = rows.map((row) => row.trim().split(/\s+/) as [string, string, string, string, string]);
  return {
    orders: rows.length,
    members: new Set(fields.map(([id]) => id)).size,
    cents: fields.reduce((sum, [, , , , dollars]) => sum + Number(dollars.replace(".", "")), 0),
    free: fields.filter(([, , , , dollars]) => Number(dollars) === 0).length,
  };
}

test("the CDNOW log is 6,919 orders of 2,357 members, to the cent; again, it changes nothing", async () => {
  const log = await readLog();
  expect(log).toEqual({ orders: 6_919, members: 2_357, cents: 24_409_194, free: 8 });
  const file = join(server.folder, "cdnow.txt");
  await copyFile(CDNOW, file);
  const brand = await server.newBrand();

  const dry = await importOrdersFile(brand, { ...asCdnow, file, dryRun: true });
  expect(dry.counts).toEqual({ RECORDED: 6_919 });
  expect(await countsOf(brand)).toMatchObject({ orders: 0, members: 0, audits: 0, events: 0 });

  const first = await importOrdersFile(brand, { ...asCdnow, file });
  expect(first).toMatchObject({ counts: { RECORDED: 6_919 }, rows: 6_919, stopped: false });
  const { orders, members, cents } = log;
  const stored = await countsOf(brand);
  expect(stored).toMatchObject({
    orders,
    members,
    cents,
    audits: orders + members,
    events: orders + members,
  });

  const again = await importOrdersFile(brand, { ...asCdnow, file });
  expect(again.counts).toEqual({ UNCHANGED: 6_919 });
  expect(await countsOf(brand)).toEqual(stored);

  // Noon in New York, on a summer's and a winter's day; a customer's second order of a day has its own id.
  const ofMember = await brand.open().query.orders.findMany({
    where: { brandId: brand.brandId, externalId: { like: "00004-%" } },
    orderBy: { externalId: "asc" },
  });
  expect(ofMember.map(({ externalId, paidAt, totalMinor }) => [externalId, paidAt, totalMinor])).toEqual([
    ["00004-1997-01-01-1", Date.parse("1997-01-01T17:00:00Z"), 2_933],
    ["00004-1997-01-18-1", Date.parse("1997-01-18T17:00:00Z"), 2_973],
    ["00004-1997-08-02-1", Date.parse("1997-08-02T16:00:00Z"), 1_496],
    ["00004-1997-12-12-1", Date.parse("1997-12-12T17:00:00Z"), 2_648],
  ]);
});

test("an import that is killed on its way goes on, and gives what one that was not gives", async () => {
  const whole = await server.newBrand();
  const killed = await server.newBrand();
  const file = join(server.folder, "killed.txt");
  await copyFile(CDNOW, file);
  const run = () =>
    server.runImport("orders", file, ...["--brand", killed.slug], ...["--mapping", "cdnow", "--enrol"]);

  for (let kills = 0; kills < 2; kills += 1) {
    const before = (await countsOf(killed))?.orders ?? 0;
    const { child, ended } = run();
    for (let now = before; now <= before && child.exitCode === null; ) {
      now = (await countsOf(killed))?.orders ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGKILL");
    await ended;
    const after = (await countsOf(killed))?.orders ?? 0;
    expect(after).toBeGreaterThan(before);
    expect(after).toBeLessThan(6_919);
  }
  expect(await run().ended).toMatchObject({ code: 0, said: expect.stringMatching(/Went on at line [\d,]+/) });
  expect(await exists(`${file}.progress.json`)).toBe(false);

  await importOrdersFile(whole, { ...asCdnow, file });
  expect(await storedOf(killed)).toEqual(await storedOf(whole));
  expect(await countsOf(killed)).toEqual(await countsOf(whole));
});

test("a note that is lost after its commit, or of another file, makes nothing happen twice", async () => {
  const brand = await server.newBrand();
  const file = await server.newFile("lost.txt", await readFile(CDNOW));
  const stop = new AbortController();
  stop.abort();
  const first = await importOrdersFile(brand, { ...asCdnow, file, signal: stop.signal });
  expect(first.stopped).toBe(true);
  const { position } = JSON.parse(await readFile(`${file}.progress.json`, "utf8"));
  expect(position).toBeGreaterThan(1_000);
  // As if the process had ended between the commit and the note.
  await writeFile(`${file}.progress.json`, "{ half a no");
  const second = await importOrdersFile(brand, { ...asCdnow, file });
  expect(second).toMatchObject({ resumedAt: undefined, stopped: false });
  expect(second.counts.UNCHANGED).toBe(first.counts.RECORDED);
  expect(await countsOf(brand)).toMatchObject({ orders: 6_919, cents: 24_409_194 });
});

test("orders are looked at before their turn, and written when it comes, or not at all", async () => {
  const brand = await server.newBrand();
  const dry = await importOrders(brand.context(Date.now(), new Promise(() => undefined)), [madeOrder], {
    dryRun: true,
  });
  expect(dry).toMatchObject([{ status: "RECORDED" }]);
  const never = Promise.reject(new Error("It never comes."));
  never.catch(() => undefined);
  await expect(importOrders(brand.context(Date.now(), never), [madeOrder])).rejects.toThrow();
  const turn = Promise.withResolvers<void>();
  const recorded = importOrders(brand.context(Date.now(), turn.promise), [madeOrder]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await countsOf(brand)).toMatchObject({ orders: 0 });
  turn.resolve();
  expect(await recorded).toMatchObject([{ status: "RECORDED" }]);
  expect(await countsOf(brand)).toMatchObject({ orders: 1 });
});

test("a hundred bad lines do not stop ten thousand good ones, and can be mended in the report", async () => {
  const brand = await server.newBrand();
  await importMembersFile(brand, { ...options, file: await server.newFile("who.csv", "externalId\nc-1\n") });
  const isBad = (id: number) => id % 101 === 0;
  const faults = [
    (id: number) => rowOf(id, "nobody"),
    (id: number) => rowOf(id, "c-1", "101"),
    (id: number) => rowOf(id, "c-1", "1.5"),
    (id: number) => `o-${id},c-1,2026-01-05T10:00:00Z,"not closed\r\n`,
    (id: number) => rowOf(id).replace("2026-01-05T10", "2026-02-30T10"),
  ];
  const ids = Array.from({ length: 10_100 }, (_, position) => position + 1);
  const rows = ids.map((id) => (isBad(id) ? (faults[id % 5] as (id: number) => string)(id) : rowOf(id)));
  const file = await server.newFile("bad.csv", HEADER + rows.join(""));

  const summary = await importOrdersFile(brand, { ...options, file });
  expect(summary.counts).toEqual({ RECORDED: 10_000, REFUSED: 100 });
  expect(await countsOf(brand)).toMatchObject({ orders: 10_000, cents: 1_000_000 });
  const [refused = ""] = summary.reports;
  const report = (await readFile(refused, "utf8")).split("\r\n");
  expect(report[0]).toBe(`line,reason,${HEADER.trim()}`);
  expect(report).toContain(`506,Nothing was found for nobody.,${rowOf(505, "nobody").trim()}`);
  expect(report.filter((line) => line !== "")).toHaveLength(101);
  expect(report[1]).toMatch(
    /^102,"totalMinor: must be 100: the lines and the shipping, less the discount",o-101,/,
  );

  const mended = report.map((line) =>
    line
      .replaceAll("nobody", "c-1")
      .replace(/,101,1,TEA|,1\.5,1,TEA/, ",100,1,TEA")
      .replaceAll("02-30T10", "01-05T10"),
  );
  await writeFile(refused, mended.filter((line) => !line.includes("not closed")).join("\r\n"));
  const again = await importOrdersFile(brand, { ...options, file: refused });
  expect(again.counts).toEqual({ RECORDED: 80 });
});

test("orders and members that are exported can be imported, and are then the same", async () => {
  const from = await server.newBrand("CNY", "Asia/Shanghai");
  const to = await server.newBrand("CNY", "Asia/Shanghai");
  const people = [
    "externalId,name,phone,email,birthday,gender,region,locale,sourceChannel,consentsGranted,consentsDenied",
    'c-1,"李, ""小"" 龙",+8613812345678,li@example.com,1992-02-29,MALE,上海,zh-CN,store-1,SMS|EMAIL,PHONE',
    "c-2,,,,,,,,,,",
  ];
  const lines = [
    "source,externalId,memberExternalId,placedAt,paidAt,completedAt,total,shipping,discount,pointsSpent,channel,couponCodes,lineId,sku,name,categories,quantity,amount",
    'pos,1,c-1,2026-01-05 10:00,2026-01-05 10:01,,130.03,10,20,5,web,A|B,L1,TEA,"龙井\n茶",tea|gift,5,100.03',
    "pos,1,,,,,,,,,,,L2,CUP,,,2,40",
    "web,1,c-2,2026-01-05 10:00,,,0.1,,,,,,,TEA,,,1,0.10",
    "web,2,,2026-01-06 10:00,2026-01-06 10:00,2026-01-07 10:00,7,,,,,,,TEA,,,1,7",
  ];
  // A line in a name is no name: it is refused, as the API does.
  const orders = lines.map((line) => line.replace("\n", ""));
  await importMembersFile(from, { ...options, file: await server.newFile("people.csv", people.join("\n")) });
  const imported = await importOrdersFile(from, {
    ...options,
    file: await server.newFile("orders.csv", orders.join("\n")),
  });
  expect(imported.counts).toEqual({ RECORDED: 3 });
  // What no file has brought: texts that the API takes of members, and codes and categories with a bar.
  const [ann] = await importMembers(from.context(), [
    { externalId: "c\n3", name: "Ann\r\nLee", region: '"x' },
  ]);
  expect(ann).toMatchObject({ status: "ENROLLED" });
  const words = ["A|B", "A\\", "\\|", "a\\b", "|", "\\\\"];
  const odd = {
    ...{ ...madeOrder, totalMinor: 60, discountMinor: 40 },
    externalId: "3",
    currency: "CNY",
    couponCodes: words,
    member: { externalId: "c\n3" },
  };
  const oddLines = madeOrder.lines.map((line) => ({
    ...line,
    categories: words.toReversed(),
    discountMinor: 40,
  }));
  expect(await importOrders(from.context(), [{ ...odd, lines: oddLines }])).toMatchObject([
    { status: "RECORDED" },
  ]);

  const textOf = async (parts: AsyncIterable<string>) => {
    let text = "";
    for await (const part of parts) text += part;
    return text;
  };
  const [members, exported] = [await textOf(exportMembers(from, true)), await textOf(exportOrders(from))];
  const plain = await textOf(exportMembers(from, false));
  expect(plain).not.toMatch(/龙|138|example|1992|MALE/);
  await importMembersFile(to, { ...options, file: await server.newFile("members-again.csv", members) });
  await importOrdersFile(to, { ...options, file: await server.newFile("orders-again.csv", exported) });
  const consentsWithout = (stored: Awaited<ReturnType<typeof storedOf>>) =>
    JSON.stringify(stored, (name, value) => (name === "at" ? undefined : value));
  expect(consentsWithout(await storedOf(to))).toBe(consentsWithout(await storedOf(from)));
  expect(await textOf(exportMembers(to, true))).toBe(members);
  expect(await textOf(exportOrders(to))).toBe(exported);
});

test("what a row says twice, or of an hour that was not, is refused", async () => {
  const brand = await server.newBrand();
  const people = await server.newFile(
    "both.csv",
    "externalId,consentsGranted,consentsDenied\nc-1,SMS|EMAIL,PUSH|SMS\n",
  );
  const members = await importMembersFile(brand, { ...options, file: people });
  expect(members.counts).toEqual({ REFUSED: 1 });
  expect(await readFile(members.reports[0] as string, "utf8")).toContain("what consentsGranted names: SMS");

  const at = (id: number, moment: string) => rowOf(id, "").replace("2026-01-05T10:00:00Z", moment);
  const moments = ["2026-03-08 01:59:59.5", "2026-03-08 02:30", "2026-03-08T03:00", "2026-11-01 01:30"];
  const text = HEADER + moments.map((moment, position) => at(position, moment)).join("");
  const file = await server.newFile("hours.csv", text.replaceAll("2026-01-05 05:30", ""));
  const summary = await importOrdersFile(brand, { ...options, file });
  expect(summary.counts).toEqual({ RECORDED: 3, REFUSED: 1 });
  expect(await readFile(summary.reports[0] as string, "utf8")).toMatch(
    /^3,.*on the clock of America\/New_York/m,
  );
  const { orders } = await storedOf(brand);
  expect(orders.map(({ placedAt }) => new Date(placedAt).toISOString())).toEqual([
    ...["2026-03-08T06:59:59.500Z", "2026-03-08T07:00:00.000Z", "2026-11-01T05:30:00.000Z"],
  ]);
});

test("what is no file of orders is refused before anything is recorded, with what to do", async () => {
  const brand = await server.newBrand();
  const fault = async (text: string | Uint8Array) =>
    importOrdersFile(brand, { ...options, file: await server.newFile("wrong.csv", text) }).then(
      () => "imported",
      (error: Error) => error.message,
    );
  expect(await fault("")).toMatch(/empty: its first line must name the columns/);
  expect(await fault("id;total\n1;2\n")).toMatch(/does not know the columns id;total, and needs the columns/);
  expect(await fault(Buffer.from([0x6f, 0x2c, 0xc1, 0xfa, 0xbe, 0xae, 0x0a]))).toMatch(/GBK/);
  const folder = importOrdersFile(brand, { ...options, file: server.folder });
  await expect(folder).rejects.toThrow(`${server.folder} is a folder`);
  const gone = join(server.folder, "gone.csv");
  await expect(importOrdersFile(brand, { ...options, file: gone })).rejects.toThrow(
    `There is no file ${gone}.`,
  );
  const shop = await server.newBrand("CNY");
  await expect(importOrdersFile(shop, { ...asCdnow, file: CDNOW })).rejects.toThrow(/choose a brand in USD/);
  expect(await countsOf(brand)).toMatchObject({ orders: 0 });
});
