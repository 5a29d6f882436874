/** A connection that the database keeps open for us, named by the token that continues it. */
interface WarmStream {
  baton: string;
  idleSince: number;
}

interface PipelineRequest {
  type: string;
  sql?: string;
  sql_id?: number;
  stmt?: { sql?: string; sql_id?: number };
  batch?: { steps: { stmt: { sql?: string; sql_id?: number } }[] };
}

type PipelineResult =
  | { type: "ok"; response: { type: string; is_autocommit?: boolean } }
  | { type: "error"; error: { message: string; code?: string } };

/** The server drops a stream that was idle for 10 seconds. */
const MAX_IDLE_MS = 8_000;
/** A kept stream counts against the server's `--max-concurrent-connections`. */
const MAX_KEPT = 2;

/** Only strings and numbers live here between requests: a Worker may not share sockets or promises. */
const kept = new Map<string, WarmStream[]>();

/**
 * Wraps a `fetch` for `@libsql/client` so that Hrana streams stay open between requests: each new one
 * costs the server a connection and a parse of the whole schema. One caller has a baton at a time; a
 * stream is given back only when the server says that no transaction is open on it.
 *
 * @param send sends a request to the database; must bound its own time.
 * @param clock milliseconds, for the idle limit.
 */
export function keepStreamsWarm(send: typeof fetch, clock: () => number): typeof fetch {
  return async (input, init) => {
    const request = new Request(input as Request, init);
    const url = request.url.replace("/v2/pipeline", "/v3/pipeline");
    const { requests } = (await request.json()) as { requests: PipelineRequest[] };
    const pipeline = withoutStreamState(requests);

    const exchange = (baton: string | null, close: boolean) => {
      const last: PipelineRequest[] = close ? [{ type: "close" }] : [{ type: "get_autocommit" }];
      return send(url, {
        method: "POST",
        headers: request.headers,
        body: JSON.stringify({ baton, requests: [...pipeline, ...last] }),
      });
    };

    const warm = takeStream(url, clock());
    let response = await exchange(warm, warm === null && !hasRoom(url));
    if (warm !== null && response.status >= 400 && response.status < 500 && response.status !== 429) {
      // The server forgot the stream; nothing was executed.
      await response.body?.cancel();
      response = await exchange(null, !hasRoom(url));
    }
    if (!response.ok) return response;

    const body = (await response.json()) as { baton: string | null; results: PipelineResult[] };
    const last = body.results.pop();
    if (body.baton !== null && last?.type === "ok" && last.response.type === "get_autocommit") {
      if (last.response.is_autocommit && hasRoom(url)) {
        keepStream(url, { baton: body.baton, idleSince: clock() });
      } else {
        await closeStream(send, url, request.headers, body.baton);
      }
    }
    return Response.json({
      baton: null,
      base_url: null,
      results: restoreStreamState(requests, body.results),
    });
  };
}

/** Forgets every kept stream; the server closes them by itself. */
export function forgetStreams(): void {
  kept.clear();
}

function takeStream(url: string, now: number): string | null {
  const streams = kept.get(url) ?? [];
  for (let stream = streams.pop(); stream; stream = streams.pop()) {
    if (now - stream.idleSince < MAX_IDLE_MS) return stream.baton;
  }
  return null;
}

function keepStream(url: string, stream: WarmStream): void {
  const streams = kept.get(url) ?? [];
  streams.push(stream);
  kept.set(url, streams);
}

const hasRoom = (url: string): boolean => (kept.get(url)?.length ?? 0) < MAX_KEPT;

/** Leaves a stream that must not be used again; that it fails changes nothing for the caller. */
async function closeStream(send: typeof fetch, url: string, headers: Headers, baton: string): Promise<void> {
  const body = JSON.stringify({ baton, requests: [{ type: "close" }] });
  await send(url, { method: "POST", headers, body })
    .then((response) => response.body?.cancel())
    .catch(() => undefined);
}

/** The client stores SQL texts under numbers of a stream; on a kept stream those are taken. */
function withoutStreamState(requests: PipelineRequest[]): PipelineRequest[] {
  const texts = new Map<number, string>();
  for (const { type, sql, sql_id } of requests) {
    if (type === "store_sql" && sql !== undefined && sql_id !== undefined) texts.set(sql_id, sql);
  }
  const inline = <Statement extends { sql?: string; sql_id?: number }>({ sql_id, ...rest }: Statement) =>
    sql_id === undefined ? rest : { ...rest, sql: texts.get(sql_id) };
  return requests.filter(reachesTheServer).map((request) => {
    if (request.stmt) return { ...request, stmt: inline(request.stmt) };
    if (request.batch) {
      const steps = request.batch.steps.map((step) => ({ ...step, stmt: inline(step.stmt) }));
      return { ...request, batch: { ...request.batch, steps } };
    }
    return request;
  });
}

/** Answers, in the client's order, what was not sent. */
function restoreStreamState(requests: PipelineRequest[], results: PipelineResult[]): PipelineResult[] {
  const answers = results.values();
  return requests.map((request) =>
    reachesTheServer(request)
      ? (answers.next().value as PipelineResult)
      : { type: "ok", response: { type: request.type } },
  );
}

const reachesTheServer = ({ type }: PipelineRequest): boolean =>
  type !== "store_sql" && type !== "close_sql" && type !== "close";
