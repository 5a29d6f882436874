import { type ASTNode, Environment } from "@marcbachmann/cel-js";
import { zoned } from "../calendar.ts";
import type { Occasion } from "./applies.ts";

const LONGEST_TEXT = 1_000;
/** How large a list of a cart is taken to be, when it is worked out what an expression may cost. */
const LIST_SIZE = 200;
/** What one may cost, in steps: a list within a list, and no more. */
const MOST_STEPS = 500_000;
const MOST_KEPT = 500;

/** What a condition may ask, with the types that it is checked against. Amounts in minor units. */
const variables = {
  cart: {
    subtotalMinor: "int",
    shippingMinor: "int",
    quantity: "int",
    skus: "list<string>",
    brands: "list<string>",
    categories: "list<string>",
    channel: "string",
    store: "string",
    paymentMethod: "string",
    lines: "list<Line>",
  },
  member: {
    tierId: "string",
    tierRank: "int",
    paidOrders: "int",
    daysSinceEnrolled: "int",
    segments: "list<string>",
  },
  time: {
    ...{ year: "int", month: "int", day: "int", weekday: "int", hour: "int", minute: "int" },
    date: "string",
  },
} as const;
const lineFields = {
  ...{ sku: "string", brand: "string", categories: "list<string>" },
  ...{ quantity: "int", amountMinor: "int", isReduced: "bool" },
} as const;

/** An item of a list is known by its class alone. */
class Line {
  constructor(fields: Record<keyof typeof lineFields, unknown>) {
    Object.assign(this, fields);
  }
}

/** No regular expressions, which can run for ever, and nothing that makes what is long longer. */
const allowedFunctions = new Set([
  ...["size", "contains", "startsWith", "endsWith", "lowerAscii", "upperAscii", "trim"],
  ...["all", "exists", "exists_one", "filter", "map", "has", "int", "double", "string"],
]);
const loops = new Set(["all", "exists", "exists_one", "filter", "map"]);

interface Program {
  run: (values: object) => unknown;
  needsMember: boolean;
}
interface Fault {
  /** What is wrong, and at which character: the first is 1. */
  reason: string;
}

let environment: Environment | undefined;
const kept = new Map<string, Program | Fault>();

/** Why a text is no condition in CEL over `cart`, `member` and `time`: where, and what would be right. */
export const faultOfExpression = (text: string): string | undefined => {
  const program = programOf(text);
  return "reason" in program ? program.reason : undefined;
};

/** Whether a condition asks something of the member. */
export const needsMember = (text: string): boolean => {
  const program = programOf(text);
  return "needsMember" in program && program.needsMember;
};

/** Whether a condition holds; one that cannot be decided, such as one that asks for a fifth line of four, does not. */
export function holds(text: string, values: object): boolean {
  const program = programOf(text);
  if ("reason" in program) return false;
  try {
    return program.run(values) === true;
  } catch {
    return false;
  }
}

function programOf(text: string): Program | Fault {
  if (text.length > LONGEST_TEXT) return { reason: `must have at most ${LONGEST_TEXT} characters` };
  const known = kept.get(text);
  if (known) return known;
  const program = compile(text);
  // The oldest goes; a Map keeps the order in which they came.
  if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value as string);
  kept.set(text, program);
  return program;
}

function compile(text: string): Program | Fault {
  environment ??= declared();
  try {
    const run = environment.parse(text);
    const { valid, type, error } = run.check();
    if (!valid) throw error;
    if (type !== "bool") return faultAt(text, 0, `must be true or false, but is of type ${type}`);
    return faultOfCost(text, run.ast) ?? { run, needsMember: nodesOf(run.ast).some(isMember) };
  } catch (error) {
    const { range, summary } = error as { range?: { start: number }; summary?: string };
    return faultAt(text, range?.start, summary ?? "cannot be read");
  }
}

/** What is wrong, and the line in which it is, with a mark below the character. */
function faultAt(text: string, start = 0, what: string): Fault {
  const before = text.slice(0, start);
  const lineStart = before.lastIndexOf("\n") + 1;
  const [line] = text.slice(lineStart).split("\n");
  const character = [...before].length + 1;
  return { reason: `at character ${character}: ${what}\n\n${line}\n${" ".repeat(start - lineStart)}^` };
}

function declared(): Environment {
  const limits = {
    maxAstNodes: 400,
    maxDepth: 40,
    maxListElements: 100,
    maxMapEntries: 10,
    maxCallArguments: 4,
  };
  const made = new Environment({ limits }).registerType("Line", {
    ctor: Line,
    fields: lineFields,
  });
  for (const [name, fields] of Object.entries(variables)) {
    const type = name.charAt(0).toUpperCase() + name.slice(1);
    made.registerType(type, { fields }).registerVariable(name, type);
  }
  return made;
}

const isMember = ({ op, args }: ASTNode): boolean => op === "id" && args === "member";

const isNode = (value: unknown): value is ASTNode =>
  typeof value === "object" && value !== null && "op" in value && "args" in value;

/** The nodes right below one. */
const below = ({ args }: ASTNode): ASTNode[] => [args as unknown].flat(3).filter(isNode);

const nodesOf = (node: ASTNode): ASTNode[] => [node, ...below(node).flatMap(nodesOf)];

/** The function that a node calls, and from where on its name stands. */
const calledBy = (node: ASTNode): [name?: string, after?: number] => {
  if (node.op === "call") return [node.args[0], node.start];
  return node.op === "rcall" ? [node.args[0], node.args[1].end] : [];
};

/** What is not allowed, or would take too long on a large cart. */
function faultOfCost(text: string, ast: ASTNode): Fault | undefined {
  for (const node of nodesOf(ast)) {
    const [name, after] = calledBy(node);
    if (name !== undefined && !allowedFunctions.has(name)) {
      return faultAt(text, text.indexOf(name, after), `${name}() is not allowed here`);
    }
    if (node.op === "+" && (node as { checkedType?: { kind?: string } }).checkedType?.kind === "list") {
      return faultAt(text, node.pos, "lists cannot be added here");
    }
  }
  return stepsOf(ast) > MOST_STEPS
    ? faultAt(text, 0, "takes too long on a large cart: it has too many lists within lists")
    : undefined;
}

function stepsOf(node: ASTNode): number {
  const [first = 0, ...rest] = below(node).map(stepsOf);
  const others = rest.reduce((total, steps) => total + steps, 0);
  const isLoop = node.op === "rcall" && loops.has(node.args[0]);
  return 1 + first + others * (isLoop ? LIST_SIZE : 1) + (node.op === "in" ? LIST_SIZE / 10 : 0);
}

/** What the variables are on an occasion. The library takes whole numbers as BigInt. */
export function valuesOf({ cart, buyer, timeZone, amounts }: Occasion): object {
  const there = zoned(cart.at, timeZone);
  const lines = cart.lines.map(({ lineId, sku, brand, categories, quantity, isReduced }) => ({
    ...{ sku, categories, isReduced, brand: brand ?? "" },
    quantity: BigInt(quantity),
    amountMinor: BigInt(amounts.get(lineId) ?? 0),
  }));
  const total = (of: (line: (typeof lines)[number]) => bigint) =>
    lines.reduce((sum, line) => sum + of(line), 0n);
  return {
    cart: {
      subtotalMinor: total(({ amountMinor }) => amountMinor),
      shippingMinor: BigInt(cart.shippingMinor),
      quantity: total(({ quantity }) => quantity),
      skus: lines.map(({ sku }) => sku),
      brands: lines.map(({ brand }) => brand),
      categories: [...new Set(lines.flatMap(({ categories }) => categories))],
      channel: cart.channel ?? "",
      store: cart.store ?? "",
      paymentMethod: cart.paymentMethod ?? "",
      lines: lines.map((line) => new Line(line)),
    },
    time: {
      ...{ year: BigInt(there.year), month: BigInt(there.month), day: BigInt(there.day) },
      ...{ weekday: BigInt(there.dayOfWeek), hour: BigInt(there.hour), minute: BigInt(there.minute) },
      date: there.toPlainDate().toString(),
    },
    ...(buyer
      ? {
          member: {
            tierId: buyer.tierId,
            tierRank: BigInt(buyer.tierRank),
            paidOrders: BigInt(buyer.paidOrders),
            daysSinceEnrolled: BigInt(
              zoned(buyer.enrolledAt, timeZone).toPlainDate().until(there.toPlainDate()).days,
            ),
            segments: cart.segments,
          },
        }
      : {}),
  };
}
