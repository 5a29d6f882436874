import { isDeepStrictEqual } from "node:util";
import type { Asked, Asking, Contender } from "./contender.ts";
import { type LoadAnswer, load, type Request } from "./load.ts";
import { processorMs } from "./processor.ts";
import { median, rounded, spread } from "./statistics.ts";

/** How long and how often. */
export interface Settings {
  rounds: number;
  seconds: number;
  warmUpSeconds: number;
  connections: number[];
}

interface Measured extends LoadAnswer {
  /** Of the server and its database, for one answer; undefined where /proc is not. */
  processorMs: number | undefined;
}

export interface Comparison {
  connections: number;
  contender: string;
  perSecond: number;
  perSecondSpread: number;
  medianMs: number;
  p99Ms: number;
  processorMsEach: number | undefined;
  /** Answers a second of the first contender by those of this one, in the same round. */
  firstBeside: number | undefined;
  firstBesideSpread: number | undefined;
  /** The same of the processor's time, where less is better: above 1, the first needs less. */
  processorBeside: number | undefined;
  goal: number | undefined;
  failures: number;
  /** Of each round. */
  rounds: Measured[];
}

/** More than anyone answers in a second here; each request is used once. */
const MOST_PER_SECOND = 1_500;

/** How far the requests of a server are used up: a coupon is redeemed once. */
const used = new Map<string, number>();
const keyOf = (asked: Asked, { url }: Contender) => `${url} ${asked === "coupon-applied" ? "redeem" : asked}`;
const usedOf = (asked: Asked, contender: Contender): number => used.get(keyOf(asked, contender)) ?? 0;
const use = (asked: Asked, contender: Contender, upTo: number) => used.set(keyOf(asked, contender), upTo);

/** What the first contender is called when it is measured once more, against itself. */
export const CONTROL = "the same again";

/**
 * Measures contenders by turns, each round in the other direction, after their answers were compared. The first
 * is measured twice a round: how far it differs from itself is the noise.
 *
 * @param goals what the first must reach beside others.
 * @param areAlike whether they have the same data, so that their answers must be equal.
 * @throws Error when answers differ, or a contender answers wrongly under load.
 */
export async function beside(
  asked: Asked,
  contenders: ReadonlyMap<string, Contender>,
  goals: Readonly<Record<string, number>>,
  { rounds, seconds, warmUpSeconds, connections }: Settings,
  areAlike = true,
): Promise<Comparison[]> {
  const able = [...contenders].filter(([, { asks }]) => asks[asked]);
  const [first] = able;
  if (!first) return [];
  if (areAlike) await refuseDifferent(asked, able);
  const lanes = [...able, [CONTROL, first[1]] as const];
  const results: Comparison[] = [];
  for (const count of connections) {
    const measure = async (contender: Contender, ms: number) => {
      const { requests, expect } = contender.asks[asked] as Asking;
      const from = usedOf(asked, contender);
      const orders = await requests(from, Math.ceil((ms / 1_000) * MOST_PER_SECOND));
      const before = processorMs(contender.pids());
      const answer = await load({
        ...{ url: contender.url, connections: count, seconds: ms / 1_000, requests: orders, expect },
      });
      const after = processorMs(contender.pids());
      // Those that were cut off at the end may have been done all the same.
      use(asked, contender, from + answer.used + count);
      const spent = before === undefined || after === undefined ? undefined : after - before;
      return { ...answer, processorMs: spent && spent / Math.max(1, answer.answers) };
    };
    for (const [, contender] of able) await measure(contender, warmUpSeconds * 1_000);
    const measured = lanes.map((): Measured[] => []);
    for (let round = 0; round < rounds; round += 1) {
      const order = lanes.map((lane, position) => [lane, position] as const);
      for (const [[name, contender], position] of round % 2 === 0 ? order : order.reverse()) {
        const answer = await measure(contender, seconds * 1_000);
        // Another's are shown as failures, and are no answers.
        if (answer.mismatches > 0 && contender === first[1])
          throw new Error(
            `${name}: ${answer.mismatches} of ${answer.answers} answers to ${asked} were wrong.`,
          );
        measured[position]?.push(answer);
      }
    }
    const [ofFirst = []] = measured;
    for (const [position, [contender]] of lanes.entries())
      results.push(compare(contender, count, ofFirst, measured[position] ?? [], goals[contender]));
  }
  return results;
}

function compare(
  contender: string,
  connections: number,
  first: readonly Measured[],
  own: readonly Measured[],
  goal: number | undefined,
): Comparison {
  const perSecond = own.map((one) => one.perSecond);
  const isFirst = first === own;
  const ratios = own.flatMap((one, round) =>
    one.perSecond > 0 ? (first[round]?.perSecond ?? 0) / one.perSecond : [],
  );
  const spent = own.flatMap((one) => one.processorMs ?? []);
  const processor = own.map((one, round) => (one.processorMs ?? 0) / (first[round]?.processorMs ?? 1));
  return {
    ...{ connections, contender, goal },
    perSecond: rounded(median(perSecond), 0),
    perSecondSpread: rounded(spread(perSecond), 0),
    medianMs: rounded(median(own.map(({ latencyMs }) => latencyMs.median)), 1),
    p99Ms: rounded(median(own.map(({ latencyMs }) => latencyMs.p99)), 1),
    processorMsEach: spent.length > 0 ? rounded(median(spent)) : undefined,
    firstBeside: isFirst ? undefined : rounded(median(ratios)),
    firstBesideSpread: isFirst ? undefined : rounded(spread(ratios)),
    processorBeside: isFirst || spent.length === 0 ? undefined : rounded(median(processor)),
    failures: own.reduce((sum, { failures }) => sum + failures, 0),
    rounds: [...own],
  };
}

const COMPARED = 4;

/** A contender that answers something else, or less, is none. */
async function refuseDifferent(asked: Asked, able: readonly (readonly [string, Contender])[]): Promise<void> {
  // The same numbers for all, which none has used yet.
  const from = Math.max(...able.map(([, contender]) => usedOf(asked, contender)));
  let expected: unknown[] | undefined;
  for (const [name, contender] of able) {
    const asking = contender.asks[asked] as Asking;
    const requests = (await asking.requests(from, COMPARED)).slice(0, COMPARED);
    const answers: unknown[] = [];
    for (const request of requests) answers.push(await dataOf(contender, asking, request, name));
    use(asked, contender, from + COMPARED);
    const plain = JSON.parse(JSON.stringify(answers)) as unknown[];
    expected ??= plain;
    if (!isDeepStrictEqual(plain, expected)) {
      const texts = [plain, expected].map((one) => JSON.stringify(one).slice(0, 3_000));
      throw new Error(`${name} answers ${asked} with\n${texts[0]}\nand not with\n${texts[1]}`);
    }
  }
}

async function dataOf({ url }: Contender, asking: Asking, request: Request, name: string): Promise<unknown> {
  const { path, ...init } = request;
  const response = await fetch(`${url}${path}`, init);
  const body = await response.text();
  try {
    return asking.dataOf(JSON.parse(body));
  } catch (cause) {
    throw new Error(`${name} answered ${response.status}: ${body.slice(0, 1_000)}`, { cause });
  }
}
