import { expect, test } from "vitest";
import type { Entry } from "../../scripts/bulk/format.ts";
import { type RecordSome, recordInTurn } from "../../scripts/bulk/record-in-turn.ts";

const batches = async function* (count: number): AsyncGenerator<Entry<number>[]> {
  for (let item = 1; item <= count; item += 1) yield [{ rows: [], item }];
};

const soon = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** What happens to batches of one item each, in turn. @param writing how the ones written end. */
async function happens(
  count: number,
  {
    writing = () => soon(5),
    last = count,
    waits = true,
  }: {
    writing?: (item: number) => Promise<void>;
    last?: number;
    waits?: boolean;
  } = {},
) {
  const happened: string[] = [];
  const record: RecordSome<number> = async ([item = 0], turn) => {
    happened.push(`read ${item}`);
    await (waits ? Promise.all([soon(1), turn]) : soon(1));
    happened.push(`write ${item}`);
    await writing(item);
    happened.push(`wrote ${item}`);
    return [{ status: "RECORDED" }];
  };
  const ended = await recordInTurn(batches(count), { batchSize: 1, record }, async ({ batch: [entry] }) => {
    const { item } = entry as { item: number };
    happened.push(`kept ${item}`);
    return item < last;
  }).then(
    () => "ended",
    (error: Error) => error.message,
  );
  return { happened, ended };
}

/** Batches that are written before the one before them is kept. */
const outOfTurn = (happened: readonly string[]) =>
  happened.filter((one, place) => {
    const [what, item] = one.split(" ");
    return what === "write" && item !== "1" && !happened.slice(0, place).includes(`kept ${Number(item) - 1}`);
  });

test("a batch is looked at while the one before is written, and written when that is kept", async () => {
  const { happened, ended } = await happens(3);
  expect(ended).toBe("ended");
  expect(happened.indexOf("read 2")).toBeLessThan(happened.indexOf("wrote 1"));
  expect(happened.indexOf("read 3")).toBeGreaterThan(happened.indexOf("kept 1"));
  expect(outOfTurn(happened)).toEqual([]);
  expect(happened.filter((one) => one.startsWith("kept"))).toEqual(["kept 1", "kept 2", "kept 3"]);
  // The broken twin does not wait.
  expect(outOfTurn((await happens(3, { waits: false })).happened)).not.toEqual([]);
});

test("after a batch that fails, or is to be the last, no other is written", async () => {
  const writing = (item: number) => (item === 2 ? Promise.reject(new Error("the second")) : soon(5));
  const failed = await happens(4, { writing });
  expect(failed.ended).toBe("the second");
  expect(failed.happened).not.toContain("write 3");
  const stopped = await happens(4, { last: 2 });
  expect(stopped.ended).toBe("ended");
  expect(stopped.happened).toContain("kept 2");
  expect(stopped.happened).not.toContain("write 3");
});
