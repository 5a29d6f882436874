import type { DocumentNode } from "graphql";

/** Of all documents that are kept, in tokens: each holds them with what was made of them, some 200 bytes a token. */
const MOST_TOKENS = 100_000;

/**
 * Documents that were parsed before, by their text. They are the callers' own, also of those without a token, so
 * that they are bounded by size: a count of the largest is more than an isolate's memory.
 */
export class DocumentCache {
  readonly #documents = new Map<string, DocumentNode>();
  #tokens = 0;

  get(text: string): DocumentNode | undefined {
    return this.#documents.get(text);
  }

  set(text: string, document: DocumentNode): void {
    // A long text of few tokens, such as one of blanks, is not had for nothing either.
    const size = (document.tokenCount ?? text.length) + Math.ceil(text.length / 20);
    if (this.#tokens + size > MOST_TOKENS) {
      this.#documents.clear();
      this.#tokens = 0;
    }
    this.#tokens += size;
    this.#documents.set(text, document);
  }
}
