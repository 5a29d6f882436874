import { createContext } from "../context.ts";
import type { Database } from "../database/client.ts";
import type { Environment } from "../environment.ts";

const DEADLINE_MS = 30_000;

/** How far a job has come: of the last row that it looked at. */
export interface Place {
  expiresAt: number;
  brandId: string;
  id: string;
}

/** What the platform does by itself in a brand's name, because time has passed; on record as `tessera`. */
export const asPlatform = (database: Database, environment: Environment, brandId: string, now: number) =>
  createContext({
    ...{ database, environment, now },
    actor: { kind: "SERVICE", brandId, clientId: "tessera", scopes: new Set() },
    deadline: Date.now() + DEADLINE_MS,
    locales: [],
  });
