import { expect, test } from "vitest";
import { contextFor } from "../../src/app.ts";
import { answerRequest } from "../../src/graphql/answer-request.ts";
import { type RequestContext, yoga } from "../../src/graphql/yoga.ts";
import { newBrand } from "../support/brand.ts";
import { database, environment } from "../support/caller.ts";

type Handler = (request: Request, context: RequestContext) => Response | Promise<Response>;

const read: Handler = async (request, context) =>
  answerRequest(request, await request.clone().text(), context);

/** Everything of an answer but the id of an error in the log. */
async function answerOf(handle: Handler, headers: Record<string, string>, body: string) {
  const request = new Request("http://x/graphql", { method: "POST", headers, body });
  const [now, development] = [Date.now(), false];
  const route = {
    var: { environment: await environment() },
    req: { header: (name: string) => request.headers.get(name) ?? undefined },
  } as unknown as Parameters<typeof contextFor>[0];
  const open = () => contextFor(route, database(), now);
  const response = await handle(request, { development, now, database, open });
  return { status: response.status, headers: [...response.headers].sort(), body: await response.text() };
}

const ACCEPT = [
  ...[
    "*/*",
    "",
    "application/*",
    "application/json",
    "APPLICATION/JSON",
    "application/graphql-response+json",
  ],
  "application/graphql-response+json, application/json",
  "application/json, application/graphql-response+json",
  "application/json;q=0.5, application/graphql-response+json",
  "application/json; charset=latin1",
  ...["text/html, */*", "text/event-stream", "multipart/mixed"],
];
const CONTENT_TYPE = [
  ...["application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8"],
  ...["application/json; charset=utf-16", "application/json; a=b", "application/jsonp"],
];

test("an ordinary request is answered as by Yoga's own HTTP layer, in every byte", async () => {
  const { slug } = await newBrand();
  const query = "{ __typename }";
  const brand = `query ($brand: String!) { program(brand: $brand) { name } }`;
  const two = "query A { a: __typename } query B { b: __typename }";
  const parameters: unknown[] = [
    ...[
      { query: brand, variables: { brand: slug } },
      { query: brand },
      { query: brand, variables: { brand: 1 } },
    ],
    ...[
      { query, variables: {} },
      { query, variables: null },
      { query, variables: [] },
      { query, variables: "{}" },
    ],
    ...[{ query: two }, { query: two, operationName: "B" }, { query: two, operationName: "C" }],
    ...[
      { query, operationName: "" },
      { query, operationName: null },
      { query, operationName: 1 },
    ],
    ...[
      { query, extensions: {} },
      { query, extensions: [] },
      { query, other: 1 },
      { query, other: null },
    ],
    ...[{ query: "" }, { query: "{" }, { query: "{ nope }" }, { query: "{ __schema { description } }" }],
    ...[
      { query: "{ brand { id } }" },
      { query: `#${"x".repeat(30_000)}\n${query}` },
      { query: null },
      {},
      [],
      null,
      1,
    ],
    { query: "mutation { updateBrand(input: {}) { __typename } }" },
    { query: `{ program(brand: "${slug}") { name pointsPolicy { approvalAbovePoints } } }` },
  ];
  const ordinary = JSON.stringify(parameters[0]);
  const bodies = [
    ...parameters.map((one) => JSON.stringify(one)),
    ...["{", " ", `\ufeff${ordinary}`, ` ${ordinary}\n`, "query=%7B__typename%7D"],
    `{"query":"{ nope }","query":"${query}"}`,
    `{"query":"${query}","__proto__":{"a":1}}`,
    `{"__proto__":{"query":"${query}"}}`,
  ];
  const json = "application/json";
  const requests = [
    ...bodies.flatMap((body) => ACCEPT.slice(3, 6).map((accept) => ({ body, accept, type: json }))),
    ...ACCEPT.flatMap((accept) =>
      [ordinary, bodies[20] as string].map((body) => ({ body, accept, type: json })),
    ),
    ...CONTENT_TYPE.map((type) => ({ body: ordinary, accept: json, type })),
    ...["", "Basic eA==", "Bearer x"].map((authorization) => ({
      ...{ body: ordinary, accept: json, type: json, authorization },
    })),
  ];
  for (const { body, type, ...others } of requests) {
    const headers = { "content-type": type, ...others };
    const expected = await answerOf((...request) => yoga.handle(...request), headers, body);
    // Twice: the second may be answered from memory.
    for (const _ of [1, 2])
      expect({ headers, body, answer: await answerOf(read, headers, body) }).toEqual({
        ...{ headers, body, answer: expected },
      });
  }
});

test.each([
  ...["Application/JSON", "APPLICATION/JSON; Charset=UTF-8", "application/json ; charset=utf-8"],
  ...["Application/Json; A=b", 'application/json; charset="utf-8"'],
])("a media type means the same however it is written: %s", async (type) => {
  const answer = await answerOf(read, { "content-type": type }, '{"query":"{ __typename }"}');
  expect(answer).toMatchObject({ status: 200, body: '{"data":{"__typename":"Query"}}' });
});

test.each([
  ["one that is not in the document", { query: "query A { __typename }", operationName: "B" }],
  ["none of several", { query: "query A { __typename } query B { __typename }" }],
])("an operation that is not told is the caller's mistake: %s", async (_what, parameters) => {
  const headers = { "content-type": "application/json", accept: "application/graphql-response+json" };
  const { status, body } = await answerOf(read, headers, JSON.stringify(parameters));
  expect({ status, ...JSON.parse(body) }).toMatchObject({
    ...{ status: 400, errors: [{ extensions: { code: "BAD_USER_INPUT" } }] },
  });
});
