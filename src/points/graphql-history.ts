import { zoned } from "../calendar.ts";
import { builder } from "../graphql/builder.ts";
import { wanting } from "../locales.ts";
import { Member } from "../members/graphql.ts";
import { historyWords } from "./history-words.ts";
import { hasRemaining } from "./wallet.ts";

const readers = ["members:read", "member:self"] as const;

const ExpiringPoints = builder.objectRef<{ points: number; expiresAt: number }>("ExpiringPoints").implement({
  description: "Points that expire at the same moment.",
  authScopes: { anyOf: readers },
  fields: (t) => ({
    points: t.expose("points", { type: "SafeInt", description: "How many." }),
    expiresAt: t.expose("expiresAt", { type: "DateTime", description: "Cannot be spent from then on." }),
  }),
});

const PointsTransfer = builder.drizzleObject("transfers", {
  name: "PointsTransfer",
  description: "A change of the points that a member can spend. Never changed, never deleted.",
  authScopes: { anyOf: readers },
  select: { columns: { brandId: true, id: true } },
  fields: (t) => ({
    id: t.exposeID("id", { description: "`trf_…`; giving a spend back needs it." }),
    points: t.field({
      type: "SafeInt",
      description: "How many came, or went where it is negative.",
      select: { columns: { amount: true }, with: { debit: { columns: { kind: true } } } },
      resolve: ({ amount, debit }) => signed(amount, debit),
    }),
    operation: t.string({
      description: "What was done: `spendPoints`, `expirePoints`.",
      select: { columns: { cause: true } },
      resolve: ({ cause }) => cause.operation,
    }),
    description: t.string({
      description: "Why, in words for the member: in the member's language, otherwise the request's.",
      select: {
        columns: { amount: true, cause: true },
        with: { debit: { columns: { kind: true } }, member: { columns: { locale: true } } },
      },
      resolve: ({ amount, cause, debit, member }, _args, { locales }) =>
        historyWords(cause, signed(amount, debit), wanting(member.locale, locales)),
    }),
    reference: t.string({
      nullable: true,
      description: "What it is about, as the caller named it: an order's number.",
      select: { columns: { cause: true } },
      resolve: ({ cause }) => cause.reference ?? null,
    }),
    reason: t.string({
      nullable: true,
      authScopes: { anyOf: ["members:read"] },
      description: "What the brand's people noted; not for the member.",
      select: { columns: { cause: true } },
      resolve: ({ cause }) => cause.reason ?? null,
    }),
    reversesTransferId: t.exposeID("reversesTransferId", {
      nullable: true,
      description: "The spend that this one gives back.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When." }),
  }),
});

const PointsTransferEdge = builder.edgeObject({
  name: "PointsTransferEdge",
  type: PointsTransfer,
  description: "A change in a list, with the cursor to go on from.",
});

const PointsTransferConnection = builder.connectionObject(
  { name: "PointsTransferConnection", type: PointsTransfer, description: "A page of changes." },
  PointsTransferEdge,
);

const signed = (amount: number, debit: { kind: string }): number =>
  debit.kind === "AVAILABLE" ? -amount : amount;

const available = { unit: "POINTS", kind: "AVAILABLE" } as const;
const AHEAD_MONTHS = 3;

builder.drizzleObjectFields(Member, (t) => ({
  expiringPoints: t.field({
    type: [ExpiringPoints],
    authScopes: { anyOf: readers },
    description: "Points that expire soon, the soonest first.",
    args: {
      before: t.arg({ type: "DateTime", description: "Until when to look ahead; 3 months by default." }),
    },
    select: ({ before }, { now }) => ({
      with: {
        expiringLots: {
          columns: { remaining: true, expiresAt: true },
          where: {
            ...hasRemaining,
            expiresAt: {
              gt: now,
              lt: before ?? zoned(now, "UTC").add({ months: AHEAD_MONTHS }).epochMilliseconds,
            },
          },
          orderBy: { expiresAt: "asc" },
        },
      },
    }),
    resolve: ({ expiringLots }) =>
      [...Map.groupBy(expiringLots, ({ expiresAt }) => expiresAt ?? 0)].map(([expiresAt, lots]) => ({
        points: lots.reduce((sum, { remaining }) => sum + remaining, 0),
        expiresAt,
      })),
  }),
  pointsHistory: t.relatedConnection(
    "transfers",
    {
      authScopes: { anyOf: readers },
      description: "What changed the points that can be spent, newest first; it adds up to the balance.",
      query: { where: { OR: [{ debit: available }, { credit: available }] }, orderBy: { id: "desc" } },
    },
    PointsTransferConnection,
    PointsTransferEdge,
  ),
}));
