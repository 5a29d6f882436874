import { startOverhearingProxy } from "../../scripts/support/overhearing-proxy.ts";

export interface Counts {
  requests: number;
  statements: number;
}

/** Passes everything on to a libSQL server, and counts what it is asked. */
export async function startCountingProxy(target: string) {
  const counts: Counts = { requests: 0, statements: 0 };
  const proxy = await startOverhearingProxy(target, ({ length }) => {
    counts.requests += 1;
    counts.statements += length;
  });
  return { ...proxy, counts };
}
