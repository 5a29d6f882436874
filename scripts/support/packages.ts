import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that everything is relative to. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * The script behind an installed package's command: started with `process.execPath`, it runs on the
 * Node that runs us, whatever PATH says.
 */
export function scriptOf(packageName: string, command = packageName): string {
  const manifest = join(root, "node_modules", packageName, "package.json");
  const { bin } = JSON.parse(readFileSync(manifest, "utf8")) as { bin: Record<string, string> };
  const script = bin[command];
  if (!script) throw new Error(`${packageName} has no command ${command}.`);
  return join(dirname(manifest), script);
}
