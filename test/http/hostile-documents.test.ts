import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { app } from "../../src/app.ts";
import { newBrand } from "../support/brand.ts";
import { anonymous, bindings } from "../support/caller.ts";

interface Hostile {
  body?: BodyInit;
  headers?: Record<string, string>;
  method?: string;
  /** For a GET: what is asked in the address. */
  search?: string;
  status: number;
  /** What the answer names, so that an honest caller knows what to change. */
  says: RegExp;
}

const many = (count: number, make: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => make(n)).join(" ");

/** A document, and its variables, as the body of a POST. */
const asked = (query: string, variables: object = {}): string => JSON.stringify({ query, variables });

const ofProgram = (selection: string): string => asked(`{ program(brand: "x") { ${selection} } }`);

/** Each fragment spreads the one before it twice: 2^30 fields out of 1 KB. */
const doublings = `{ ...F30 } fragment F0 on Query { __typename } ${many(
  30,
  (n) => `fragment F${n + 1} on Query { ...F${n} ...F${n} }`,
)}`;

const tooLarge: Record<string, Hostile> = {
  "a document of 20,002 characters, nearly all of them comment": {
    body: asked(`{ __typename } #${"x".repeat(19_986)}`),
    ...{ status: 413, says: /20000 characters; this has 20002/ },
  },
  "a body of 300 KB": { body: asked("x".repeat(300_000)), status: 413, says: /too large/ },
  "3,001 tokens": { body: asked(`{ ${"a ".repeat(2_999)} }`), status: 400, says: /3000 tokens/ },
  "fields nested 21 deep": {
    body: ofProgram(`${"tiers { brand { ".repeat(10)} id ${"} }".repeat(10)}`),
    ...{ status: 400, says: /depth come to 22, at most 20/ },
  },
  "fields nested 1,400 deep": {
    body: asked(`${"{a".repeat(1_400)}${"}".repeat(1_400)}`),
    ...{ status: 400, says: /depth|tokens/ },
  },
  "61 aliases": { body: asked(`{ ${many(61, (n) => `a${n}: __typename`)} }`), status: 400, says: /aliases/ },
  "581 fields": { body: ofProgram("id ".repeat(580)), status: 400, says: /fields come to 581/ },
  "21 root fields": { body: asked(`{ ${"__typename ".repeat(21)} }`), status: 400, says: /rootFields/ },
  "fragments that spread to 2^30 fields": {
    body: asked(doublings),
    ...{ status: 400, says: /fields come to 1073741824/ },
  },
  "20 KB of overlapping fields": {
    body: ofProgram(many(240, (n) => `tiers { name(locale: "${"en".padEnd(20, " ")}") id rank ${n} }`)),
    ...{ status: 400, says: /./ },
  },
  "as many overlapping fields as may be sent": {
    body: asked(
      `{ ${many(19, () => `program(brand: "x") { id slug ${many(9, () => "tiers { requirement { growthValue } }")} }`)} }`,
    ),
    ...{ status: 200, says: /asks for \d+ fields; at most 560/ },
  },
  "a cheap document that asks for a costly answer": {
    body: asked(
      `{ ${many(15, (n) => `a${n}: program(brand: "x") { tiers { benefits { id kind name quota tierIds } } }`)} }`,
    ),
    ...{ status: 200, says: /may cost|levels deep/ },
  },
};

const malformed: Record<string, Hostile> = {
  "fragments that spread each other": {
    body: asked("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"),
    ...{ status: 400, says: /within itself/ },
  },
  "a batch of operations": {
    body: `[${asked("{ __typename }")}, ${asked("{ __typename }")}]`,
    ...{ status: 400, says: /Batching/ },
  },
  "a list literal nested 1,400 deep": {
    body: asked(`{ program(brand: ${"[".repeat(1_400)}${"]".repeat(1_400)}) { id } }`),
    ...{ status: 400, says: /String cannot represent/ },
  },
  "an object literal nested 700 deep": {
    body: asked(`{ program(brand: ${"{a: ".repeat(700)}1${"}".repeat(700)}) { id } }`),
    ...{ status: 400, says: /String cannot represent/ },
  },
  "a list nested 50,000 deep in the variables": {
    body: `{"query": "query ($b: String!) { program(brand: $b) { id } }", "variables": {"b": ${"[".repeat(50_000)}${"]".repeat(50_000)}}}`,
    ...{ status: 400, says: /"\$b"|String cannot represent/ },
  },
  "a number that no integer holds": {
    body: asked("{ members(first: 99999999999999999999) { nodes { id } } }"),
    ...{ status: 400, says: /Int cannot represent/ },
  },
  "no JSON": { body: '{"query": "{ __typename', status: 400, says: /invalid JSON/ },
  "no body": { body: "", status: 400, says: /invalid JSON/ },
  null: { body: "null", status: 400, says: /received null/ },
  "a body in another type": {
    body: "{ __typename }",
    headers: { "content-type": "text/plain" },
    ...{ status: 415, says: /application\/json/ },
  },
  "a body in parts": {
    body: "--x--",
    headers: { "content-type": "multipart/form-data; boundary=x" },
    ...{ status: 415, says: /application\/json/ },
  },
  "an answer wanted in another type": {
    body: asked("{ __typename }"),
    headers: { accept: "image/png" },
    ...{ status: 406, says: /application\/graphql-response\+json/ },
  },
  "bytes that are no UTF-8": {
    body: new Uint8Array([0xff, 0xfe, 0x00, 0x7b]),
    ...{ status: 400, says: /invalid JSON/ },
  },
  "null bytes in the document": { body: asked("{ __typename \0 }"), status: 400, says: /U\+0000/ },
  "a parameter named __proto__": {
    body: '{"query": "{ __typename }", "__proto__": {"polluted": 1}}',
    ...{ status: 400, says: /Unexpected parameter/ },
  },
  "a subscription": { body: asked("subscription { x }"), status: 400, says: /not supported/ },
  "no operation named": {
    body: asked("query A { __typename } query B { __typename }"),
    status: 400,
    says: /operation/,
  },
  "a mutation by GET": {
    method: "GET",
    search: `?query=${encodeURIComponent("mutation { updateBrand(input: {}) { __typename } }")}`,
    ...{ status: 405, says: /POST/ },
  },
  "variables by GET that are no JSON": {
    method: "GET",
    search: `?query=${encodeURIComponent("{ __typename }")}&variables=%7B`,
    ...{ status: 400, says: /variables .* invalid JSON/ },
  },
  "a DELETE": { method: "DELETE", status: 405, says: /GET and POST/ },
  "a token that is none": {
    body: asked("{ brand { id } }"),
    headers: { authorization: "Bearer x.y.z" },
    ...{ status: 401, says: /access token/ },
  },
};

beforeAll(async () => {
  await send({ body: asked("{ __typename }") });
});

describe.for([
  ["too large", tooLarge],
  ["malformed", malformed],
] as const)("what is %s is refused, quickly and in good form:", ([, table]) => {
  test.for(Object.entries(table))("%s", async ([, hostile]) => {
    const { status, text, ms } = await quickest(hostile);
    expect(text).toMatch(hostile.says);
    expect(status).toBe(hostile.status);
    expectGoodForm(text);
    expect(ms).toBeLessThan(500);
  });
});

test("more rows than a page may have are refused", async () => {
  const { operator } = await newBrand();
  const answer = await operator("{ members(first: 1000000) { nodes { id } } }");
  expect(answer.errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  expectGoodForm(JSON.stringify(answer));
});

test("what is no cursor at all is refused with a word, and not taken for a fault of ours", async () => {
  const { operator } = await newBrand();
  for (const after of ["undefined", "=", "a", "é", ""]) {
    const { errors } = await operator("query ($after: String) { members(after: $after) { nodes { id } } }", {
      after,
    });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  }
});

test.for(
  Object.entries({
    "a statement": "'; drop table brands; --",
    "a null byte": "a\0b",
    "half a surrogate pair": "\ud800",
    "a very long text": "🎫".repeat(2_000),
  }),
)("a text is only ever a text: %s", async ([, text]) => {
  const named = await anonymous("query ($slug: String!) { program(brand: $slug) { id } }", { slug: text });
  expect(named).toMatchObject({ status: 200, data: { program: null } });
  const found = await anonymous("query ($id: ID!) { node(id: $id) { id } }", { id: `mbr_${text}` });
  expect(found).toMatchObject({ status: 200, data: { node: null } });
});

test("whatever bytes come in, an answer in good form goes out", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json(), fc.string()), async (body) => {
      const { status, text } = await send({ body: typeof body === "string" ? body : new Uint8Array(body) });
      expect(status).toBe(400);
      expectGoodForm(text);
    }),
    { numRuns: 150 },
  );
});

test("whatever tokens a document is made of, an answer in good form goes out", async () => {
  const tokens = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "...",
    "on",
    "@skip",
    "$a",
    "!",
    "=",
    "|",
    "&",
    '"""',
    '"x"',
  ];
  const words = [
    "query",
    "mutation",
    "fragment",
    "program",
    "node",
    "id",
    "brand",
    "Brand",
    "1",
    "-0.5e9",
    "null",
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...tokens, ...words), { maxLength: 30 }), async (document) => {
      const { status, text } = await send({ body: asked(document.join(" ")) });
      expect([200, 400]).toContain(status);
      if (status === 400) expectGoodForm(text);
    }),
    { numRuns: 150 },
  );
});

interface Sent {
  status: number;
  text: string;
  ms: number;
}

async function send({ body, headers, method = "POST", search = "" }: Omit<Hostile, "status" | "says">) {
  const startedAt = performance.now();
  const response = await app.request(
    `/graphql${search}`,
    {
      method,
      body,
      headers: {
        "content-type": "application/json",
        accept: "application/graphql-response+json",
        ...headers,
      },
    },
    bindings,
  );
  const text = await response.text();
  return { status: response.status, text, ms: performance.now() - startedAt } satisfies Sent;
}

/** Of three attempts the quickest: a busy machine is no fault of the document's. */
async function quickest(hostile: Hostile): Promise<Sent> {
  const attempts = [await send(hostile), await send(hostile), await send(hostile)];
  return attempts.reduce((best, attempt) => (attempt.ms < best.ms ? attempt : best));
}

/** A GraphQL answer with errors that people can read, and nothing of how they came about. */
function expectGoodForm(text: string): void {
  const { errors } = JSON.parse(text) as { errors: unknown[] };
  expect(errors.length).toBeGreaterThan(0);
  for (const error of errors) {
    expect(error).toMatchObject({ message: expect.any(String), extensions: { code: expect.any(String) } });
  }
  expect(text).not.toMatch(
    /\b(select|insert|update) .+ (from|into|set)\b|sqlite|drizzle|node_modules|\.ts:\d|stack/i,
  );
  expect(text).not.toContain(new URL(bindings.DATABASE_URL).host);
}
