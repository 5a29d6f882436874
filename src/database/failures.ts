/** What a failed request to the database means for what was sent. */
export type Failure =
  /** Not applied; the same request may succeed later. */
  | "busy"
  /** Not applied; a constraint or guard refused it. */
  | "constraint"
  /** No answer: applied or not, nobody knows. */
  | "unknown"
  /** Not applied; it asks for more than the database can do. */
  | "excessive"
  /** Not applied; a fault of ours. */
  | "fault";

/** A failed request to the database. The message says nothing of what was sent; the cause may. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly failure: Failure;

  constructor(cause: unknown, failure = classify(cause)) {
    super(`The database: ${failure}`, { cause });
    this.failure = failure;
  }
}

/** What an error means, if the database or what lies before it failed; a "fault" for any other. */
export function failureOf(error: unknown): Failure {
  return databaseErrorIn(error)?.failure ?? "fault";
}

/** The failed request to the database that is behind an error, if there is one. */
const databaseErrorIn = (error: unknown): DatabaseError | undefined =>
  chainOf(error).find((link) => link instanceof DatabaseError);

/** Over HTTP libSQL gives no extended code, so failures are told by the names in the messages. */
const signs: [failure: Failure, sign: RegExp][] = [
  ["busy", /SQLITE_BUSY|TRANSACTION_BUSY|database is locked|HTTP status 429/i],
  ["constraint", /SQLITE_CONSTRAINT|constraint failed/i],
  ["excessive", /SQLITE_TOOBIG|too big|stack overflow|too many SQL variables|RESPONSE_TOO_LARGE/i],
  ["unknown", /HTTP status 5\d\d|fetch failed|network|timed? ?out|aborted|connection|internal error;/i],
];

function classify(cause: unknown): Failure {
  const text = chainOf(cause)
    .map((link) => `${(link as { code?: string }).code ?? ""} ${link.name} ${link.message}`)
    .join("\n");
  return signs.find(([, sign]) => sign.test(text))?.[0] ?? "fault";
}

/** An error and what caused it. */
function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let link = error; link instanceof Error && chain.length < 6; link = link.cause) chain.push(link);
  return chain;
}

/** What the log may hold of an error: kinds and places, no SQL and no values. */
export function describeError(error: unknown) {
  if (!(error instanceof Error)) return { kind: typeof error };
  const databaseError = databaseErrorIn(error);
  const cause = databaseError?.cause as { name?: string; code?: string } | undefined;
  return {
    kind: error.name,
    ...(databaseError ? { cause: cause?.name, code: cause?.code } : { message: error.message }),
    // The message, which comes first, can have lines of its own.
    stack: error.stack
      ?.split("\n")
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 7),
  };
}
