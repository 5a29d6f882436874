import { type Database, openDatabase } from "../../src/database/client.ts";
import { bindings } from "./caller.ts";

/** One request to the database, as it went over the wire. */
export interface Exchange {
  /** The baton that was sent: null asks for a new stream. */
  sent: string | null;
  /** The types of what was asked, in order: `execute`, `batch`, `get_autocommit`, `close`. */
  asked: string[];
  /** Undefined when no answer came. */
  status?: number;
  /** The baton that continues the stream. */
  received?: string | null;
}

/** Stands between the client and the database; `pass` sends the request on, `signal` ends the wait. */
export type Fault = (pass: () => Promise<Response>, signal: AbortSignal) => Promise<Response>;

export interface Wire {
  url: string;
  send: typeof fetch;
  exchanges: Exchange[];
  /** Applies to each request from now on; undefined for none. */
  fault: Fault | undefined;
  /** Moves the client's clock. */
  advance: (ms: number) => void;
  /** A client as a request has it; all of a wire's share its streams, and no others. */
  open: (deadlineMs?: number) => Database;
  /** The batons that the server would still accept: a stream each. */
  live: Set<string>;
  /** Closes what is still open, so that no test waits for another's streams. */
  close: () => Promise<void>;
}

let wires = 0;

/**
 * A way to the real database, on which everything is seen and anything can go wrong. Streams are kept by
 * address, so by default it has one of its own, with none yet.
 */
export function openWire(options?: { url: string }): Wire {
  wires += 1;
  const url = options?.url ?? `http://wire-${wires}.invalid`;
  const real = new URL(bindings.DATABASE_URL);
  let moved = 0;
  const clock = () => Date.now() + moved;

  const send = (async (input: RequestInfo | URL, init?: RequestInit) => {
    const address = new URL(String(input));
    address.host = real.host;
    const body = JSON.parse(String(init?.body)) as { baton: string | null; requests: { type: string }[] };
    const exchange: Exchange = { sent: body.baton, asked: body.requests.map(({ type }) => type) };
    wire.exchanges.push(exchange);
    const pass = async () => {
      const response = await fetch(address, init);
      const answer = await response.text();
      exchange.status = response.status;
      if (body.baton) wire.live.delete(body.baton);
      if (response.ok) exchange.received = (JSON.parse(answer) as { baton: string | null }).baton;
      if (exchange.received) wire.live.add(exchange.received);
      return new Response(answer, { status: response.status, headers: response.headers });
    };
    try {
      const response = await (wire.fault ? wire.fault(pass, init?.signal as AbortSignal) : pass());
      if (!response.ok) await drop(exchange);
      return response;
    } catch (error) {
      await drop(exchange);
      throw error;
    }
  }) as typeof fetch;

  const close = async (baton: string) => {
    wire.live.delete(baton);
    const body = JSON.stringify({ baton, requests: [{ type: "close" }] });
    await fetch(new URL("/v3/pipeline", real), { method: "POST", body });
  };
  /** Nobody can continue it. The server would find out after 10 seconds, and has few streams to give. */
  const drop = async ({ sent, received }: Exchange) => {
    for (const baton of [sent, received]) if (baton && wire.live.has(baton)) await close(baton);
  };

  const wire: Wire = {
    url,
    send,
    exchanges: [],
    fault: undefined,
    advance: (ms) => {
      moved += ms;
    },
    open: (deadlineMs = 10_000) =>
      openDatabase({ url, deadline: clock() + deadlineMs, clock, send }).database,
    live: new Set(),
    close: async () => {
      for (const baton of [...wire.live]) await close(baton);
    },
  };
  return wire;
}

/** The answer is lost on its way back: what was asked has been done. */
export const loseAnswer: Fault = async (pass) => {
  await pass();
  throw new TypeError("Network connection lost.");
};

/** The request never arrives. */
export const loseRequest: Fault = () => Promise.reject(new TypeError("Network connection lost."));

/** No answer comes until the client gives up. */
export const neverAnswer: Fault = (_pass, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });

/** One fault after another, a request each; what comes after the last passes. */
export function inTurn(...faults: (Fault | undefined)[]): Fault {
  const left = faults.values();
  return (pass, signal) => {
    const fault = left.next().value;
    return fault ? fault(pass, signal) : pass();
  };
}
