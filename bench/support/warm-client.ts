import { type Client, createClient } from "@libsql/client/http";

interface PipelineRequest {
  type: string;
  sql?: string;
  sql_id?: number;
  stmt?: { sql?: string; sql_id?: number };
  batch?: { steps: { stmt: { sql?: string; sql_id?: number } }[] };
}

interface PipelineAnswer {
  baton: string | null;
  results: { type: string; response?: { type: string; is_autocommit?: boolean } }[];
}

const MAX_KEPT = 2;
const MAX_IDLE_MS = 8_000;

const idle: { baton: string; since: number }[] = [];
let inUse = 0;

/**
 * `@libsql/client` with streams that stay open between requests, as one can have it from outside: a `fetch`
 * that puts a kept baton in place of none, and answers the close itself. Beyond two, streams are new ones.
 */
export const createWarmClient = (url: string): Client => createClient({ url, fetch: keepWarm });

async function keepWarm(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const { requests } = (await request.json()) as { requests: PipelineRequest[] };
  const pipeline = withoutStoredTexts(requests);
  let warm = idle.pop();
  while (warm && Date.now() - warm.since >= MAX_IDLE_MS) warm = idle.pop();
  const stays = warm !== undefined || idle.length + inUse < MAX_KEPT;
  if (stays) inUse += 1;
  try {
    const response = await fetch(request.url.replace("/v2/pipeline", "/v3/pipeline"), {
      ...{ method: "POST", headers: request.headers },
      body: JSON.stringify({
        baton: warm?.baton ?? null,
        requests: [...pipeline, { type: stays ? "get_autocommit" : "close" }],
      }),
    });
    if (!response.ok) return response;
    const answer = (await response.json()) as PipelineAnswer;
    const last = answer.results.pop();
    if (answer.baton !== null && last?.response?.is_autocommit)
      idle.push({ baton: answer.baton, since: Date.now() });
    const answers = answer.results.values();
    const results = requests.map((one) =>
      reachesTheServer(one) ? answers.next().value : { type: "ok", response: { type: one.type } },
    );
    return Response.json({ baton: null, base_url: null, results });
  } finally {
    if (stays) inUse -= 1;
  }
}

/** The client stores texts in the stream under numbers; on a kept stream those are taken. */
function withoutStoredTexts(requests: PipelineRequest[]): PipelineRequest[] {
  const texts = new Map(
    requests.filter(({ type }) => type === "store_sql").map((one) => [one.sql_id, one.sql]),
  );
  const inline = ({ sql_id, ...rest }: { sql?: string; sql_id?: number }) =>
    sql_id === undefined ? rest : { ...rest, sql: texts.get(sql_id) as string };
  return requests.filter(reachesTheServer).map((request) => {
    if (request.stmt) return { ...request, stmt: inline(request.stmt) };
    if (!request.batch) return request;
    const steps = request.batch.steps.map((step) => ({ ...step, stmt: inline(step.stmt) }));
    return { ...request, batch: { ...request.batch, steps } };
  });
}

const reachesTheServer = ({ type }: PipelineRequest): boolean =>
  type !== "store_sql" && type !== "close_sql" && type !== "close";
