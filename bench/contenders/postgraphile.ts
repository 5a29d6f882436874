import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../scripts/support/sqld.ts";
import type { Contender } from "../support/contender.ts";
import { asClient, askedMembers, redemptions } from "../support/orders.ts";
import { startPeer } from "../support/peer.ts";
import type { Seeded } from "../support/seed.ts";
import { operation } from "./tessera.ts";

const VIEW = `query View { currentMember {
  rowId externalId points tierByTierId { name rank color }
  growthValue missing nextTier { name rank }
  entitlements { nodes { usable used left kind name quota } }
  availableCoupons(first: 10) { nodes { rowId code state expiresAt offerByOfferId { title } } }
  cardNumber displayName } }`;

const REDEEM = `mutation Redeem($input: RedeemCouponInput!) { redeemCoupon(input: $input) {
  result { redemptionId discountMinor payableMinor status } } }`;

/** As the API shows card numbers and codes: in groups of four. */
const inGroups = (text: string, between: string) => text.replace(/(.{4})(?=.)/g, `$1${between}`);

/** Where Debian keeps the servers' programs; else those of the PATH. */
function programs(): string {
  const folder = "/usr/lib/postgresql";
  const versions = existsSync(folder) ? readdirSync(folder).sort((a, b) => Number(b) - Number(a)) : [];
  const [newest] = versions.filter((version) => existsSync(join(folder, version, "bin/initdb")));
  if (newest) return join(folder, newest, "bin");
  throw new Error("no PostgreSQL here; on Debian: apt-get install postgresql");
}

/** A server never runs as root: then as the user that its package made. */
function userToRun(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const number = (option: string) =>
    Number(execFileSync("id", [option, "postgres"], { encoding: "utf8" }).trim());
  return { uid: number("-u"), gid: number("-g") };
}

/** A cluster of its own with its defaults, in a temporary folder. */
async function startPostgres() {
  const bin = programs();
  const folder = await mkdtemp(join(tmpdir(), "tessera-bench-pg-"));
  const user = userToRun();
  if (user) await chown(folder, user.uid, user.gid);
  const data = join(folder, "data");
  execFileSync(
    join(bin, "initdb"),
    ["-D", data, "-A", "trust", "-U", "bench", "-E", "UTF8", "--no-instructions"],
    {
      ...{ ...user, cwd: folder, stdio: ["ignore", "ignore", "pipe"] },
    },
  );
  const port = await freePort();
  const child = spawn(
    join(bin, "postgres"),
    ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"],
    { ...user, cwd: folder, stdio: ["ignore", "ignore", "ignore"] },
  );
  const ended = once(child, "exit");
  const stop = async () => {
    // Fast: it ends its sessions and itself.
    child.kill("SIGINT");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  return { url: `postgres://bench@127.0.0.1:${port}/postgres`, pid: child.pid as number, stop };
}

/** PostGraphile 5 with its Amber preset on PostgreSQL, which holds the same rows. */
export async function startPostgraphile(seeded: Seeded): Promise<Contender> {
  const postgres = await startPostgres();
  try {
    const peer = await startPeer("postgraphile.ts", {
      ...{ ...seeded.bindings, POSTGRES_URL: postgres.url, GRAPHILE_ENV: "production" },
      ...{ MEMBERS: String(seeded.members), NOW: String(seeded.now), BRAND_ID: seeded.brandId },
    });
    return {
      url: peer.url,
      pids: () => [peer.pid, postgres.pid],
      asks: asksOf(seeded),
      stop: async () => {
        await peer.stop();
        await postgres.stop();
      },
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

const asksOf = (seeded: Seeded): Contender["asks"] => ({
  view: {
    requests: async (from, count) =>
      (await askedMembers(seeded, from, count)).map(({ headers }) => operation(VIEW, {}, headers)),
    dataOf: ({ data: { currentMember: me } }) => ({
      ...{ id: me.rowId, externalId: me.externalId, points: me.points, tier: me.tierByTierId },
      tierProgress: { growthValue: me.growthValue, missing: me.missing, next: me.nextTier },
      entitlements: me.entitlements.nodes.map(
        ({ usable, used, left, ...benefit }: Record<string, unknown>) => ({ usable, used, left, benefit }),
      ),
      availableCoupons: {
        // biome-ignore lint/suspicious/noExplicitAny: as the server's own schema has it.
        nodes: me.availableCoupons.nodes.map(({ rowId, code, state, expiresAt, offerByOfferId }: any) => ({
          ...{ id: rowId, code: inGroups(code, "-"), status: state, offer: offerByOfferId },
          expiresAt: new Date(expiresAt).toISOString(),
        })),
      },
      card: { number: inGroups(me.cardNumber, " "), displayName: me.displayName },
    }),
    expect: '"displayName"',
  },
  redeem: {
    requests: async (from, count) => {
      const headers = await asClient(seeded, "TILL");
      return redemptions(seeded, from, count).map((order) => operation(REDEEM, { input: order }, headers));
    },
    dataOf: ({ data }) => {
      const { discountMinor, payableMinor, status } = data.redeemCoupon.result;
      return { discountMinor, payableMinor, coupon: { status } };
    },
    expect: '"REDEEMED"',
  },
});
