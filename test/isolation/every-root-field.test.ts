import { beforeAll, expect, test } from "vitest";
import { relations } from "../../schema/relations.ts";
import { type ActorKind, actorKinds, type Scope, scopesFor } from "../../src/access/scopes.ts";
import { schema } from "../../src/graphql/schema.ts";
import { setRules } from "../earning/support.ts";
import { anOrder, aRefund, recordOrder, recordRefund } from "../orders/support.ts";
import { newBrand, type TestBrand } from "../support/brand.ts";
import { anonymous, type Caller, callerOfKind, database } from "../support/caller.ts";
import { newMember, outcomeOf } from "../support/member.ts";
import { newCoupon, newOffer } from "../support/offer.ts";
import { everyRootField, type GeneratedOperation, type Values } from "../support/operations.ts";
import { newPoints } from "../support/points.ts";

/** In everything that brand A has and others must not see. */
const MARK = "seen-by-a-stranger";

let a: TestBrand;
let values: Values;
let operations: GeneratedOperation[];
const strangers = new Map<ActorKind, Caller>();

beforeAll(async () => {
  a = await newBrand();
  const { memberId } = await newMember(a, {
    name: MARK,
    externalId: "customer-1",
    region: MARK,
    sourceChannel: MARK,
  });
  const offerId = await newOffer(a, { title: [{ locale: "en", text: MARK }] });
  const coupon = await newCoupon(a, offerId, memberId);
  const sent = anOrder({ externalId: "customer-1", member: { id: memberId }, store: MARK });
  const { order } = await recordOrder(a.service, sent);
  const proposed = await a.service(
    `mutation ($input: ProposeAdjustmentInput!) { proposeAdjustment(input: $input) { ... on ProposeAdjustmentPayload { adjustment { id } } } }`,
    { input: { memberId, unit: "POINTS", amount: 5, reason: MARK, idempotencyKey: "proposed" } },
  );
  await recordRefund(a.service, aRefund(sent, { externalId: MARK }));
  const granted = await a.operator(
    `mutation ($input: GrantTierInput!) { grantTier(input: $input) { ... on GrantTierPayload { tierGrant { id } } } }`,
    { input: { memberId, tierId: a.firstTierId, reason: MARK, idempotencyKey: "grant" } },
  );
  // Rules in force are public; what is planned is the brand's own.
  const planned = { multiplierBasisPoints: 20_000, stores: [MARK] };
  await setRules(a, {
    startsAt: "2030-01-01T00:00:00Z",
    multipliers: [{ ...planned, name: [{ locale: "en", text: MARK }] }],
  });
  values = {
    tierGrantId: granted.data.grantTier.tierGrant.id,
    ...{ orderId: order.id, source: sent.source, orderExternalId: sent.externalId, lineId: "L1" },
    ...{ placedAt: sent.placedAt, occurredAt: sent.placedAt, refundedAt: "2026-11-03T10:00:00Z" },
    ...(await newPoints(a, memberId)),
    adjustmentId: outcomeOf(proposed).adjustment.id,
    ...{
      memberId,
      memberIds: [memberId],
      externalId: "customer-1",
      offerId,
      couponId: coupon.id,
      code: coupon.code,
    },
    ...{ tierId: a.firstTierId, tierIds: [a.firstTierId], id: memberId, locale: "en", brand: a.slug },
    ...{ timeZone: "Asia/Shanghai", currency: "CNY", color: "#112233", idempotencyKey: "stranger" },
  };
  operations = everyRootField(values);

  const b = await newBrand();
  const own = await newMember(b);
  for (const kind of actorKinds) {
    const memberOf = kind === "MEMBER" ? { memberId: own.memberId } : {};
    const partner = kind === "PARTNER" ? { allianceId: "aln_none" } : {};
    strangers.set(kind, await callerOfKind(kind, { brandId: b.brandId, ...memberOf, ...partner }));
  }
});

/** The scopes of which a root field wants one; undefined for what everyone may ask. */
function wantedScopes({ kind, field }: GeneratedOperation): readonly Scope[] | undefined {
  const type = kind === "query" ? schema.getQueryType() : schema.getMutationType();
  const options = type?.getFields()[field]?.extensions.pothosOptions as { authScopes?: { anyOf?: Scope[] } };
  return options.authScopes?.anyOf;
}

test("without a token, every root field that is not public is refused", async () => {
  for (const operation of operations) {
    if (!wantedScopes(operation)) continue;
    const answer = await anonymous(operation.query, operation.variables);
    expect.soft(answer.errors?.[0]?.extensions.code, operation.field).toBe("UNAUTHENTICATED");
  }
});

test("without a scope that it wants, every root field is refused", async () => {
  for (const operation of operations) {
    for (const kind of actorKinds) {
      const wanted = wantedScopes(operation);
      if (!wanted || scopesFor(kind).some((scope) => wanted.includes(scope))) continue;
      const answer = await (strangers.get(kind) as Caller)(operation.query, operation.variables);
      expect.soft(answer.errors?.[0]?.extensions.code, `${operation.field} as ${kind}`).toBe("FORBIDDEN");
    }
  }
});

/** Every row of brand A, as text. */
async function everythingOfA(): Promise<string> {
  const client = database();
  const rows = await Promise.all(
    Object.keys(relations).map(async (table) => {
      const query = client.query[table as keyof typeof relations] as unknown as {
        findMany: (config: object) => Promise<object[]>;
      };
      const where =
        table === "brands"
          ? { id: a.brandId }
          : ["guard", "jobs"].includes(table)
            ? {}
            : { brandId: a.brandId };
      return [table, await query.findMany({ where })];
    }),
  );
  return JSON.stringify(rows);
}

test("with another brand's token, no root field shows or changes anything of a brand", async () => {
  const before = await everythingOfA();
  for (const operation of operations) {
    for (const [kind, stranger] of strangers) {
      const answer = await stranger(operation.query, operation.variables);
      const where = `${operation.field} as ${kind}`;
      expect.soft(JSON.stringify(answer.data ?? null), where).not.toContain(MARK);
      expect.soft(answer.errors?.[0]?.extensions.code ?? "none", where).toMatch(/^(none|FORBIDDEN)$/);
    }
  }
  expect(await everythingOfA()).toBe(before);
});

test("node(id) is no way around: a stranger finds nothing, whoever it is", async () => {
  const privateIds = [
    values.memberId,
    values.offerId,
    values.couponId,
    values.orderId,
    values.adjustmentId,
  ] as string[];
  for (const id of privateIds) {
    for (const [kind, stranger] of strangers) {
      const answer = await stranger(`query ($id: ID!) { node(id: $id) { __typename id } }`, { id });
      expect.soft(answer.data.node, `${id} as ${kind}`).toBeNull();
    }
    expect
      .soft((await anonymous(`query ($id: ID!) { node(id: $id) { __typename } }`, { id })).data.node)
      .toBeNull();
  }
});

test("a member's token shows and changes nothing of another member of the brand", async () => {
  const { member: neighbour } = await newMember(a);
  const { memberId, couponId, code, orderId } = values as Record<string, string>;
  for (const id of [memberId, couponId, orderId]) {
    const answer = await neighbour(`query ($id: ID!) { node(id: $id) { id } }`, { id });
    expect(answer.data.node).toBeNull();
  }
  expect(
    (await neighbour(`query ($code: String!) { coupon(code: $code) { id } }`, { code })).data.coupon,
  ).toBeNull();
  const before = await everythingOfA();
  for (const operation of operations.filter(({ kind }) => kind === "mutation")) {
    const answer = await neighbour(operation.query, operation.variables);
    const outcome = (Object.values(answer.data ?? {})[0] as { __typename?: string } | undefined)?.__typename;
    expect.soft(outcome ?? answer.errors?.[0]?.extensions.code, operation.field).not.toMatch(/Payload$/);
  }
  expect(await everythingOfA()).toBe(before);
});

test("every root field of the schema is tried", () => {
  const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.keys(type?.getFields() ?? {}),
  );
  expect(operations.map(({ field }) => field)).toEqual(fields);
});
