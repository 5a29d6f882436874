/** The mutations that the clients send, each with the part of its answer that names what it did. */
const operations = {
  redeemCoupon: { payload: "redemptionId", effectOf: (answer: Answered) => answer.redemptionId },
  spendPoints: { payload: "transferId", effectOf: (answer: Answered) => answer.transferId },
  issueCoupons: { payload: "coupons { id }", effectOf: (answer: Answered) => answer.coupons?.[0]?.id },
  // Its payload names the member alone.
  useBenefit: { payload: "__typename", effectOf: (answer: Answered) => answer.__typename && "used" },
} as const;

export type WriteKind = keyof typeof operations;
export const writeKinds = Object.keys(operations) as WriteKind[];

/** A mutation that one of the clients sends until it knows what became of it. */
export interface Write {
  kind: WriteKind;
  /** Its idempotency key; also what its effect can be found by. */
  key: string;
  input: Record<string, unknown>;
}

interface Answered {
  code?: string;
  redemptionId?: string;
  transferId?: string;
  coupons?: { id: string }[];
  __typename?: string;
}

/**
 * What a client knows after an answer. `REFUSED`: nothing was changed, and the answer says why.
 * `UNKNOWN`: applied or not; the same write with its key is to be sent again.
 */
export type Verdict =
  | { state: "ACKNOWLEDGED"; effect: string }
  | { state: "REFUSED"; code: string }
  | { state: "UNKNOWN"; code: string };

export interface Reply {
  verdict: Verdict;
  status: number;
  ms: number;
  retryAfter: string | null;
}

/** Longer than the Worker's own deadline: it must never be what ends a request. */
const PATIENCE_MS = 15_000;

const documents = new Map(
  writeKinds.map((kind) => {
    const name = kind.charAt(0).toUpperCase() + kind.slice(1);
    const { payload } = operations[kind];
    return [
      kind,
      `mutation ($input: ${name}Input!) { ${kind}(input: $input) { ... on ${name}Payload { ${payload} } ... on Refusal { code } } }`,
    ];
  }),
);

/** Sends a write once. @param key another than its own only for the twin that proves the account. */
export async function sendWrite(
  url: string,
  token: string,
  write: Write,
  key: string = write.key,
): Promise<Reply> {
  const startedAt = performance.now();
  const input = { ...write.input, idempotencyKey: key };
  let [status, retryAfter]: [number, string | null] = [0, null];
  const verdict = await post(url, token, { query: documents.get(write.kind), variables: { input } }).then(
    async (response): Promise<Verdict> => {
      status = response.status;
      retryAfter = response.headers.get("retry-after");
      return judge(write.kind, status, await response.json());
    },
    (error: Error): Verdict => ({ state: "UNKNOWN", code: error.name }),
  );
  return { verdict, status, ms: performance.now() - startedAt, retryAfter };
}

export const post = (url: string, token: string, body: object): Promise<Response> =>
  fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });

/** Which top-level errors promise that nothing was changed. */
const nothingChanged = new Set(["OVERLOADED", "CONFLICT", "BAD_USER_INPUT", "UNAUTHENTICATED", "FORBIDDEN"]);

/** PURE. What an answer says of the write. */
export function judge(kind: WriteKind, status: number, body: unknown): Verdict {
  const { data, errors } = (body ?? {}) as {
    data?: Record<string, Answered | null> | null;
    errors?: { extensions?: { code?: string } }[];
  };
  const answer = data?.[kind];
  if (answer?.code) return { state: "REFUSED", code: answer.code };
  const effect = answer && operations[kind].effectOf(answer);
  if (effect) return { state: "ACKNOWLEDGED", effect };
  const code = errors?.[0]?.extensions?.code ?? `HTTP ${status}`;
  return nothingChanged.has(code) ? { state: "REFUSED", code } : { state: "UNKNOWN", code };
}
