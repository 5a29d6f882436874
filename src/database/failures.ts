/** What a failed request to the database means for what was sent. */
export type Failure =
  /** Not applied; the same request may succeed later. */
  | "busy"
  /** Not applied; a constraint or guard refused it. */
  | "constraint"
  /** No answer: applied or not, nobody knows. */
  | "unknown"
  /** Not applied; a fault of ours. */
  | "fault";

/** Over HTTP libSQL gives no extended code, so constraints are told by the names in the message. */
export function failureOf(error: unknown): Failure {
  const text = messagesOf(error);
  if (/SQLITE_BUSY|database is locked|HTTP status 429/i.test(text)) return "busy";
  if (/SQLITE_CONSTRAINT|constraint failed/i.test(text)) return "constraint";
  if (/HTTP status 5\d\d|fetch failed|network|timed? ?out|aborted|connection|internal error;/i.test(text))
    return "unknown";
  return "fault";
}

/** The messages of an error and of what caused it. */
function messagesOf(error: unknown): string {
  const messages: string[] = [];
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 5;
    current = current.cause, depth += 1
  ) {
    messages.push(`${(current as { code?: string }).code ?? ""} ${current.name} ${current.message}`);
  }
  return messages.join("\n");
}
