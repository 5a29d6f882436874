import { sql } from "drizzle-orm";
import type { ClientKind } from "../../schema/tables/clients.ts";
import type { Actor } from "../../src/access/actor.ts";
import { scopesFor } from "../../src/access/scopes.ts";
import { actorOf, type Context, createContext } from "../../src/context.ts";
import type { Database } from "../../src/database/client.ts";
import type { Committed, Read } from "../../src/database/commit.ts";
import type { Environment } from "../../src/environment.ts";
import { isRefusal, type Refusal } from "../../src/errors.ts";
import type { BrandKey, DemoBrand } from "./content.ts";
import type { PersonKey } from "./people.ts";

export const DAY_MS = 86_400_000;
const DEADLINE_MS = 60_000;

/** Where the demo is loaded, and the moment from which its days are counted. */
export interface Demo {
  database: Database;
  environment: Environment;
  /** Milliseconds since 1970. */
  now: number;
  /** Each operation comes a millisecond after the one before, so that ids sort as the content does. */
  nextMillisecond: () => number;
}

/** A brand of the demo, as far as it is loaded. */
export interface LoadedBrand {
  content: DemoBrand;
  brandId: string;
  /** Lowest first, as the content has them. */
  tierIds: string[];
  benefitIds: Record<string, string>;
  offerIds: Record<string, string>;
  memberIds: Partial<Record<PersonKey, string>>;
}

/** The client ids are known, so that a request that was written down can be sent again. */
export const clientIdOf = (brand: BrandKey, kind: ClientKind): string =>
  `cli_demo_${brand}_${kind.toLowerCase()}`;

/** Known to everyone who reads this: for development only. */
export const secretOf = (clientId: string): string => `${clientId}_secret`;

/** What an operation of one of the brand's clients is given, some days ago. */
export const asClient = (demo: Demo, brand: LoadedBrand, kind: ClientKind, daysAgo: number): Context =>
  contextOf(demo, daysAgo, {
    ...{ kind, brandId: brand.brandId },
    clientId: clientIdOf(brand.content.key, kind),
    scopes: new Set(scopesFor(kind)),
  });

/** What an operation of a brand's partner client is given, some days ago. */
export function asPartner(demo: Demo, brand: LoadedBrand, allianceId: string, daysAgo: number): Context {
  const context = asClient(demo, brand, "PARTNER", daysAgo);
  return { ...context, actor: { ...actorOf(context), allianceId } };
}

/** What an operation of a member is given, some days ago. */
export const asMember = (demo: Demo, brand: LoadedBrand, person: PersonKey, daysAgo: number): Context =>
  contextOf(demo, daysAgo, {
    ...{ kind: "MEMBER", brandId: brand.brandId },
    clientId: clientIdOf(brand.content.key, "STOREFRONT"),
    memberId: memberIdOf(brand, person),
    scopes: new Set(scopesFor("MEMBER")),
  });

/** The past comes from an earlier clock: the operation records it as it would have then. */
export function contextOf(demo: Demo, daysAgo: number, actor: Actor): Context {
  const { database, environment, now, nextMillisecond } = demo;
  return createContext({
    ...{ database, environment, actor },
    now: Math.round(now - daysAgo * DAY_MS) + nextMillisecond(),
    deadline: Date.now() + DEADLINE_MS,
    locales: [],
  });
}

export function memberIdOf({ content, memberIds }: LoadedBrand, person: PersonKey): string {
  const memberId = memberIds[person];
  if (!memberId) throw new Error(`${person} is no member of ${content.slug}.`);
  return memberId;
}

/** For operations whose answer is not shown to anyone. */
export const readNothing =
  ({ database }: Demo): Read<unknown, unknown> =>
  () =>
    database.run(sql`select 1`);

/**
 * The outcome of an operation that must not be refused.
 *
 * @throws Error with the refusal: the content is then at odds with itself.
 */
export async function done<Outcome, Row>(
  result: Promise<Refusal | Committed<Outcome, Row>>,
): Promise<Outcome> {
  const answer = await result;
  if (isRefusal(answer)) throw new Error(`The demo data was refused: ${JSON.stringify(answer)}`);
  return answer.outcome;
}
