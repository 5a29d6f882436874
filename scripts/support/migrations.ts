import { join } from "node:path";
import { createClient } from "@libsql/client/http";
import { drizzle } from "drizzle-orm/libsql/http";
import { migrate } from "drizzle-orm/libsql/migrator";
import { root } from "./packages.ts";

/** Brings a database to the newest of `migrations/`; those already there are left alone. */
export async function applyMigrations(url: string, authToken?: string): Promise<void> {
  const client = createClient({ url, ...(authToken ? { authToken } : {}) });
  try {
    await migrate(drizzle({ client }), { migrationsFolder: join(root, "migrations") });
  } finally {
    client.close();
  }
}
