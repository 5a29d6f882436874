/** Sends requests from a process of its own, and says how they were answered. Reads its orders from stdin. */
import { text } from "node:stream/consumers";
import autocannon from "autocannon";
import type { LoadAnswer, LoadOrder } from "../support/load.ts";

const { url, connections, seconds, requests, expect }: LoadOrder = JSON.parse(await text(process.stdin));

let opened = 0;
let mostOfOne = 0;
const result = await autocannon({
  ...{ url, connections, duration: seconds, timeout: 20 },
  setupClient: (client) => {
    const own = requests.filter((_, position) => position % connections === opened % connections);
    opened += 1;
    client.setRequests(own.length > 0 ? own : requests);
    let answered = 0;
    client.on("response", () => {
      answered += 1;
      mostOfOne = Math.max(mostOfOne, answered);
    });
  },
  verifyBody: (body) => String(body).includes(expect),
});
const { "2xx": good, non2xx, errors, timeouts, mismatches, duration, latency } = result;
const answer: LoadAnswer = {
  perSecond: (good - mismatches) / duration,
  ...{ seconds: duration, answers: good, failures: non2xx + errors + timeouts, mismatches },
  latencyMs: { median: latency.p50, p99: latency.p99 },
  // Each connection has its share; the fastest decides how far the requests are used up.
  used: (mostOfOne + 1) * connections,
};
console.log(JSON.stringify(answer));
