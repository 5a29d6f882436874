import { join } from "node:path";
import { createClient } from "@libsql/client/http";
import { drizzle } from "drizzle-orm/libsql/http";
import { migrate } from "drizzle-orm/libsql/migrator";
import { closeStreams } from "../../src/database/streams.ts";
import { root } from "./packages.ts";
import { type Address, reachDatabase } from "./reach.ts";

/** Brings a database to the newest of `migrations/`; those already there are left alone. */
export async function applyMigrations(url: string, authToken?: string): Promise<void> {
  const client = createClient({ url, ...(authToken ? { authToken } : {}) });
  try {
    await migrate(drizzle({ client }), { migrationsFolder: join(root, "migrations") });
  } finally {
    client.close();
  }
}

/**
 * Brings the database that someone gave the address of to the newest migration, and says so.
 *
 * @throws Error with the fix when it does not answer, or with what it says of a migration.
 */
export async function migrateDatabase(address: Address): Promise<void> {
  await reachDatabase(address, "start it, or set DATABASE_URL to where it is.").finally(closeStreams);
  const { host } = new URL(address.url);
  await applyMigrations(address.url, address.authToken).catch((error: Error) => {
    const { message } = error.cause instanceof Error ? error.cause : error;
    throw new Error(`The database at ${host} did not take the migrations: ${message}`, { cause: error });
  });
  console.log(`The database at ${host} has every migration.`);
}
