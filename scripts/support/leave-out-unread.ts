import { pathToFileURL } from "node:url";
import type { Plugin } from "rolldown";
import { parseAst } from "rolldown/parseAst";

interface Node {
  type: string;
  start: number;
  end: number;
  [part: string]: unknown;
}

/** What stands in place of a node's code. */
type Cut = readonly [node: Node, instead: string];

/** What of a node is left out; undefined looks inside it. */
type Rule = (node: Node, constants: ReadonlySet<unknown>) => readonly Cut[] | undefined;

const isNamed = (node: unknown, ...names: string[]): boolean =>
  (node as Node)?.type === "Identifier" && names.includes((node as Node).name as string);

/** A text, texts put together, or what a constant of the module says: `meanings.state`, `meanings[name]`. */
function isFixedText(node: Node, constants: ReadonlySet<unknown>): boolean {
  switch (node.type) {
    case "Literal":
      return typeof node.value === "string";
    case "TemplateLiteral":
      return true;
    case "BinaryExpression":
      return [node.left, node.right].every((side) => isFixedText(side as Node, constants));
    case "MemberExpression":
      return isFixedText(node.object as Node, constants);
    default:
      return node.type === "Identifier" && constants.has(node.name);
  }
}

/** `description: "…"` of a declaration; what a resolver answers is not touched. */
const descriptions: Rule = (node, constants) => {
  if (node.type !== "Property") return undefined;
  if (isNamed(node.key, "resolve")) return [];
  const value = node.value as Node;
  const isDescription = isNamed(node.key, "description") && isFixedText(value, constants);
  return isDescription && !node.shorthand ? [[value, "undefined"]] : undefined;
};

/** `describeNeededScopes(schema)`, which only adds to descriptions, becomes `(schema)`. */
const scopesInDescriptions: Rule = (node) =>
  node.type === "CallExpression" && isNamed(node.callee, "describeNeededScopes")
    ? [[node.callee as Node, ""]]
    : undefined;

/** Of `refusalType(name, description, texts, { field: [type, description] })` both descriptions. */
const descriptionsOfRefusals: Rule = (node) => {
  if (node.type !== "CallExpression" || !isNamed(node.callee, "refusalType")) return undefined;
  const [, description, , fields] = node.arguments as [Node, Node, Node, Node];
  const tuples = (fields.properties as Node[]).map(({ value }) => (value as Node).elements as [Node, Node]);
  return [description, ...tuples.map(([, text]) => text)].map((text) => [text, '""']);
};

/** Of a table what migrations alone are made of; the keys stay, since pages are ordered by them. */
const constraints: Rule = (node) =>
  node.type === "CallExpression" && isNamed(rootOf(node), "check", "foreignKey", "index", "uniqueIndex")
    ? [[node, "...[]"]]
    : undefined;

/** `index` of `index("…").on(…).where(…)` */
function rootOf(node: Node): Node {
  const before = node.type === "CallExpression" ? node.callee : node.object;
  return before === undefined ? node : rootOf(before as Node);
}

const rules: readonly (readonly [files: RegExp, rule: Rule])[] = [
  [/\/src\/graphql\/schema\.ts$/, scopesInDescriptions],
  [/\/src\/(graphql\/[\w-]+|\w+\/graphql(-[\w-]+)?)\.ts$/, descriptions],
  [/\/node_modules\/graphql\/type\/\w+\.mjs$/, descriptions],
  [/\/src\/(errors|\w+\/refusals)\.ts$/, descriptionsOfRefusals],
  [/\/schema\/tables\/[\w-]+\.ts$/, constraints],
];

/**
 * Leaves out of a bundle what nobody reads in production: descriptions of the schema, since it cannot be
 * asked for there; what tables are migrated by; how national numbers are written; Yoga's welcome.
 */
export const leaveOutUnread: Plugin = {
  name: "leave-out-unread",
  transform: withoutUnread,
  async load(id) {
    if (id.endsWith("/graphql-yoga/esm/landing-page-html.js")) return 'export default "";';
    if (!id.endsWith("/libphonenumber-js/metadata.min.json.js")) return undefined;
    const { default: metadata } = (await import(pathToFileURL(id).href)) as { default: PhoneMetadata };
    return `export default ${JSON.stringify(withoutFormats(metadata))};`;
  },
};

/** Where a country's ways to write its numbers stand in its metadata; the rest is what numbers are judged by. */
const FORMATS = 4;

interface PhoneMetadata {
  countries: Record<string, unknown[]>;
}

/** The metadata of phone numbers without how they are written: we write E.164, which is the same everywhere. */
export const withoutFormats = <Metadata extends PhoneMetadata>(metadata: Metadata): Metadata => ({
  ...metadata,
  countries: Object.fromEntries(
    Object.entries(metadata.countries).map(([country, parts]) => [
      country,
      parts.map((part, place) => (place === FORMATS ? 0 : part)),
    ]),
  ),
});

/** A module without what nobody reads of it in production; undefined where that is nothing. @param id its path. */
export function withoutUnread(code: string, id: string): string | undefined {
  const rule = rules.find(([files]) => files.test(id))?.[1];
  if (!rule) return undefined;
  const program = parseAst(code, { lang: id.endsWith(".ts") ? "ts" : "js" }) as unknown as Node;
  const constants = constantsOf(program.body as Node[]);
  const cuts: Cut[] = [];
  const visit = (part: unknown): void => {
    if (part === null || typeof part !== "object") return;
    const found = "type" in part ? rule(part as Node, constants) : undefined;
    if (found) cuts.push(...found);
    else for (const inner of Object.values(part)) visit(inner);
  };
  visit(program);
  cuts.sort(([one], [other]) => other.start - one.start);
  return cuts.reduce(
    (text, [{ start, end }, instead]) => text.slice(0, start) + instead + text.slice(end),
    code,
  );
}

/** The names of what a module imports, and of its own constants. */
function constantsOf(body: readonly Node[]): Set<unknown> {
  const names = body.flatMap((statement) => {
    const { kind, specifiers, declarations } = (statement.declaration ?? statement) as Node;
    if (statement.type === "ImportDeclaration")
      return (specifiers as Node[]).map(({ local }) => local as Node);
    return kind === "const" ? (declarations as Node[]).map(({ id }) => id as Node) : [];
  });
  return new Set(names.filter(({ type }) => type === "Identifier").map(({ name }) => name));
}
