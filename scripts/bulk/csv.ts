/** A row of a file, and where it stands in it. */
export interface Row {
  /** The number of its first line, from 1. */
  line: number;
  /** The byte after it, and the number of the line there. */
  end: number;
  nextLine: number;
  /** As it is written, without the end of its last line. */
  text: string;
}

/** Longer rows are not read: a quote that is never closed must not take the rest of a file with it. */
const MOST_BYTES = 1_048_576;
const LF = 0x0a;
const QUOTE = 0x22;

/**
 * Reads a file's rows as they come, in bounded memory. A row ends with its line, unless that lies within
 * quotes, as RFC 4180 says; one for which `isWhole` does not hold ends with its first line, so that a
 * stray quote costs that line only. Blank lines are left out.
 *
 * @param from where to begin: the byte, and the number of its line.
 * @throws Error that says what to do about a text that is not UTF-8.
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export async function* readRows(
  chunks: AsyncIterable<Uint8Array>,
  from: { position: number; line: number },
  isWhole: (text: string) => boolean,
): AsyncGenerator<Row, void> {
  let { position, line } = from;
  let pending: Buffer = Buffer.alloc(0);
  let begun = position > 0;

  function* takeRows(isLast: boolean): Generator<Row> {
    let start = 0;
    for (;;) {
      let end = endOfRow(pending, start, isLast);
      if (end === undefined && pending.length - start > MOST_BYTES) end = endOfLine(pending, start);
      if (end === undefined && pending.length - start > MOST_BYTES)
        throw new Error(`Line ${line} is longer than ${MOST_BYTES} bytes: this is not a CSV file.`);
      if (end === undefined || start === pending.length) break;
      let text = decode(pending.subarray(start, end), line);
      const endOfFirst = endOfLine(pending, start) ?? end;
      if (endOfFirst < end && !isWhole(text)) {
        end = endOfFirst;
        text = decode(pending.subarray(start, end), line);
      }
      const row = { line, text };
      line += linesIn(pending, start, end);
      position += end - start;
      start = end;
      if (text.trim() !== "") yield { ...row, end: position, nextLine: line };
    }
    pending = pending.subarray(start);
  }

  for await (const chunk of chunks) {
    pending = Buffer.concat([pending, chunk]);
    if (!begun && pending.length >= 3) {
      begun = true;
      const mark = markLength(pending);
      pending = pending.subarray(mark);
      position += mark;
    }
    yield* takeRows(false);
  }
  yield* takeRows(true);
}

/** After the end of the line at which the quotes from `start` on are closed. */
function endOfRow(bytes: Buffer, start: number, isLast: boolean): number | undefined {
  let quotes = 0;
  for (let at = start; at < bytes.length; at += 1) {
    if (bytes[at] === QUOTE) quotes += 1;
    else if (bytes[at] === LF && quotes % 2 === 0) return at + 1;
  }
  return isLast ? bytes.length : undefined;
}

function endOfLine(bytes: Buffer, start: number): number | undefined {
  const at = bytes.indexOf(LF, start);
  return at < 0 ? undefined : at + 1;
}

function linesIn(bytes: Buffer, start: number, end: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(LF, start); at >= 0 && at < end; at = bytes.indexOf(LF, at + 1)) lines += 1;
  return lines;
}

/** How long the byte order mark is that a text begins with. */
function markLength([first, second, third]: Buffer): number {
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isUtf16) throw new Error("The file is UTF-16: save it as UTF-8, which spreadsheets call «CSV UTF-8».");
  return first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0;
}

function decode(bytes: Buffer, line: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes).replace(/\r?\n$|\r$/, "");
  } catch {
    throw new Error(
      `Line ${line} is not UTF-8${isChinese(bytes) ? " but, as it looks, GBK" : ""}. Save the file as UTF-8, which ` +
        "spreadsheets call «CSV UTF-8», or convert it: iconv -f GBK -t UTF-8 OLD.csv > NEW.csv",
    );
  }
}

function isChinese(bytes: Buffer): boolean {
  try {
    return /\p{Script=Han}/u.test(new TextDecoder("gb18030", { fatal: true }).decode(bytes));
  } catch {
    return false;
  }
}

/** The fields of a row; undefined where its quotes are not as RFC 4180 has them. */
export function fieldsOf(text: string): string[] | undefined {
  const field = /(?:"([^"]*(?:""[^"]*)*)"|([^",]*))(,|$)/y;
  const fields: string[] = [];
  for (;;) {
    const match = field.exec(text);
    if (!match) return undefined;
    const [, quoted, plain = "", delimiter] = match;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (delimiter === "") return fields;
  }
}

/** A line of a CSV file, with its end. */
export const rowText = (fields: readonly (string | number | null)[]): string =>
  `${fields.map(fieldText).join(",")}\r\n`;

function fieldText(field: string | number | null): string {
  const text = String(field ?? "");
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
