import { readFileSync } from "node:fs";
import { type ParseArgsConfig, parseArgs } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<Declared extends Options> = ReturnType<typeof parseArgs<{ options: Declared }>>["values"];

/**
 * The options that a script was given. `--help` prints the docstring that the script begins with, so that
 * there is one text of what it does; that and an option which does not exist end the process.
 */
export function readOptions<const Declared extends Options>(options: Declared): Values<Declared> {
  return readCommand(options, false).values;
}

/** The same, for a script that is also given words: what to do, and with which file. */
export function readCommand<const Declared extends Options>(
  options: Declared,
  allowPositionals = true,
): { values: Values<Declared>; words: string[] } {
  endWithHelp();
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals });
    return { values: values as Values<Declared>, words: positionals };
  } catch (error) {
    // The first sentence says what is wrong; what follows is about a shell's manners.
    const [fault] = (error as Error).message.split(/\. |\.?\n/);
    return endWith(`${fault}: --help says which options there are.`);
  }
}

/** For a script that reads its arguments itself. */
export function endWithHelp(): void {
  const asked = process.argv.slice(2).some((option) => option === "--help" || option === "-h");
  if (!asked) return;
  const [, docstring = ""] = /^\/\*\*(.*?)\*\//s.exec(readFileSync(process.argv[1] as string, "utf8")) ?? [];
  console.log(docstring.replace(/^ \* ?/gm, "").trim());
  process.exit(0);
}

/** Ends the process as failed, with a sentence that says why and what to do. */
export function endWith(fault: unknown): never {
  console.error(fault instanceof Error ? fault.message : fault);
  process.exit(1);
}
