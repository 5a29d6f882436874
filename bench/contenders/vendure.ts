import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { root } from "../../scripts/support/packages.ts";
import type { Contender } from "../support/contender.ts";
import { asked, offers, tiers } from "../support/data.ts";
import type { Request } from "../support/load.ts";
import { startPeer } from "../support/peer.ts";
import type { Seeded } from "../support/seed.ts";
import { operation } from "./tessera.ts";

/** So many customers have begun an order; beginning one takes Vendure a while. */
const SESSIONS = 100;

const CUSTOMER =
  "query Customer { activeCustomer { id firstName lastName emailAddress memberOf user { identifier } } }";
const ORDER =
  "... on Order { id code couponCodes subTotalWithTax totalWithTax discounts { amountWithTax description } }";
const APPLY = `mutation Apply($code: String!) { applyCouponCode(couponCode: $code) { ${ORDER} ... on ErrorResult { errorCode message } } }`;
const REMOVE = `mutation Remove($code: String!) { removeCouponCode(couponCode: $code) { ${ORDER} } }`;

/** Its SQLite was built for one Node: that of this process, or another on the PATH. */
function nodeForIt(): string {
  const nodes = [
    process.execPath,
    ...(process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "node")),
  ];
  const fits = (node: string) => {
    try {
      execFileSync(node, ["-e", "new (require('better-sqlite3'))(':memory:')"], {
        ...{ cwd: join(root, "bench"), stdio: "ignore" },
      });
      return true;
    } catch {
      return false;
    }
  };
  const found = nodes.filter((node) => existsSync(node)).find(fits);
  if (found) return found;
  throw new Error(
    "npm could not bring better-sqlite3 for this Node (it needs github.com, or a compiler and Node's headers): npm rebuild better-sqlite3, in bench/",
  );
}

export async function startVendure(seeded: Seeded): Promise<Contender> {
  const sessions = asked(seeded.members)
    .slice(0, SESSIONS)
    .map((number) => ({ number, token: `bench-session-${number}` }));
  const seed = {
    ...{ members: seeded.members, sessions, tiers: tiers.map(({ name }) => name.en) },
    couponCodes: offers.map((_, position) => `COUPON${position}`),
  };
  const node = nodeForIt();
  const folder = await mkdtemp(join(tmpdir(), "tessera-bench-vendure-"));
  const peer = await startPeer("vendure.mjs", { SEED: JSON.stringify(seed), FOLDER: folder }, node);
  const shop = (query: string, variables: object, token: string): Request => ({
    ...operation(query, { ...variables }, { authorization: `Bearer ${token}` }),
    path: "/shop-api",
  });
  return {
    url: peer.url,
    pids: () => [peer.pid],
    asks: {
      customer: {
        requests: async (from, count) =>
          Array.from({ length: Math.min(count, SESSIONS) }, (_, step) =>
            shop(CUSTOMER, {}, sessions[(from + step) % sessions.length]?.token ?? ""),
          ),
        dataOf: ({ data: { activeCustomer } }) => ({
          ...{ customer: `customer-${activeCustomer.lastName}`, tiers: activeCustomer.memberOf },
        }),
        expect: '"memberOf"',
      },
      // By turns: a code that is there already costs nothing.
      "coupon-applied": {
        requests: async () =>
          [APPLY, REMOVE].flatMap((query) =>
            sessions.map(({ token }) => shop(query, { code: seed.couponCodes[0] }, token)),
          ),
        dataOf: ({ data: { applyCouponCode: order } }) => ({
          payableMinor: order.subTotalWithTax,
          discountMinor: -order.discounts[0].amountWithTax,
        }),
        expect: '"couponCodes"',
      },
    },
    stop: async () => {
      await peer.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What Tessera is asked beside it: more, of which only what both have is compared. */
export function besideVendure(tessera: Contender): Contender {
  const { view, redeem } = tessera.asks;
  if (!view || !redeem) throw new Error("Tessera answers both.");
  return {
    ...tessera,
    asks: {
      customer: {
        ...view,
        dataOf: ({ data: { me } }) => ({ customer: me.externalId, tiers: [me.tier.name] }),
      },
      "coupon-applied": {
        ...redeem,
        dataOf: ({ data: { redeemCoupon } }) => ({
          ...{ payableMinor: redeemCoupon.payableMinor, discountMinor: redeemCoupon.discountMinor },
        }),
      },
    },
  };
}
