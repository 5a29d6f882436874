import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** The time that processes and their children have had of a processor, in ms; undefined where /proc is not. */
export function processorMs(pids: readonly number[]): number | undefined {
  try {
    const ticks = familiesOf(pids).reduce((sum, pid) => {
      const stat = statOf(pid);
      return sum + Number(stat?.[11] ?? 0) + Number(stat?.[12] ?? 0);
    }, 0);
    return (ticks * 1_000) / ticksPerSecond();
  } catch {
    return undefined;
  }
}

/** Processes with all that they have started. @throws where /proc is not. */
export function familiesOf(pids: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = Number(statOf(Number(entry))?.[1] ?? -1);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const family = (pid: number): number[] => [pid, ...(children.get(pid) ?? []).flatMap(family)];
  return pids.flatMap(family);
}

/** What follows the name, which may hold blanks: state, parent … */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

let ticks: number | undefined;
function ticksPerSecond(): number {
  ticks ??= Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  return ticks;
}
