import { DrizzleQueryError } from "drizzle-orm";
import { expect, test } from "vitest";
import { DatabaseError, describeError } from "../../src/database/failures.ts";

test("the log is told where a statement failed, and nothing of what it said", () => {
  const failed = new DatabaseError(new Error("SQLITE_ERROR: no such column: secret"));
  const error = new DrizzleQueryError(
    "select secret\n  from members\n  where id = 'mbr_1'",
    ["mbr_1"],
    failed,
  );
  const described = describeError(error);
  expect(JSON.stringify(described)).not.toMatch(/secret|members|mbr_1/);
  expect((described as { stack?: string[] }).stack?.[0]).toMatch(/^\s+at /);
});
