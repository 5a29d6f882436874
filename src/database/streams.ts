import type { PipelineRequest, PipelineResult } from "./hrana.ts";

/** A connection that the database keeps open for us, named by the token that continues it. */
interface WarmStream {
  baton: string;
  /** Where the server wants it continued. */
  url: string;
  idleSince: number;
}

/** The streams of one database that stay open between requests. */
interface Pool {
  /** What the server asks for with each request. */
  headers: Record<string, string>;
  idle: WarmStream[];
  /** When each that is in use was taken, by the number of its use. */
  inUse: Map<number, number>;
  /** Since when each waits for one, by the number of its place in line. */
  inLine: Map<number, number>;
  /** The least time that an answer on an open stream took, in milliseconds: the way there and back, and hardly more. */
  quickest: number | undefined;
  /** About how long an answer takes of late. */
  usual: number;
}

interface PipelineAnswer {
  baton: string | null;
  base_url: string | null;
  /** Of what was asked, and of the stream. */
  results: [PipelineResult, PipelineResult];
}

/** A way to one database. */
export interface Line {
  /** Its address, `https://…`, without a path. */
  url: string;
  headers: Record<string, string>;
  /** Sends a request to the database; must bound its own time. */
  send: typeof fetch;
  /** Milliseconds, for the idle limit. */
  clock: () => number;
}

/** The server drops a stream that was idle for 10 seconds. */
const MAX_IDLE_MS = 8_000;
/** A kept stream counts against the server's `--max-concurrent-connections`. */
const MAX_KEPT = 2;
/** No request lasts as long: one that took a stream and was cut off gives it back by this. */
const MAX_IN_USE_MS = 12_000;
/** After so long a wait, a stream of one's own is no dearer. */
const MAX_WAIT_MS = 400;
/** To a database farther away, a turn of waiting takes longer than opening a stream does. */
const NEAR_MS = 5;

/**
 * Only strings and numbers live here between requests: a Worker's may not share sockets, and one that is handed
 * something by another's doing was seen to be taken for one that hangs.
 */
const pools = new Map<string, Pool>();
/** Of uses and of places in line. */
let numbers = 0;
/** Whether this process ends, and asks for nothing any more. */
let isOver = false;

/**
 * Sends a pipeline on a stream that stays open between requests: each new one costs the server a connection
 * and a parse of the whole schema. One caller has a stream at a time, and where the database is near waits for
 * one a moment rather than open another; a stream is given back only when no transaction can be open on it.
 *
 * @throws Error that counts as no answer when it was cut off on its way, and one that names the HTTP status
 * of a server that refused.
 */
export async function converse(line: Line, asked: PipelineRequest): Promise<PipelineResult> {
  if (isOver) await new Promise(() => undefined);
  const { url, clock } = line;
  const pool = poolOf(line);
  const { warm, use } = await takeStream(pool, clock);
  // Beyond what may stay open, a stream is closed by the request that opens it.
  const last: PipelineRequest = { type: use === undefined ? "close" : "get_autocommit" };
  const exchange = (address: string, baton: string | null) =>
    post(line, address, { baton, requests: [asked, last] });

  let kept: WarmStream | undefined;
  const askedAt = clock();
  try {
    let response = await exchange(warm?.url ?? pipelineOf(url), warm?.baton ?? null);
    if (warm && response.status >= 400 && response.status < 500 && response.status !== 429) {
      // The server forgot the stream; nothing was executed.
      await response.body?.cancel();
      response = await exchange(pipelineOf(url), null);
    }
    const { baton, base_url, results } = await readAnswer(response);
    noteTime(pool, clock() - askedAt, warm !== undefined);
    const [result, closing] = results;
    if (baton !== null && closing.type === "ok" && closing.response.type === "get_autocommit") {
      const stream = { baton, url: pipelineOf(base_url ?? url), idleSince: clock() };
      if (closing.response.is_autocommit) kept = stream;
      else await closeStream(line, stream);
    }
    return result;
  } finally {
    if (use !== undefined) pool.inUse.delete(use);
    if (kept) pool.idle.push(kept);
  }
}

/**
 * Gives every idle stream back, for a process that goes on without the database: the server has few. For one
 * that ends, those too that are in use, once their answer has come; nothing new is asked from then on.
 */
export async function closeStreams(forGood = false): Promise<void> {
  isOver ||= forGood;
  // One that does not answer has nothing to take back.
  const signal = AbortSignal.timeout(2_000);
  const send: typeof fetch = (input, init) => fetch(input, { ...init, signal });
  const all = [...pools.values()];
  const isInUse = () => forGood && !signal.aborted && all.some(({ inUse }) => inUse.size > 0);
  while (isInUse()) await new Promise((resolve) => setTimeout(resolve, 5));
  const closing = all.flatMap(({ idle, headers }) =>
    idle.splice(0).map((stream) => closeStream({ headers, send }, stream)),
  );
  await Promise.all(closing);
}

const pipelineOf = (url: string): string => `${url.replace(/\/$/, "")}/v3/pipeline`;

const post = (
  { headers, send }: Pick<Line, "headers" | "send">,
  address: string,
  body: object,
): Promise<Response> =>
  send(address, {
    method: "POST",
    // The server takes twenty times as long for a large answer when it compresses it as it goes.
    headers: { "content-type": "application/json", "accept-encoding": "identity", ...headers },
    body: JSON.stringify(body),
  });

async function readAnswer(response: Response): Promise<PipelineAnswer> {
  if (!response.ok) {
    const text = await response.text().catch(() => "");
    throw new Error(`The database answered with HTTP status ${response.status}: ${text.slice(0, 300)}`);
  }
  try {
    const answer = (await response.json()) as Partial<PipelineAnswer> | null;
    if (answer?.results?.length === 2) return answer as PipelineAnswer;
  } catch (cause) {
    throw new Error("The connection broke off within the answer.", { cause });
  }
  throw new Error("The connection led to what is no database: its answer is of another kind.");
}

function poolOf({ url, headers }: Line): Pool {
  const pool = pools.get(url) ?? {
    headers,
    idle: [],
    inUse: new Map(),
    inLine: new Map(),
    quickest: undefined,
    usual: 1,
  };
  pools.set(url, pool);
  return pool;
}

interface Taken {
  /** A stream that is open already; undefined to open one. */
  warm: WarmStream | undefined;
  /** The number under which a stream that stays open is in use. */
  use: number | undefined;
}

/**
 * A stream that is idle, or gets to be while others use all that may stay open; if that is far off, a new one.
 * Who waits looks again by a timer of its own, when those before it will have had their turns.
 */
async function takeStream(pool: Pool, clock: () => number): Promise<Taken> {
  const since = clock();
  const free = takeFree(pool, since);
  if (free) return free;
  const ofItsOwn = { warm: undefined, use: undefined };
  if (isFar(pool)) return ofItsOwn;
  numbers += 1;
  const place = numbers;
  pool.inLine.set(place, since);
  try {
    // That the database is far, an isolate learns by its first answers.
    for (let now = since; now >= since && now - since < MAX_WAIT_MS && !isFar(pool); now = clock()) {
      const turnsMs = (before(pool, place, now) / MAX_KEPT) * pool.usual;
      const waitMs = Math.min(Math.max(1, turnsMs), since + MAX_WAIT_MS - now);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      const freed = takeFree(pool, clock());
      if (freed) return freed;
    }
    return ofItsOwn;
  } finally {
    pool.inLine.delete(place);
  }
}

const isFar = ({ quickest }: Pool): boolean => quickest !== undefined && quickest > NEAR_MS;

/** How many wait longer than the one at a place; of who waits longer than anyone does, the end was not seen. */
function before({ inLine }: Pool, place: number, now: number): number {
  let count = 0;
  for (const [other, since] of inLine) {
    if (other === place) break;
    if (Math.abs(now - since) > 2 * MAX_WAIT_MS) inLine.delete(other);
    else count += 1;
  }
  return count;
}

/** A stream that nobody uses, or the right to open one that stays. */
function takeFree(pool: Pool, now: number): Taken | undefined {
  const warm = takeIdle(pool, now);
  if (!warm && !hasRoom(pool, now)) return undefined;
  numbers += 1;
  pool.inUse.set(numbers, now);
  return { warm, use: numbers };
}

/** A clock that went back tells nothing, and how far the database is, none that had to open its stream. */
function noteTime(pool: Pool, tookMs: number, wasOpen: boolean): void {
  if (tookMs < 0) return;
  if (wasOpen) pool.quickest = Math.min(tookMs, pool.quickest ?? tookMs);
  pool.usual += (Math.min(tookMs, MAX_WAIT_MS) - pool.usual) / 8;
}

function takeIdle({ idle }: Pool, now: number): WarmStream | undefined {
  for (let stream = idle.pop(); stream; stream = idle.pop()) {
    if (now - stream.idleSince < MAX_IDLE_MS) return stream;
  }
  return undefined;
}

function hasRoom({ idle, inUse }: Pool, now: number): boolean {
  for (const [use, taken] of inUse) if (Math.abs(now - taken) >= MAX_IN_USE_MS) inUse.delete(use);
  return idle.length + inUse.size < MAX_KEPT;
}

/** Leaves a stream that must not be used again; that it fails changes nothing for the caller. */
async function closeStream(line: Pick<Line, "headers" | "send">, { url, baton }: WarmStream): Promise<void> {
  await post(line, url, { baton, requests: [{ type: "close" }] })
    .then((response) => response.body?.cancel())
    .catch(() => undefined);
}
