import type { Work } from "../support/bench.ts";
import { beside } from "../support/beside.ts";
import type { Asking } from "../support/contender.ts";

const STATIC = "hono-static";

export const program: Work = {
  title: "The public program, without a member, beside an answer that never changes",
  run: async ({ contenders, settings }) => {
    const running = await contenders(["tessera", "hono-sql-warm-stream"]);
    const [tessera, byHand] = [...running.values()];
    if (!tessera || !byHand) return [];
    const asking = tessera.asks.program as Asking;
    const [request] = await asking.requests(0, 1);
    const { path, ...init } = request as NonNullable<typeof request>;
    const answer = await fetch(`${tessera.url}${path}`, init);
    await fetch(`${byHand.url}/static`, { method: "PUT", body: await answer.text() });
    const requests: Asking["requests"] = async () => [{ method: "GET", path: "/static" }];
    const fixed = { ...byHand, asks: { program: { ...asking, requests } } };
    return beside(
      "program",
      new Map([
        ["tessera", tessera],
        [STATIC, fixed],
      ]),
      { [STATIC]: 0.7 },
      settings,
    );
  },
};
