import { setTimeout as wait } from "node:timers/promises";
import type { Stock } from "./stock.ts";
import { type Reply, sendWrite, type Verdict, type Write } from "./writes.ts";

/** A write, and what its client knows of it. */
export interface Entry {
  write: Write;
  verdict: Verdict;
  sends: number;
  slowestMs: number;
}

/** Sends a write once, as a client does. */
export type Send = (url: string, token: string, write: Write) => Promise<Reply>;

export interface ClientsOptions {
  url: string;
  stock: Stock;
  clients: number;
  /** Asked before each write. */
  goesOn: () => boolean;
  send?: Send;
  /** Told of each answer. */
  onReply?: (reply: Reply) => void;
}

/** How often a client sends again at once what it does not know; the rest it does when all is over. */
const TRIES = 3;
const BACK_OFF_MS = 100;
const SETTLE_MS = 60_000;

/** Clients that send one write after the other, each judging its answers; nothing of it is forgotten. */
export async function runClients(options: ClientsOptions): Promise<Entry[]> {
  const { url, stock, clients, goesOn, send = sendWrite, onReply } = options;
  const entries: Entry[] = [];
  const run = async () => {
    while (goesOn()) {
      const entry = await begin(stock.nextWrite());
      for (let tries = 1; entry.verdict.state === "UNKNOWN" && tries < TRIES && goesOn(); tries += 1) {
        await wait(Math.random() * BACK_OFF_MS * 2 ** tries);
        await sendAgain(entry);
      }
    }
  };
  const sendAgain = async (entry: Entry) => {
    const reply = await send(url, await stock.token(), entry.write);
    onReply?.(reply);
    note(entry, reply);
  };
  const begin = async (write: Write) => {
    const entry: Entry = { write, verdict: { state: "UNKNOWN", code: "not sent" }, sends: 0, slowestMs: 0 };
    entries.push(entry);
    await sendAgain(entry);
    return entry;
  };
  await Promise.all(Array.from({ length: clients }, run));
  return entries;
}

/** What a client learns from an answer. */
export function note(entry: Entry, { verdict, ms }: Reply): void {
  entry.sends += 1;
  // That there was no room for it this time says nothing of the times before.
  const says = entry.sends === 1 || entry.verdict.state !== "UNKNOWN" || !isOverload(verdict);
  if (says) entry.verdict = verdict;
  entry.slowestMs = Math.max(entry.slowestMs, ms);
}

/**
 * Sends what is still unknown again, with its key, until every client knows; what is unknown after a minute
 * stays so, and the account says it. Answers how many there were.
 */
export async function settle(
  { url, stock, send = sendWrite }: ClientsOptions,
  entries: readonly Entry[],
): Promise<number> {
  const unknown = entries.filter(({ verdict }) => verdict.state === "UNKNOWN");
  const giveUpAt = Date.now() + SETTLE_MS;
  let next = 0;
  const run = async () => {
    for (let entry = unknown[next++]; entry; entry = unknown[next++]) {
      while (isOpen(entry) && Date.now() < giveUpAt) {
        note(entry, await send(url, await stock.token(), entry.write));
        if (isOpen(entry)) await wait(BACK_OFF_MS);
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, run));
  return unknown.length;
}

/** Nothing was decided: there was no room for it. */
export const isOverload = (verdict: Verdict): boolean =>
  verdict.state === "REFUSED" && verdict.code === "OVERLOADED";

const isOpen = ({ verdict }: Entry): boolean => verdict.state === "UNKNOWN";
