import { createClient } from "@libsql/client/http";
import { drizzle } from "drizzle-orm/libsql/http";
import { migrate } from "drizzle-orm/libsql/migrator";

/** Brings a database to the newest of `migrations/`; those already there are left alone. */
export async function applyMigrations(url: string, authToken?: string): Promise<void> {
  const client = createClient({ url, ...(authToken ? { authToken } : {}) });
  try {
    await migrate(drizzle({ client }), {
      migrationsFolder: new URL("../../migrations", import.meta.url).pathname,
    });
  } finally {
    client.close();
  }
}
