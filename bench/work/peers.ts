import { besideVendure } from "../contenders/vendure.ts";
import type { Work } from "../support/bench.ts";
import { beside } from "../support/beside.ts";

const goals = {
  "apollo-one-sql": 2,
  "apollo-loaders": 2,
  "mercurius-one-sql": 2,
  "mercurius-loaders": 2,
  postgraphile: 1.2,
};

export const peersView: Work = {
  title: "The same member's view beside other GraphQL servers",
  run: async ({ contenders, settings }) =>
    beside("view", await contenders(["tessera", ...Object.keys(goals)]), goals, settings),
};

export const peersCoupon: Work = {
  title: "The same redemption beside other GraphQL servers, which have no look before their batch",
  run: async ({ contenders, settings }) => {
    const { "apollo-one-sql": apollo, "mercurius-one-sql": mercurius, postgraphile } = goals;
    const asked = { "apollo-one-sql": apollo, "mercurius-one-sql": mercurius, postgraphile };
    return beside(
      "redeem",
      await contenders(["tessera", ...Object.keys(asked)], ["tessera"]),
      asked,
      settings,
    );
  },
};

const vendure = (asked: "customer" | "coupon-applied", title: string): Work => ({
  title,
  run: async ({ contenders, settings }) => {
    const running = new Map(await contenders(["tessera", "vendure"], ["tessera"]));
    const tessera = running.get("tessera");
    if (tessera) running.set("tessera", besideVendure(tessera));
    return beside(asked, running, { vendure: 10 }, settings);
  },
});

export const vendureView = vendure(
  "customer",
  "The member's view beside Vendure's active customer with groups, which is less",
);

export const vendureCoupon = vendure(
  "coupon-applied",
  "A coupon is redeemed, beside Vendure's applyCouponCode and removeCouponCode by turns",
);
