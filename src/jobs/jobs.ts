import { grantBenefits } from "../benefits/grant-benefits.ts";
import { releaseStaleCheckouts } from "../carts/release-stale-checkouts.ts";
import type { Database } from "../database/client.ts";
import { activatePending } from "../earning/activate-pending.ts";
import type { Environment } from "../environment.ts";
import { expirePoints } from "../points/expire-points.ts";
import { releaseStaleHolds } from "../points/release-stale-holds.ts";
import { remindExpiringPoints } from "../points/remind-expiring-points.ts";
import { remindTiers } from "../tiers/remind-tiers.ts";
import { reviewTiers } from "../tiers/review-tiers.ts";
import { prune } from "./prune.ts";

/** What a job answers of a chunk: its counts, how many brands failed, and where to go on. */
interface Chunk {
  failed?: number;
  /** Null at the end. */
  next: object | null;
}

/** Does at most `limit` of what is due, over all brands; doing it again changes nothing. */
type Work<Answer extends Chunk> = (
  database: Database,
  environment: Environment,
  now: number,
  limit: number,
  after?: never,
) => Promise<Answer>;

export interface Job {
  name: string;
  work: Work<Chunk>;
  /** Of a chunk; each is one or two requests to the database a brand. */
  limit: number;
  /** How much a chunk did. */
  done: (answer: never) => number;
  /** How long after the start of a run the next may start. */
  everyMs: number;
}

const HOUR_MS = 3_600_000;

const job = <Answer extends Chunk>(
  name: string,
  work: Work<Answer>,
  limit: number,
  done: (answer: Answer) => number,
  everyMs = 0,
): Job => ({ name, work, limit, done, everyMs });

/** All that happens because time passes, in this order. */
export const jobs: readonly Job[] = [
  job("activatePending", activatePending, 100, ({ awards }) => awards),
  // With their holds, which the next would release by themselves.
  job("releaseStaleCheckouts", releaseStaleCheckouts, 100, ({ checkouts }) => checkouts),
  job("releaseStaleHolds", releaseStaleHolds, 100, ({ holds }) => holds),
  job("expirePoints", expirePoints, 200, ({ lots }) => lots),
  job("reviewTiers", reviewTiers, 100, ({ members }) => members),
  job("grantBenefits", grantBenefits, 200, ({ granted }) => granted),
  job("remindTiers", remindTiers, 100, ({ reminders }) => reminders, HOUR_MS),
  job("remindExpiringPoints", remindExpiringPoints, 500, ({ reminders }) => reminders, HOUR_MS),
  job("prune", prune, 1_000, ({ rows }) => rows, 24 * HOUR_MS),
];
