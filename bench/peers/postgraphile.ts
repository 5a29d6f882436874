/** PostGraphile 5 with its Amber preset; writes the rows first. */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import pg from "pg";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { verifyAccessToken } from "../../src/access/tokens.ts";
import { type Bindings, readEnvironment } from "../../src/environment.ts";
import * as data from "../support/data.ts";

const { POSTGRES_URL: connectionString, MEMBERS, NOW, PORT } = process.env;
const [members, now] = [Number(MEMBERS), Number(NOW)];
const environment = await readEnvironment(process.env as unknown as Bindings);

const client = new pg.Client({ connectionString });
await client.connect();
await client.query(String(await readFile(join(import.meta.dirname, "postgraphile.sql"))));
const insert = (table: string, rows: object[]) =>
  client.query(`insert into app.${table} select * from json_populate_recordset(null::app.${table}, $1)`, [
    JSON.stringify(rows),
  ]);
await insert(
  "tiers",
  data.tiers.map(({ name, growthValue, ...tier }) => ({
    ...{ ...tier, name: name.en, required_growth_value: growthValue },
  })),
);
await insert(
  "benefits",
  data.benefits.map(({ id, kind, name, quota, period }) => ({
    ...{ id, kind, name: name.en, quota, quota_period: period },
  })),
);
await insert(
  "tier_benefits",
  data.tiers.flatMap(({ id, rank }) =>
    data.benefitsOf(rank).map((benefit) => ({ tier_id: id, benefit_id: benefit.id })),
  ),
);
await insert(
  "offers",
  data.offers.map(({ id, title, terms }) => ({
    id,
    title: title.en,
    amount_off_minor: terms.amountOffMinor,
  })),
);
const month = new Date(data.periodStarts(now).month).toISOString();
for (let from = 0; from < members; from += 2_000) {
  const numbers = Array.from({ length: Math.min(2_000, members - from) }, (_, step) => from + step);
  const people = numbers.map(data.memberOf);
  await insert(
    "members",
    people.map(({ id, externalId, cardNumber, tier, displayName, points, growthValue }) => ({
      ...{ id, external_id: externalId, state: "ACTIVE", card_number: cardNumber, tier_id: tier.id },
      ...{ display_name: displayName, points, growth_value: growthValue },
    })),
  );
  const uses = people.filter(({ hasUsed }) => hasUsed);
  await insert(
    "benefit_uses",
    uses.map(({ id }) => ({ member_id: id, benefit_id: data.benefits[1]?.id, period_start: month, used: 1 })),
  );
  await insert(
    "coupons",
    numbers.flatMap((number) =>
      Array.from({ length: data.COUPONS_EACH }, (_, which) => data.couponOf(number, which, now)).map(
        ({ id, offer, memberId, code, expiresAt }) => ({
          ...{ id, offer_id: offer.id, member_id: memberId, code, state: "AVAILABLE" },
          expires_at: new Date(expiresAt).toISOString(),
        }),
      ),
    ),
  );
}
await client.query("vacuum analyze");
await client.end();

const preset: GraphileConfig.Preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString, schemas: ["app"] })],
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
  grafast: {
    explain: false,
    context: async ({ node }: { node?: { req: IncomingMessage } }) => {
      const token = node?.req.headers.authorization?.slice("Bearer ".length) ?? "";
      const actor = await verifyAccessToken(environment, token, Date.now());
      return { pgSettings: { "app.member_id": actor.memberId ?? "" } };
    },
  },
};
const server = createServer();
await postgraphile(preset).createServ(grafserv).addTo(server);
server.listen(Number(PORT), "127.0.0.1");
