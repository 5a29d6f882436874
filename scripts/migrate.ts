/** `npm run migrate`: brings the database at DATABASE_URL to the newest of `migrations/`. */
import { migrateDatabase } from "./support/migrations.ts";
import { endWith, readOptions } from "./support/options.ts";
import { runScript } from "./support/run.ts";

readOptions({});
const { DATABASE_URL: url, DATABASE_AUTH_TOKEN: authToken } = process.env;
if (!url) endWith("Say which database: DATABASE_URL=http://127.0.0.1:8080 npm run migrate");
await runScript(() => migrateDatabase({ url, authToken }));
