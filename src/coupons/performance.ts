import { Temporal } from "temporal-polyfill";
import { startOfDay } from "../calendar.ts";
import { type PerformanceRow, SLOT_MS } from "./performance-facts.ts";

/** What uses of an offer's coupons came to; amounts in minor units, net of what was rolled back. */
export interface UseFigures {
  redeemed: number;
  rolledBack: number;
  discountMinor: number;
  revenueMinor: number;
}

export interface ChannelFigures extends UseFigures {
  /** Null where none was told. */
  channel: string | null;
}

export interface Figures extends UseFigures {
  issued: number;
  claimed: number;
  held: number;
  channels: ChannelFigures[];
}

export interface DayFigures extends Figures {
  /** `YYYY-MM-DD` */
  day: string;
}

export interface Performance extends Figures {
  days: DayFigures[];
}

/**
 * How an offer performed from one day to another, both included, by the days of the brand's time zone and by
 * channel: the days on which something happened. PURE.
 */
export function performanceFrom(
  rows: readonly PerformanceRow[],
  { from, to, timeZone }: { from: string; to: string; timeZone: string },
): Performance {
  const turned = rows.toSorted(([one], [other]) => one - other);
  const days: DayFigures[] = [];
  let next = 0;
  const last = Temporal.PlainDate.from(to);
  let day = Temporal.PlainDate.from(from);
  let startsAt = startOfDay(day, timeZone);
  while (Temporal.PlainDate.compare(day, last) <= 0) {
    const endsAt = startOfDay(day.add({ days: 1 }), timeZone);
    const of: PerformanceRow[] = [];
    for (let row = turned[next]; row && row[0] * SLOT_MS < endsAt; row = turned[next]) {
      if (row[0] * SLOT_MS >= startsAt) of.push(row);
      next += 1;
    }
    if (of.length > 0) days.push({ day: day.toString(), ...figuresOf(of) });
    day = day.add({ days: 1 });
    startsAt = endsAt;
  }
  return { ...sumOf(days), channels: channelsOf(days.flatMap(({ channels }) => channels)), days };
}

function figuresOf(rows: readonly PerformanceRow[]): Figures {
  const parts = rows.map(([, channel, issued, claimed, held, ...uses]) => {
    const [redeemed, rolledBack, discountMinor, revenueMinor] = uses;
    return { channel, issued, claimed, held, redeemed, rolledBack, discountMinor, revenueMinor };
  });
  return { ...sumOf(parts), channels: channelsOf(parts.filter(({ redeemed }) => redeemed > 0)) };
}

type Sums = Omit<Figures, "channels">;
const useNames = ["redeemed", "rolledBack", "discountMinor", "revenueMinor"] as const;
const names = ["issued", "claimed", "held", ...useNames] as const;

const totals = <Name extends keyof Sums>(parts: readonly Record<Name, number>[], of: readonly Name[]) =>
  Object.fromEntries(of.map((name) => [name, parts.reduce((sum, part) => sum + part[name], 0)])) as Record<
    Name,
    number
  >;

const sumOf = (parts: readonly Sums[]): Sums => totals(parts, names);

/** Those of each channel together, the most used first. */
const channelsOf = (parts: readonly ChannelFigures[]): ChannelFigures[] =>
  [...Map.groupBy(parts, ({ channel }) => channel)]
    .map(([channel, of]) => ({ channel, ...totals(of, useNames) }))
    .sort((one, other) => other.redeemed - one.redeemed);
