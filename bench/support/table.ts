type Cell = string | number | boolean | null | undefined;

/** Aligned columns of what is plain in some rows; a column that is empty everywhere is left out. */
export function tableOf(rows: readonly object[]): string {
  const plain = rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).filter(([, value]) => typeof value !== "object" || value === null),
    ),
  ) as Record<string, Cell>[];
  const columns = [...new Set(plain.flatMap((row) => Object.keys(row)))].filter((column) =>
    plain.some((row) => row[column] !== undefined),
  );
  const lines = [columns, ...plain.map((row) => columns.map((column) => textOf(row[column])))];
  const widths = columns.map((_, position) =>
    Math.max(...lines.map((line) => (line[position] ?? "").length)),
  );
  return lines
    .map((line) =>
      `  ${line.map((cell, position) => cell.padEnd(widths[position] ?? 0)).join("  ")}`.trimEnd(),
    )
    .join("\n");
}

const textOf = (cell: Cell): string =>
  cell === undefined || cell === null ? "" : typeof cell === "number" ? String(cell) : String(cell);
