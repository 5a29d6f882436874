import fc from "fast-check";
import { expect, test } from "vitest";
import { fieldsOf, type Row, readRows, rowText } from "../../scripts/bulk/csv.ts";
import { progressText } from "../../scripts/bulk/progress.ts";

/** In chunks of so many bytes, as a file may come. */
async function* inChunks(bytes: Uint8Array, size: number) {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

const isWhole = (text: string) => fieldsOf(text) !== undefined;

async function rowsOf(text: string | Uint8Array, chunk = 7, from = { position: 0, line: 1 }) {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const rows: Row[] = [];
  for await (const row of readRows(inChunks(bytes.subarray(from.position), chunk), from, isWhole))
    rows.push(row);
  return rows;
}

test.each([
  ["plain", "a,b,c", ["a", "b", "c"]],
  ["empty fields", ",,", ["", "", ""]],
  ["quotes", '"a","b ""c""",d', ["a", 'b "c"', "d"]],
  ["a comma and a line within quotes", '"a,b","c\nd"', ["a,b", "c\nd"]],
  ["an empty quoted field", '"",x', ["", "x"]],
  ["Chinese", "龙井,茶", ["龙井", "茶"]],
  ["a quote in a field", 'a"b,c', undefined],
  ["something after a quote", '"a"b,c', undefined],
  ["a quote that is not closed", '"a,b', undefined],
])("fields are read as RFC 4180 says: %s", (_what, text, fields) => {
  expect(fieldsOf(text)).toEqual(fields);
});

test("whatever is written is read again, in chunks of any size, and can be gone on with after any row", async () => {
  const field = fc.stringMatching(/^[ab龙🙂",\r\n ]{0,6}$/u);
  const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 9 }), fc.nat(), async (written, chunk, skip) => {
      const text = written.map(rowText).join("");
      const read = await rowsOf(text, chunk);
      // A row with nothing but blanks in it cannot be written: a comma or a quote is always there.
      expect(read.map((row) => fieldsOf(row.text))).toEqual(written);
      const row = read[skip % read.length] as Row;
      const rest = await rowsOf(text, chunk, { position: row.end, line: row.nextLine });
      expect(rest).toEqual(read.slice((skip % read.length) + 1));
    }),
    { numRuns: 300 },
  );
});

test("a byte order mark, any end of line, blank lines and a last line without an end are no rows", async () => {
  const rows = await rowsOf("\uFEFFa,b\r\n\n1,2\n\r\n3,4");
  expect(rows.map(({ text, line }) => [line, text])).toEqual([
    [1, "a,b"],
    [3, "1,2"],
    [5, "3,4"],
  ]);
  expect(await rowsOf("")).toEqual([]);
});

test("a quote that is never closed costs its own line, and not those after it", async () => {
  const rows = await rowsOf('a,"b\nc,d\ne,"f"\ng,h\n');
  expect(rows.map(({ line, text }) => [line, text, isWhole(text)])).toEqual([
    [1, 'a,"b', false],
    [2, "c,d", true],
    [3, 'e,"f"', true],
    [4, "g,h", true],
  ]);
  const endless = `x,"y\n${"1,2\n".repeat(400_000)}`;
  const read = await rowsOf(endless, 65_536);
  expect(read).toHaveLength(400_001);
});

test("a text in another encoding is refused with what to do", async () => {
  const gbk = Uint8Array.from([0x61, 0x2c, 0xc1, 0xfa, 0xbe, 0xae, 0x0a]);
  await expect(rowsOf(gbk)).rejects.toThrow(/Line 1 is not UTF-8 but, as it looks, GBK\. .*iconv -f GBK/);
  await expect(rowsOf(Uint8Array.from([0xff, 0xfe, 0x61, 0x00]))).rejects.toThrow(/UTF-16/);
  await expect(rowsOf("x".repeat(1_100_000), 65_536)).rejects.toThrow(/not a CSV file/);
});

test("progress tells the share by bytes, the rate, and what is left of the time", () => {
  const run = { total: 1_000, from: 0, bytes: 250, rows: 5_000, ms: 20_000 };
  expect(progressText(run)).toBe("25 %  5,000 rows  250 a second  1:00 left");
  // What an earlier run had read was not read at this run's rate.
  expect(progressText({ ...run, from: 150 })).toBe("25 %  5,000 rows  250 a second  2:30 left");
});
