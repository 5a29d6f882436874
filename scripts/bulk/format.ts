import { fieldsOf, type Row } from "./csv.ts";

/** What some rows tell together, or why it cannot be read. */
export type Entry<Item> = { rows: Row[]; item: Item } | { rows: Row[]; fault: string };

/** How the rows of a file are read. */
export interface Format<Item> {
  /** Whether the first row names the columns. */
  hasHeader: boolean;
  /** Whether a text can be a row, by its quotes. */
  isWhole: (text: string) => boolean;
  /**
   * Reads the rows, a group at a time: rows that only mean something together.
   *
   * @throws Error that says which columns there must be.
   */
  groupsOf: (rows: AsyncIterable<Row>, header: string[] | undefined) => AsyncGenerator<Entry<Item>[]>;
}

/** Why rows cannot be read; for whoever mends them. */
export class Fault extends Error {}

/** A row of a file with named columns, by their names; what is empty is left out. */
export type Fields = Readonly<Record<string, string>>;

export interface Columns<Item> {
  known: readonly string[];
  /** Each must be there; of those in one text with a bar, one of them. */
  needed: readonly string[];
  /** Rows that follow each other with the same key tell of one thing. */
  keyOf: (fields: Fields, row: Row) => string;
  /** @throws Fault */
  read: (rows: Fields[]) => Item;
}

/** What the report of refused lines has before their own columns; left out when it is imported itself. */
export const REPORTED = ["line", "reason"] as const;

/** More rows than any order can have are not kept waiting for each other. */
const MOST_TOGETHER = 5_000;

/** A CSV file whose first row names its columns, in any order. */
export function csvFormat<Item>({ known, needed, keyOf, read }: Columns<Item>): Format<Item> {
  return {
    hasHeader: true,
    isWhole: (text) => fieldsOf(text) !== undefined,
    groupsOf: async function* (rows, header = []) {
      refuseUnknown(header, known, needed);
      let together: { key: string; rows: Row[]; fields: Fields[] } | undefined;
      const entries = (): Entry<Item>[] => {
        if (!together) return [];
        const { rows: own, fields } = together;
        together = undefined;
        try {
          return [{ rows: own, item: read(fields) }];
        } catch (error) {
          if (error instanceof Fault) return [{ rows: own, fault: error.message }];
          throw error;
        }
      };
      for await (const row of rows) {
        const fields = namedFields(row.text, header);
        const key = typeof fields === "string" ? undefined : keyOf(fields, row);
        if (together && (together.key !== key || together.rows.length >= MOST_TOGETHER)) yield entries();
        if (typeof fields === "string") yield [{ rows: [row], fault: fields }];
        else if (together) {
          together.rows.push(row);
          together.fields.push(fields);
        } else together = { key: key ?? "", rows: [row], fields: [fields] };
      }
      if (together) yield entries();
    },
  };
}

function namedFields(text: string, header: readonly string[]): Fields | string {
  const values = fieldsOf(text);
  if (!values) return "a quote is not closed, or stands within a field that does not begin with one";
  if (values.length !== header.length) return `has ${values.length} fields, not ${header.length}`;
  const named = header.map((name, position) => [name, values[position]?.trim() ?? ""]);
  return Object.fromEntries(named.filter(([, value]) => value !== ""));
}

function refuseUnknown(header: readonly string[], known: readonly string[], needed: readonly string[]) {
  const unknown = header.filter((name) => ![...known, ...REPORTED].includes(name));
  const missing = needed.filter((names) => !names.split("|").some((name) => header.includes(name)));
  const twice = header.filter((name, position) => header.indexOf(name) !== position);
  const faults = [
    ...(unknown.length > 0 ? [`does not know the columns ${unknown.join(", ")}`] : []),
    ...(missing.length > 0 ? [`needs the columns ${missing.join(", ").replaceAll("|", " or ")}`] : []),
    ...(twice.length > 0 ? [`takes the columns ${twice.join(", ")} once`] : []),
  ];
  if (faults.length === 0) return;
  throw new Error(
    `The import ${faults.join(", and ")}. The first line names the columns, with commas between them; there are: ` +
      known.join(", "),
  );
}
