import { once } from "node:events";
import { connect as connectTo, createServer, type Socket } from "node:net";

/** What happens to one exchange between the Worker and the database. */
export type Fault =
  | { kind: "PASS" }
  /** The connection ends before the request is sent on, half way through it, or right behind it. */
  | { kind: "CUT_BEFORE" | "CUT_WITHIN" | "CUT_AFTER" }
  /** The database has answered, and nothing, or half of it, comes through. */
  | { kind: "LOSE_ANSWER" | "HALF_ANSWER" }
  /** The request waits before it is sent on, or its answer before it comes through. */
  | { kind: "DELAY" | "DELAY_ANSWER"; ms: number }
  /** Another answers in the database's place, which was sent nothing. */
  | { kind: "REFUSE"; status: 429 | 503 }
  /** The same, though the database did what it was asked. */
  | { kind: "UNAVAILABLE_AFTER" }
  /** The broken twin: the database is made to forget what it then says that it kept. */
  | { kind: "FORGET" };

export interface FaultyProxy {
  port: number;
  url: string;
  /** Where the database is now. */
  target: (port: number) => void;
  /** Asked before each exchange; without a plan everything passes. */
  plan: (plan?: () => Fault) => void;
  /** How many exchanges did not just pass. */
  faults: () => number;
  stop: () => Promise<void>;
}

/** A TCP proxy before the database that can do to an exchange whatever a network can. */
export async function startProxy(databasePort: number): Promise<FaultyProxy> {
  let target = databasePort;
  let plan: (() => Fault) | undefined;
  let faults = 0;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.once("close", () => sockets.delete(socket));
    // That a connection breaks is what it is here for.
    socket.on("error", () => socket.destroy());
  };
  const next = (): Fault => {
    const fault = plan?.() ?? { kind: "PASS" };
    if (fault.kind !== "PASS") faults += 1;
    return fault;
  };
  const server = createServer((client) => {
    keep(client);
    serve(client, next, () => {
      const upstream = connectTo(target, "127.0.0.1");
      keep(upstream);
      return upstream;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    target: (other) => {
      target = other;
    },
    plan: (other) => {
      plan = other;
    },
    faults: () => faults,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Carries the exchanges of one connection; HTTP/1.1 has one at a time on it. */
function serve(client: Socket, next: () => Fault, open: () => Socket): void {
  let upstream: Socket | undefined;
  let received = Buffer.alloc(0);
  let onAnswer: (chunk: Buffer) => void = (chunk) => void client.write(chunk);
  const end = () => {
    client.destroy();
    upstream?.destroy();
  };
  client.once("close", () => upstream?.end());
  const reach = (): Socket => {
    if (upstream && !upstream.destroyed) return upstream;
    upstream = open();
    // What was sent on late, or whose answer is lost, has nobody to answer to.
    upstream.on("data", (chunk) => (client.destroyed ? upstream?.end() : onAnswer(chunk)));
    upstream.once("close", end);
    return upstream;
  };
  client.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
    const length = lengthOf(received);
    if (length === undefined || received.length < length) return;
    const request = received.subarray(0, length);
    received = received.subarray(length);
    const fault = next();
    onAnswer = answering(fault, client, end);
    send(fault, request, { client, reach, end });
  });
}

/** How long a whole request is, its head and its body; undefined while that is not known. */
function lengthOf(received: Buffer): number | undefined {
  const head = received.indexOf("\r\n\r\n");
  if (head < 0) return undefined;
  const [, length = "0"] = /\r\ncontent-length: *(\d+)/i.exec(received.toString("latin1", 0, head)) ?? [];
  return head + 4 + Number(length);
}

interface Ends {
  client: Socket;
  reach: () => Socket;
  end: () => void;
}

/** Does to a request what the fault says. */
function send(fault: Fault, request: Buffer, { client, reach, end }: Ends): void {
  if (fault.kind === "CUT_BEFORE") end();
  else if (fault.kind === "CUT_WITHIN") reach().write(request.subarray(0, request.length >> 1), end);
  // What was sent still arrives there.
  else if (fault.kind === "CUT_AFTER") reach().write(request, () => client.destroy());
  else if (fault.kind === "DELAY") setTimeout(() => reach().write(request), fault.ms);
  else if (fault.kind === "REFUSE") client.write(bareAnswer(fault.status));
  else if (fault.kind === "FORGET") reach().write(forgetting(request));
  else reach().write(request);
}

/** What becomes of an answer's parts as they come. */
function answering(fault: Fault, client: Socket, end: () => void): (chunk: Buffer) => void {
  switch (fault.kind) {
    case "LOSE_ANSWER":
      return end;
    case "HALF_ANSWER":
      return (chunk) => void client.write(chunk.subarray(0, Math.floor(chunk.length / 2)), end);
    case "DELAY_ANSWER":
      return (chunk) => void setTimeout(() => client.destroyed || client.write(chunk), fault.ms);
    case "UNAVAILABLE_AFTER":
      return () => void client.write(bareAnswer(503), end);
    default:
      return (chunk) => void client.write(chunk);
  }
}

const bareAnswer = (status: 429 | 503) => `HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`;

/** The request with its commit made a rollback: every step still succeeds. */
function forgetting(request: Buffer): Buffer {
  const [head = "", body = ""] = request.toString("latin1").split(/\r\n\r\n(.*)/s);
  const changed = body.replaceAll('"commit"', '"rollback"');
  const length = `content-length: ${changed.length}`;
  return Buffer.from(`${head.replace(/content-length: *\d+/i, length)}\r\n\r\n${changed}`, "latin1");
}
