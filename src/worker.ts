import { app } from "./app.ts";
import type { Bindings } from "./environment.ts";
import { runScheduled } from "./jobs/run-scheduled.ts";

export default {
  fetch: (request, bindings, context) => {
    const answer = Promise.resolve(app.fetch(request, bindings, context));
    // Whose client has left goes on to its end: cut off, it would keep its stream, and its place among those at once.
    context.waitUntil(answer);
    return answer;
  },
  scheduled: ({ scheduledTime }, bindings, context) =>
    context.waitUntil(runScheduled(bindings, scheduledTime)),
} satisfies ExportedHandler<Bindings>;
