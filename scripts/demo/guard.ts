import type { Database } from "../../src/database/client.ts";
import { books } from "./books.ts";
import { cinema } from "./cinema.ts";
import { coffee } from "./coffee.ts";

export const demoSlugs: string[] = [coffee.slug, books.slug, cinema.slug];

/**
 * Refuses a database that is in use for something else: the demo's clients have secrets that everyone
 * can read. One that the demo is in already may have got other brands since. It is asked before the
 * migrations, so that a refused database stays as it was.
 *
 * @throws Error with the fix.
 */
export async function refuseOthersData(database: Database): Promise<void> {
  const brands = await database.query.brands
    .findMany({ columns: { slug: true }, limit: 1_000 })
    .catch((error) => {
      // It is empty, and gets its tables next.
      if (hasNoTables(error)) return [];
      throw error;
    });
  const slugs = brands.map(({ slug }) => slug);
  if (slugs.length === 0 || slugs.some((slug) => demoSlugs.includes(slug))) return;
  throw new Error(
    `The database at DATABASE_URL holds the brand ${slugs[0]}, and the demo's clients have secrets that everyone ` +
      "can read: unset DATABASE_URL, or set it to an empty database.",
  );
}

/** Whether a request failed because no migration has been applied. */
export function hasNoTables(error: unknown): boolean {
  for (let link = error; link instanceof Error; link = link.cause) {
    if (/no such table/.test(link.message)) return true;
  }
  return false;
}
