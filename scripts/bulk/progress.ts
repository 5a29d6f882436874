const EVERY_TERMINAL_MS = 200;
const EVERY_LOG_MS = 10_000;

export interface Progress {
  /** @param bytes how far it is. @param rows how many were read in this run. */
  at: (bytes: number, rows: number) => void;
  /** Leaves the last line as it is. */
  end: () => void;
}

/**
 * Tells how far it is, how fast, and how long it will take: on a terminal in one line that is drawn again,
 * elsewhere in a line now and then.
 *
 * @param from the byte at which this run began.
 */
export function createProgress(
  total: number,
  from: number,
  output: { write: (text: string) => unknown; isTTY?: boolean | undefined },
  clock: () => number = Date.now,
): Progress {
  const startedAt = clock();
  const every = output.isTTY ? EVERY_TERMINAL_MS : EVERY_LOG_MS;
  let toldAt = output.isTTY ? 0 : startedAt;
  return {
    at: (bytes, rows) => {
      const now = clock();
      if (now - toldAt < every) return;
      toldAt = now;
      const text = progressText({ total, from, bytes, rows, ms: now - startedAt });
      output.write(output.isTTY ? `\r${text}\u001b[K` : `${text}\n`);
    },
    end: () => {
      if (output.isTTY) output.write("\r\u001b[K");
    },
  };
}

/** `42 %  4,200 rows  1,650 a second  0:12 left` */
export function progressText(run: {
  total: number;
  from: number;
  bytes: number;
  rows: number;
  ms: number;
}): string {
  const { total, from, bytes, rows, ms } = run;
  const share = total === 0 ? 100 : Math.floor((bytes / total) * 100);
  const seconds = bytes > from ? Math.ceil(((total - bytes) * ms) / (bytes - from) / 1_000) : undefined;
  const left =
    seconds === undefined
      ? ""
      : `  ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`;
  return `${share} %  ${grouped(rows)} rows  ${grouped(rateOf(rows, ms))} a second${left}`;
}

export const rateOf = (rows: number, ms: number): number => Math.round((rows * 1_000) / Math.max(1, ms));

export const grouped = (count: number): string => count.toLocaleString("en");
