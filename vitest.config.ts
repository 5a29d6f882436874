import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/**
 * Bundled once and kept in `node_modules/.vite`: without, each run transforms their 1,500 modules one
 * by one. `graphql` must stay in the list with everything that imports it, so that there is one copy.
 */
const prebundled = [
  "@libsql/client/http",
  "@marcbachmann/cel-js",
  "@pothos/core",
  "@pothos/plugin-complexity",
  "@pothos/plugin-drizzle",
  "@pothos/plugin-relay",
  "@pothos/plugin-scope-auth",
  "@pothos/plugin-validation",
  "drizzle-orm",
  "drizzle-orm/libsql/codecs",
  "drizzle-orm/libsql/http",
  "drizzle-orm/sqlite-core",
  "drizzle-orm/sqlite-core/async/query",
  "drizzle-orm/sqlite-core/query-builders/query",
  "drizzle-orm/sqlite-proxy",
  "fast-check",
  "graphql",
  "graphql-yoga",
  "hono",
  "hono/cors",
  "hono/utils/accept",
  "jose",
  "libphonenumber-js/min",
  "temporal-polyfill",
  "zod/mini",
];

/**
 * A machine that stands still for a moment makes the database busy: what is then sent again counts among the
 * requests. What is wrong fails twice; what races has a broken twin that is made to.
 */
const ONCE_MORE = 1;

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: { bindings: inject<Record<string, string>>("bindings") },
          })),
        ],
        test: {
          name: "workerd",
          include: ["test/**/*.test.ts"],
          exclude: ["test/processes/**"],
          globalSetup: ["test/support/global-setup.ts"],
          // One isolate for all files, as in production: the schema is built once, not once a file. A
          // second worker would build it again and take the core that sqld needs.
          isolate: false,
          maxWorkers: 1,
          deps: { optimizer: { ssr: { enabled: true, include: prebundled } } },
          testTimeout: 30_000,
          hookTimeout: 60_000,
          retry: ONCE_MORE,
        },
      },
      {
        test: {
          name: "processes",
          include: ["test/processes/**/*.test.ts"],
          // They start servers and bundle the Worker: after the others, one at a time.
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          retry: ONCE_MORE,
        },
      },
    ],
  },
});
