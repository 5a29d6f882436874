import type { MiddlewareHandler } from "hono";
import type { Route } from "./app.ts";

/** No request lasts as long: one whose end was never seen, because its client left, is over by this. */
const LONGEST_MS = 15_000;

const message =
  "More is asked for at once than can be answered; nothing was done. Send it again after a second.";

/**
 * Answers what is more than can be answered at once with a 503 before anything is read or decided, so that
 * the others keep their time. There is no queue: a client waits better by itself, and no request may wait
 * for what another settles.
 *
 * @param clock milliseconds.
 */
export function admission(clock: () => number): MiddlewareHandler<Route> {
  /** When each request that is being answered began, the oldest first. */
  const inFlight = new Map<number, number>();
  let begun = 0;
  return async (c, next) => {
    const now = clock();
    for (const [request, startedAt] of inFlight) {
      // A clock that went back makes none of them older than it is.
      if (Math.abs(now - startedAt) < LONGEST_MS) break;
      inFlight.delete(request);
    }
    if (inFlight.size >= c.var.environment.mostAtOnce) {
      c.header("retry-after", "1");
      return c.req.path === "/graphql"
        ? c.json({ errors: [{ message, extensions: { code: "OVERLOADED" } }] }, 503)
        : c.json({ error: "temporarily_unavailable", error_description: message }, 503);
    }
    begun += 1;
    const request = begun;
    inFlight.set(request, now);
    try {
      await next();
    } finally {
      inFlight.delete(request);
    }
  };
}
