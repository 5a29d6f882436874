/** What someone would write by hand for the same answers: Hono, one SQL, `@libsql/client`. */
import { createClient } from "@libsql/client/http";
import { sql } from "drizzle-orm";
import { Hono, type Context as HonoContext } from "hono";
import { verifyAccessToken } from "../../../src/access/tokens.ts";
import { openDatabase, pause } from "../../../src/database/client.ts";
import { type Bindings, readEnvironment } from "../../../src/environment.ts";
import {
  type Redemption,
  redeem,
  redeemedOf,
  selectList,
  selectView,
  viewOf,
} from "../../support/by-hand.ts";
import { type BareClient, createOwnClient } from "../../support/own-client.ts";
import { createWarmClient } from "../../support/warm-client.ts";

interface Given extends Bindings {
  /**
   * `new` opens a stream for each request, as the client does by itself; `warm` keeps two, and opens others when
   * both are in use; `own` goes Tessera's way to the database, with no client but that.
   */
  STREAMS: "new" | "warm" | "own";
}

type Route = { Bindings: Given };

/** What `/static` answers. */
let kept = "{}";

const app = new Hono<Route>();

const clients = {
  new: (url: string): BareClient => createClient({ url }),
  warm: (url: string): BareClient => createWarmClient(url),
  own: createOwnClient,
};
const clientOf = ({ env }: HonoContext<Route>) => clients[env.STREAMS](env.DATABASE_URL);

/** Busy means that nothing was applied. */
async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === 6 || !/BUSY|locked/i.test(String(error))) throw error;
      await pause(attempt, 1_000);
    }
  }
}

async function actorOf(c: HonoContext<Route>) {
  const environment = await readEnvironment(c.env);
  const token = c.req.header("authorization")?.slice("Bearer ".length) ?? "";
  return { environment, actor: await verifyAccessToken(environment, token, Date.now()) };
}

app.get("/view", async (c) => {
  const { environment, actor } = await actorOf(c);
  const { rows } = await clientOf(c).execute(selectView(actor.brandId, actor.memberId ?? "", Date.now()));
  const [row] = rows;
  return c.json({ data: { me: row ? await viewOf(row, environment.encryptionKeys) : null } });
});

app.get("/list/:tier", async (c) => {
  const { environment, actor } = await actorOf(c);
  const { rows } = await clientOf(c).execute(selectList(actor.brandId, c.req.param("tier"), Date.now()));
  const nodes = await Promise.all(rows.map((row) => viewOf(row, environment.encryptionKeys)));
  return c.json({ data: { members: { nodes } } });
});

app.post("/redeem", async (c) => {
  const { actor } = await actorOf(c);
  const order = await c.req.json<Redemption>();
  const id = crypto.randomUUID();
  const results = await patiently(() =>
    clientOf(c).batch(redeem(actor.brandId, id, order, Date.now()), "write"),
  );
  return c.json({ data: { redeemCoupon: redeemedOf(results.at(-1)?.rows[0], id, order) } });
});

app.get("/select-1/plain", async (c) => {
  const { rows } = await clientOf(c).execute({ sql: "select 1 as one", args: [] });
  return c.json({ one: Number(rows[0]?.one) });
});

app.get("/select-1/ours", async (c) => {
  const { database } = openDatabase({
    url: c.env.DATABASE_URL,
    deadline: Date.now() + 10_000,
    clock: Date.now,
  });
  const [row] = await database.all<{ one: number }>(sql`select 1 as one`);
  return c.json({ one: row?.one });
});

app.put("/static", async (c) => {
  kept = await c.req.text();
  return c.body(null, 204);
});

app.get("/static", (c) => c.body(kept, 200, { "content-type": "application/json" }));

export default app;
