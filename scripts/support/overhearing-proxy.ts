import { createServer } from "node:http";
import { text } from "node:stream/consumers";

/** A statement as a libSQL server is asked it: Hrana's, with its values. */
export interface Overheard {
  sql?: string;
  args?: unknown[];
  named_args?: unknown[];
}

interface Pipeline {
  requests?: { type: string; stmt?: Overheard; batch?: { steps: { stmt: Overheard }[] } }[];
}

export interface OverhearingProxy {
  url: string;
  stop: () => void;
}

/**
 * Passes everything on to a libSQL server.
 *
 * @param hear told the statements of each request, without those that only begin and end a transaction.
 */
export async function startOverhearingProxy(
  target: string,
  hear: (statements: Overheard[]) => void,
): Promise<OverhearingProxy> {
  const server = createServer(async (incoming, outgoing) => {
    try {
      const body = await text(incoming);
      hear(statementsIn(body));
      const { authorization, "content-type": type } = incoming.headers;
      const response = await fetch(`${target}${incoming.url}`, {
        ...{ method: incoming.method ?? "GET", ...(body === "" ? {} : { body }) },
        headers: { ...(type ? { "content-type": type } : {}), ...(authorization ? { authorization } : {}) },
      });
      outgoing.writeHead(response.status, { "content-type": response.headers.get("content-type") ?? "" });
      outgoing.end(await response.text());
    } catch {
      outgoing.writeHead(502).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, stop: () => server.close() };
}

function statementsIn(body: string): Overheard[] {
  const { requests = [] } = body === "" ? {} : (JSON.parse(body) as Pipeline);
  return requests
    .flatMap(({ stmt, batch }) => [...(stmt ? [stmt] : []), ...(batch?.steps ?? []).map((step) => step.stmt)])
    .filter(({ sql }) => !/^\s*(begin|commit|rollback)\b/i.test(sql ?? ""));
}
