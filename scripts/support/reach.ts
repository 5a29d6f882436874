import { type Database, openDatabase } from "../../src/database/client.ts";

const ANSWER_MS = 5_000;

export interface Address {
  url: string;
  authToken?: string | undefined;
}

/**
 * Opens a database after asking whether it is there, so that whoever gave a wrong address is told so in
 * place of what a driver makes of it.
 *
 * @param remedy what to do when it does not answer.
 * @param workMs how long the work on it may take.
 * @throws Error with the fix, when it does not answer within 5 seconds, or not to us.
 */
export async function reachDatabase(
  { url, authToken }: Address,
  remedy: string,
  workMs = 10 * 60_000,
): Promise<Database> {
  const open = (ms: number) =>
    openDatabase({ url, authToken, deadline: Date.now() + ms, clock: Date.now }).database;
  refuseMalformed(url);
  const place = placeOf(url);
  let timer: NodeJS.Timeout | undefined;
  // A driver may wait for longer than it was told to.
  const silence = new Promise<unknown>((resolve) => {
    timer = setTimeout(resolve, ANSWER_MS, "silent");
  });
  const answer = open(ANSWER_MS)
    .run("select 1")
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  const fault = await Promise.race([answer, silence]);
  clearTimeout(timer);
  if (fault === undefined) return open(workMs);
  if (/HTTP status 40[13]/.test(chainOf(fault))) {
    throw new Error(`The database at ${place} refuses DATABASE_AUTH_TOKEN: set it to a token for that one.`);
  }
  throw new Error(`The database at ${place} does not answer: ${remedy}`, { cause: fault });
}

/** @throws Error that says what an address must look like, without the one that does not. */
export function refuseMalformed(url: string): void {
  if (!/^(libsql|https?):\/\/[^/]/.test(url) || !URL.canParse(url)) {
    throw new Error("DATABASE_URL must be an address that begins with libsql://, https:// or http://.");
  }
}

/** Whether only this machine can reach an address. */
export const isLoopback = (url: string): boolean =>
  /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);

/** An address as it may be shown: what it may carry of names, passwords and tokens is left out. */
function placeOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

/** What an error says, and what is behind it. */
function chainOf(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${chainOf(error.cause)}` : String(error);
}
