import { scopesFor } from "../../src/access/scopes.ts";
import { issueAccessToken } from "../../src/access/tokens.ts";
import type { Work } from "../support/bench.ts";
import { beside } from "../support/beside.ts";
import type { Asking } from "../support/contender.ts";
import { asked, memberOf } from "../support/data.ts";

export const tokens: Work = {
  title: "The same view with tokens that were seen before, beside tokens that are all new",
  run: async ({ contenders, seeded, settings }) => {
    const { environment, brandId, members } = await seeded();
    const tessera = (await contenders(["tessera"])).get("tessera");
    if (!tessera) return [];
    const view = tessera.asks.view as Asking;
    const numbers = asked(members);
    const sign = (number: number) =>
      issueAccessToken(
        environment,
        {
          ...{ kind: "MEMBER", brandId, clientId: "cli_shop", memberId: memberOf(number).id },
          scopes: new Set(scopesFor("MEMBER")),
        },
        Date.now(),
      );
    const requests: Asking["requests"] = async (from, count) => {
      const known = await view.requests(0, 1);
      const signed = await Promise.all(
        Array.from({ length: count }, (_, step) => sign(numbers[(from + step) % numbers.length] as number)),
      );
      return signed.map((token) => ({
        ...(known[0] as NonNullable<(typeof known)[0]>),
        headers: { ...known[0]?.headers, authorization: `Bearer ${token}` },
      }));
    };
    const fresh = { ...tessera, asks: { view: { ...view, requests } } };
    return beside(
      "view",
      new Map([
        ["seen before", tessera],
        ["all new", fresh],
      ]),
      {},
      settings,
    );
  },
};
