import { Hono } from "hono";
import { contextFor, openFor, type Route } from "../app.ts";
import { actorOf, hasScope } from "../context.ts";
import { failureOf } from "../database/failures.ts";
import { CallerError, isRefusal } from "../errors.ts";
import { exportCodeBatch } from "./export-code-batch.ts";

/** `GET /code-batches/{id}.csv?from=0&count=500000`: the codes of a batch, as they are computed. */
export const codes = new Hono<Route>();

codes.get("/code-batches/:file{bat_[0-9a-z]+\\.csv}", async (c) => {
  const now = Date.now();
  const context = await contextFor(c, openFor(c, now).database, now);
  const { kind } = actorOf(context);
  if ((kind !== "OPERATOR" && kind !== "SERVICE") || !hasScope(context, "coupons:issue"))
    throw new CallerError("FORBIDDEN", "This needs an operator's or service's token with coupons:issue.");
  const [from, count] = [wholeIn(c.req.query("from"), 0), wholeIn(c.req.query("count"), 1)];
  const file = c.req.param("file");
  const batch = await exportCodeBatch(context, { codeBatchId: file.replace(".csv", ""), from, count });
  if (isRefusal(batch)) {
    return batch.refusal === "NotFound"
      ? c.json({ error: `There is no batch ${file.replace(".csv", "")}.`, code: "NOT_FOUND" }, 404)
      : c.json({ error: `${batch.data.field}: ${batch.data.reason}`, code: "INVALID_VALUE" }, 400);
  }
  c.header("content-type", "text/csv; charset=utf-8; header=present");
  c.header("content-disposition", `attachment; filename="${file}"`);
  c.header("cache-control", "no-store");
  return c.body(streamOf(batch.lines()));
});

codes.onError((error, c) => {
  c.header("cache-control", "no-store");
  if (error instanceof CallerError) {
    const { code, message } = error;
    const status = ({ UNAUTHENTICATED: 401, FORBIDDEN: 403, BAD_USER_INPUT: 400 } as const)[
      code as "FORBIDDEN"
    ];
    if (status === undefined) throw error;
    if (code === "UNAUTHENTICATED") c.header("www-authenticate", "Bearer");
    return c.json({ error: message, code }, status);
  }
  const failure = failureOf(error);
  if (failure !== "busy" && failure !== "unknown") throw error;
  c.header("retry-after", "1");
  return c.json({ error: "The database did not answer. Try again in a moment.", code: "UNAVAILABLE" }, 503);
});

/** @throws CallerError BAD_USER_INPUT */
function wholeIn(text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text) || Number(text) < least)
    throw new CallerError("BAD_USER_INPUT", "from and count are whole numbers: from 0 on, and from 1 on.");
  return Number(text);
}

/** A chunk is computed when the one before it has been taken: in bounded memory, whatever the size. */
function streamOf(chunks: Generator<string, void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const { done, value } = chunks.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      cancel: () => {
        chunks.return();
      },
    },
    { highWaterMark: 0 },
  );
}
