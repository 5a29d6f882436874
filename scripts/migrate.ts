/** `npm run migrate`: brings the database at DATABASE_URL to the newest of `migrations/`. */
import { applyMigrations } from "./support/migrations.ts";

const { DATABASE_URL: url, DATABASE_AUTH_TOKEN: authToken } = process.env;
if (!url) {
  console.error("Say which database: DATABASE_URL=http://127.0.0.1:8080 npm run migrate");
  process.exit(1);
}
try {
  await applyMigrations(url, authToken);
  console.log(`The database at ${new URL(url).host} has every migration.`);
} catch (error) {
  const { message, cause } = error as Error;
  console.error(`The migrations did not reach ${url}: ${cause instanceof Error ? cause.message : message}`);
  process.exit(1);
}
