import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "graphql";
import { loadDemo } from "../../scripts/demo/load.ts";
import { startServer } from "../../scripts/support/server.ts";
import { startSqld } from "../../scripts/support/sqld.ts";
import { walk } from "../../scripts/tour/chapters.ts";
import { createReport } from "../../scripts/tour/report.ts";
import type { Work } from "../support/bench.ts";
import { type Counts, startCountingProxy } from "../support/counting-proxy.ts";

interface Seen extends Counts {
  operation: string;
  /** What `Server-Timing` says, counted by the database client. */
  byServer: number;
}

export const statements: Work = {
  title: "Requests to the database and statements in them, for each operation of the tour",
  run: async () => {
    const folder = await mkdtemp(join(tmpdir(), "tessera-bench-tour-"));
    const sqld = await startSqld(join(folder, "database"));
    const proxy = await startCountingProxy(sqld.url);
    const server = await startServer({ folder: join(folder, "server"), elsewhere: { url: proxy.url } });
    const restore = globalThis.fetch;
    try {
      const { environment } = server;
      await server.withDatabase((database) => loadDemo(database, environment));
      const seen: Seen[] = [];
      globalThis.fetch = counting(restore, proxy.counts, seen);
      await walk({ url: server.url, report: createReport(() => {}), run: Date.now().toString(36) });
      return summed(seen);
    } finally {
      globalThis.fetch = restore;
      await server.stop();
      proxy.stop();
      await sqld.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** The tour's own fetch: what the database was asked while it waited for an operation that was alone. */
function counting(send: typeof fetch, counts: Counts, seen: Seen[]): typeof fetch {
  let [underway, begun] = [0, 0];
  return async (input, init) => {
    if (!String(input).endsWith("/graphql")) return send(input, init);
    const before = { ...counts };
    const alone = underway === 0;
    underway += 1;
    begun += 1;
    const number = begun;
    const response = await send(input, init);
    underway -= 1;
    const byServer = Number(/(\d+) requests/.exec(response.headers.get("server-timing") ?? "")?.[1] ?? 0);
    if (alone && number === begun) {
      seen.push({
        operation: operationOf(JSON.parse(String(init?.body)).query),
        ...{ requests: counts.requests - before.requests, byServer },
        statements: counts.statements - before.statements,
      });
    }
    return response;
  };
}

function operationOf(query: string): string {
  const [definition] = parse(query).definitions.filter(({ kind }) => kind === "OperationDefinition");
  if (definition?.kind !== "OperationDefinition") return "?";
  const { selections } = definition.selectionSet;
  return selections.map((one) => (one.kind === "Field" ? one.name.value : one.kind)).join(" ");
}

const range = (numbers: number[]) => [...new Set([Math.min(...numbers), Math.max(...numbers)])].join("–");

function summed(seen: readonly Seen[]): object[] {
  return [...Map.groupBy(seen, ({ operation }) => operation)]
    .map(([operation, calls]) => ({
      ...{ operation, calls: calls.length },
      requests: range(calls.map(({ byServer }) => byServer)),
      requestsSeen: range(calls.map(({ requests }) => requests)),
      statements: range(calls.map((call) => call.statements)),
    }))
    .sort((a, b) => a.operation.localeCompare(b.operation));
}
