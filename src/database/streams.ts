/** A connection that the database keeps open for us, named by the token that continues it. */
interface WarmStream {
  baton: string;
  /** Where the server wants it continued. */
  url: string;
  idleSince: number;
}

/** The streams of one database that stay open between requests. */
interface Pool {
  idle: WarmStream[];
  /** When each that is in use was taken, by the number of its use. */
  inUse: Map<number, number>;
}

interface PipelineRequest {
  type: string;
  sql?: string;
  sql_id?: number;
  stmt?: { sql?: string; sql_id?: number };
  batch?: { steps: { stmt: { sql?: string; sql_id?: number } }[] };
}

interface PipelineAnswer {
  baton: string | null;
  base_url: string | null;
  results: PipelineResult[];
}

type PipelineResult =
  | { type: "ok"; response: { type: string; is_autocommit?: boolean } }
  | { type: "error"; error: { message: string; code?: string } };

/** The server drops a stream that was idle for 10 seconds. */
const MAX_IDLE_MS = 8_000;
/** A kept stream counts against the server's `--max-concurrent-connections`. */
const MAX_KEPT = 2;
/** No request lasts as long: one that took a stream and was cut off gives it back by this. */
const MAX_IN_USE_MS = 30_000;

/** Only strings and numbers live here between requests: a Worker may not share sockets or promises. */
const pools = new Map<string, Pool>();
let uses = 0;

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

    const pool = poolOf(url);
    const now = clock();
    const warm = takeIdle(pool, now);
    // Beyond what may stay open, a stream is closed by the request that opens it.
    const stays = warm !== undefined || hasRoom(pool, now);
    const exchange = (stream: { baton: string | null; url: string }) => {
      const last: PipelineRequest[] = stays ? [{ type: "get_autocommit" }] : [{ type: "close" }];
      return send(stream.url, {
        method: "POST",
        headers: request.headers,
        body: JSON.stringify({ baton: stream.baton, requests: [...pipeline, ...last] }),
      });
    };

    uses += 1;
    const use = uses;
    if (stays) pool.inUse.set(use, now);
    try {
      let response = await exchange(warm ?? { baton: null, url });
      if (warm && response.status >= 400 && response.status < 500 && response.status !== 429) {
        // The server forgot the stream; nothing was executed.
        await response.body?.cancel();
        response = await exchange({ baton: null, url });
      }
      if (!response.ok) return response;

      const body = await readAnswer(response);
      const last = body.results.pop();
      if (body.baton !== null && last?.type === "ok" && last.response.type === "get_autocommit") {
        const continued = body.base_url ? `${body.base_url.replace(/\/$/, "")}/v3/pipeline` : url;
        if (last.response.is_autocommit) {
          pool.idle.push({ baton: body.baton, url: continued, idleSince: clock() });
        } else {
          await closeStream(send, continued, request.headers, body.baton);
        }
      }
      return Response.json({
        baton: null,
        base_url: null,
        results: restoreStreamState(requests, body.results),
      });
    } finally {
      pool.inUse.delete(use);
    }
  };
}

/** Gives every idle stream back, for a process that goes on without the database: the server has few. */
export async function closeStreams(): Promise<void> {
  const headers = new Headers({ "content-type": "application/json" });
  const streams = [...pools.values()].flatMap(({ idle }) => idle.splice(0));
  await Promise.all(streams.map(({ url, baton }) => closeStream(fetch, url, headers, baton)));
}

/** @throws Error that counts as no answer, when it was cut off on its way. */
async function readAnswer(response: Response): Promise<PipelineAnswer> {
  try {
    return (await response.json()) as PipelineAnswer;
  } catch (cause) {
    throw new Error("The connection broke off within the answer.", { cause });
  }
}

function poolOf(url: string): Pool {
  const pool = pools.get(url) ?? { idle: [], inUse: new Map() };
  pools.set(url, pool);
  return pool;
}

function takeIdle({ idle }: Pool, now: number): WarmStream | undefined {
  for (let stream = idle.pop(); stream; stream = idle.pop()) {
    if (now - stream.idleSince < MAX_IDLE_MS) return stream;
  }
  return undefined;
}

function hasRoom({ idle, inUse }: Pool, now: number): boolean {
  for (const [use, taken] of inUse) if (now - taken >= MAX_IN_USE_MS) inUse.delete(use);
  return idle.length + inUse.size < MAX_KEPT;
}

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
