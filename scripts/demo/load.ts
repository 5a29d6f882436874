import type { Database } from "../../src/database/client.ts";
import type { Environment } from "../../src/environment.ts";

/** Someone to try the API as. */
export interface Persona {
  /** `Lin, a gold member` */
  who: string;
  brand: string;
  kind: string;
  /** An access token; it lives for 15 minutes. */
  token: string;
  /** For a new token by client credentials; a member's comes from its storefront instead. */
  client?: { id: string; secret: string };
  /** Something worth asking, to paste. */
  request: { query: string; variables?: Record<string, unknown> };
}

/** Loads the demo data where it is not there yet, and answers who can be tried. */
export async function loadDemo(_database: Database, _environment: Environment): Promise<Persona[]> {
  return [];
}
