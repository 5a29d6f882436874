import { parse } from "graphql";
import { createLRUCache } from "graphql-yoga";
import { expect, test } from "vitest";
import { DocumentCache } from "../../src/graphql/document-cache.ts";
import { DOCUMENT_LIMITS } from "../../src/graphql/document-limits.ts";

interface Cache {
  get(text: string): unknown;
  set(text: string, document: ReturnType<typeof parse>): void;
}

/** How many of the documents are still there when all have been sent once. */
function keptOf(cache: Cache, texts: readonly string[]): number {
  for (const text of texts) cache.set(text, parse(text));
  return texts.filter((text) => cache.get(text) !== undefined).length;
}

/** As large as one may be, each another. */
const largest = Array.from(
  { length: 200 },
  (_, n) => `{ a(of: [${n} ${"1 ".repeat(DOCUMENT_LIMITS.tokens - 20)}]) }`,
);

test("documents that anyone can send take a bounded part of an isolate", () => {
  const cache = new DocumentCache();
  expect(keptOf(cache, largest)).toBeLessThanOrEqual(33);
  expect(cache.get(largest.at(-1) as string)).toBeDefined();
  expect(keptOf(cache, [`{ a }${" ".repeat(19_000)}`])).toBe(1);
});

test("ordinary documents of many callers are kept", () => {
  const ordinary = Array.from({ length: 400 }, (_, n) => `query Q${n} { me { ${"id ".repeat(150)} } }`);
  expect(keptOf(new DocumentCache(), ordinary)).toBe(400);
});

test("a cache that counts documents keeps all of the largest", () => {
  expect(keptOf(createLRUCache() as unknown as Cache, largest)).toBe(largest.length);
});
