import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleWorker } from "../../scripts/support/bundle.ts";
import { startWorkerd } from "../../scripts/support/workerd.ts";
import type { Asking, Contender } from "../support/contender.ts";
import { SLUG, tiers } from "../support/data.ts";
import type { Request } from "../support/load.ts";
import { asClient, askedMembers, redemptions } from "../support/orders.ts";
import { type Seeded, startCopy } from "../support/seed.ts";

const MEMBER = `id externalId points
  tier { name rank color }
  tierProgress { growthValue missing next { name rank } }
  entitlements { usable used left benefit { kind name quota } }
  availableCoupons(first: 10) { nodes { id code status expiresAt offer { title } } }
  card { number displayName }`;

const VIEW = `query View { me { ${MEMBER} } }`;
const LIST = `query List($tier: ID!) { members(first: 20, filter: { tierId: $tier }) { nodes { ${MEMBER} } } }`;
const REDEEM = `mutation Redeem($input: RedeemCouponInput!) { redeemCoupon(input: $input) {
  ... on RedeemCouponPayload { redemptionId discountMinor payableMinor coupon { status } }
  ... on Refusal { code message } } }`;
const PROGRAM = `query Program($brand: String!) { program(brand: $brand) {
  name pointsName tiers { rank name color requirement { growthValue } benefits { kind name quota } } } }`;

/** A GraphQL request, as a client sends it. */
export const operation = (
  query: string,
  variables: Record<string, unknown>,
  headers: Record<string, string> = {},
): Request => ({
  ...{ method: "POST", path: "/graphql" },
  headers: { "content-type": "application/json", "accept-language": "en", ...headers },
  body: JSON.stringify({ query, variables }),
});

/** What Tessera is asked, whichever server it runs in. */
export const tesseraAsks = (seeded: Seeded) =>
  ({
    view: {
      requests: async (from, count) =>
        (await askedMembers(seeded, from, count)).map(({ headers }) => operation(VIEW, {}, headers)),
      dataOf: ({ data }) => data.me,
      expect: '"displayName"',
    },
    list: {
      requests: async (from) => {
        const headers = await asClient(seeded, "OPERATOR");
        return tiers.map((_, step) =>
          operation(LIST, { tier: tiers[(from + step) % tiers.length]?.id }, headers),
        );
      },
      dataOf: ({ data }) => data.members.nodes,
      expect: '"displayName"',
    },
    redeem: {
      requests: async (from, count) => {
        const headers = await asClient(seeded, "TILL");
        return redemptions(seeded, from, count).map((order) =>
          operation(REDEEM, { input: { ...order, currency: "CNY" } }, headers),
        );
      },
      dataOf: ({ data: { redeemCoupon } }) => ({ ...redeemCoupon, redemptionId: undefined }),
      expect: '"REDEEMED"',
    },
    program: {
      requests: async () => [operation(PROGRAM, { brand: SLUG })],
      dataOf: ({ data }) => data.program,
      expect: '"pointsName"',
    },
  }) satisfies Contender["asks"] as Record<"view" | "list" | "redeem" | "program", Asking>;

/** The Worker as Cloudflare would be given it, in workerd alone. */
export async function startTessera(seeded: Seeded): Promise<Contender> {
  const folder = await mkdtemp(join(tmpdir(), "tessera-bench-worker-"));
  const sqld = await startCopy(seeded);
  try {
    const { file } = await bundleWorker(folder);
    const worker = await startWorkerd(file, { ...seeded.bindings, DATABASE_URL: sqld.url });
    return {
      url: worker.url,
      pids: () => [worker.pid, sqld.process.pid as number],
      asks: tesseraAsks(seeded),
      stop: async () => {
        await worker.stop();
        await sqld.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await sqld.stop();
    throw error;
  }
}
