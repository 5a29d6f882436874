import { app } from "./app.ts";
import type { Bindings } from "./environment.ts";
import { runScheduled } from "./jobs/run-scheduled.ts";

export default {
  fetch: app.fetch,
  scheduled: ({ scheduledTime }, bindings, context) =>
    context.waitUntil(runScheduled(bindings, scheduledTime)),
} satisfies ExportedHandler<Bindings>;
