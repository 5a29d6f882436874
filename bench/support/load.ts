import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { root } from "../../scripts/support/packages.ts";

export interface Request {
  method: "GET" | "POST";
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface LoadOrder {
  url: string;
  connections: number;
  seconds: number;
  requests: Request[];
  /** What every right answer contains. */
  expect: string;
}

export interface LoadAnswer {
  /** Right answers. */
  perSecond: number;
  seconds: number;
  answers: number;
  failures: number;
  /** Answers that were not what they must be. */
  mismatches: number;
  latencyMs: { median: number; p99: number };
  /** How many of the requests were used up, in their order. */
  used: number;
}

const CUT_OFF_MS = 500;

/** Loads a server from another process. @throws Error when that process fails. */
export async function load(order: LoadOrder): Promise<LoadAnswer> {
  const child = spawn(process.execPath, ["--no-warnings", join(root, "bench/peers/load.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(JSON.stringify(order));
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  // What was cut off at its end is answered all the same, and would be in the way of the next.
  await new Promise((resolve) => setTimeout(resolve, CUT_OFF_MS));
  if (code !== 0) throw new Error(`The load's process ended with code ${code}.`);
  return JSON.parse(output) as LoadAnswer;
}
