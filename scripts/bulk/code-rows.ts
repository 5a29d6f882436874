import { csvFormat } from "./format.ts";
import { textIn } from "./texts.ts";

/** Codes from elsewhere, one a row. */
export const codeFormat = csvFormat<string>({
  known: ["code"],
  needed: ["code"],
  keyOf: (_fields, { line }) => String(line),
  read: ([fields = {}]) => textIn(fields, "code"),
});
