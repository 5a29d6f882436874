import { createServer } from "node:http";
import { text } from "node:stream/consumers";

interface Step {
  stmt?: { sql?: string };
}
interface Pipeline {
  requests?: { type: string; stmt?: { sql?: string }; batch?: { steps: Step[] } }[];
}

export interface Counts {
  requests: number;
  statements: number;
}

/** Passes everything on to a libSQL server, and counts what it is asked. */
export async function startCountingProxy(target: string) {
  const counts: Counts = { requests: 0, statements: 0 };
  const server = createServer(async (incoming, outgoing) => {
    try {
      const body = await text(incoming);
      counts.requests += 1;
      counts.statements += statementsIn(body);
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
  return { url: `http://127.0.0.1:${port}`, counts, stop: () => server.close() };
}

/** Without those that only begin and end a transaction. */
function statementsIn(body: string): number {
  const { requests = [] } = body === "" ? {} : (JSON.parse(body) as Pipeline);
  const steps = requests.flatMap(({ stmt, batch }) => [...(stmt ? [{ stmt }] : []), ...(batch?.steps ?? [])]);
  return steps.filter(({ stmt }) => !/^\s*(begin|commit|rollback)\b/i.test(stmt?.sql ?? "")).length;
}
