import { spendableAfter } from "../../src/earning/spendable.ts";
import { endOfGrace, expiryOf } from "../../src/points/expiry.ts";

export const TIME_ZONE = "America/New_York";
export const EXPIRY = { rule: "AFTER_MONTHS", months: 1 } as const;
export const GRACE_DAYS = 3;
export const PENDING_DAYS = 1;
export const HOUR_MS = 3_600_000;
/** Of each order's one line. */
export const UNITS = 5;

interface Lot {
  remaining: number;
  expiresAt: number;
  /** What of it expired. */
  broken: number;
}
type Part = { lot: Lot; points: number };

interface Hold {
  /** On which order, also one to come. */
  on: number;
  parts: Part[];
  until: number;
  open: boolean;
}

/** Its parts are what is still spent, in the order in which they were taken. */
interface Spend {
  parts: Part[];
  points: number;
  on: number;
}

interface Order {
  amountMinor: number;
  unitsBack: number;
  cancelled: boolean;
  completed: boolean;
  points: number;
  pointsBack: number;
  isPending: boolean;
  /** When pending points become spendable. */
  dueAt: number | undefined;
  lot: Lot | undefined;
}

const sum = (parts: readonly { points: number }[]) => parts.reduce((total, { points }) => total + points, 0);

/** A member's points as simply as can be: lots in the order they came, and what was taken of which. */
export class Model {
  // Long ago, so that what time ends here is no other test's.
  now = Date.parse("2021-01-15T17:00:00Z");
  onMissingPoints: "DEBT" | "REFUSE" | "FORGIVE" = "DEBT";
  earnsPending = false;
  lots: Lot[] = [];
  holds: Hold[] = [];
  spends: Spend[] = [];
  orders: Order[] = [];
  redeemed = 0;
  broken = 0;
  pending = 0;
  debt = 0;

  newLot(points: number, expiresAt: number): Lot {
    const lot = { remaining: points, expiresAt, broken: 0 };
    this.lots.push(lot);
    return lot;
  }

  credit(points: number) {
    this.newLot(points, expiryOf(EXPIRY, this.now, TIME_ZONE) as number);
  }

  /** Whoever takes points ends the holds that are over; undefined when there are too few besides those that are owed. */
  take(points: number, owed = this.debt): Part[] | undefined {
    if (this.live().reduce((total, lot) => total + this.inLot(lot), -owed) < points) return undefined;
    this.endStaleHolds();
    return this.takeOf(this.live(), points);
  }

  /** The lots whose points can be spent, in their turn. */
  live(): Lot[] {
    return this.lots
      .filter(({ expiresAt }) => this.now < expiresAt)
      .toSorted((a, b) => a.expiresAt - b.expiresAt);
  }

  /** What can be taken of a lot, with what holds that are over have of it. */
  inLot(lot: Lot): number {
    const over = this.holds.filter(({ open, until }) => open && until <= this.now);
    return lot.remaining + sum(over.flatMap(({ parts }) => parts).filter((part) => part.lot === lot));
  }

  takeOf(lots: readonly Lot[], points: number): Part[] {
    let missing = points;
    return lots.flatMap((lot) => {
      const taken = Math.min(missing, lot.remaining);
      lot.remaining -= taken;
      missing -= taken;
      return taken > 0 ? [{ lot, points: taken }] : [];
    });
  }

  endStaleHolds() {
    for (const hold of this.holds) if (hold.open && hold.until <= this.now) this.settle(hold, 0);
  }

  /** Spends so many of a hold's points and gives the others back. */
  settle(hold: Hold, points: number): Part[] {
    hold.open = false;
    let left = points;
    return hold.parts.flatMap((part) => {
      const spent = Math.min(left, part.points);
      left -= spent;
      part.lot.remaining += part.points - spent;
      return spent > 0 ? [{ lot: part.lot, points: spent }] : [];
    });
  }

  spend(parts: Part[], on: number) {
    this.spends.push({ parts, points: sum(parts), on });
    this.redeemed += sum(parts);
  }

  /** What was taken last comes back first. */
  reverse({ parts }: Spend, points: number) {
    this.redeemed -= points;
    let left = points;
    for (const part of parts.toReversed()) {
      const back = Math.min(left, part.points);
      left -= back;
      part.points -= back;
      if (this.now < part.lot.expiresAt) part.lot.remaining += back;
      else if (back > 0) this.newLot(back, endOfGrace(this.now, GRACE_DAYS, TIME_ZONE));
    }
  }

  expire() {
    const over = this.lots.filter(({ expiresAt }) => expiresAt <= this.now);
    for (const lot of over.toSorted((a, b) => a.expiresAt - b.expiresAt)) {
      this.repay(lot);
      this.broken += lot.remaining;
      lot.broken += lot.remaining;
      lot.remaining = 0;
    }
  }

  /** A point for each 100 minor units. */
  order(amountMinor: number) {
    const points = Math.floor(amountMinor / 100);
    const nothing = { unitsBack: 0, cancelled: false, completed: false, pointsBack: 0, dueAt: undefined };
    const isPending = this.earnsPending && points > 0;
    const order: Order = { ...nothing, amountMinor, points, isPending, lot: undefined };
    if (isPending) this.pending += points;
    else order.lot = this.award(points, this.now);
    this.orders.push(order);
  }

  /** Points come in, and pay what is owed. */
  award(points: number, since: number): Lot | undefined {
    if (points === 0) return undefined;
    const lot = this.newLot(points, expiryOf(EXPIRY, since, TIME_ZONE) as number);
    if (this.now < lot.expiresAt) this.repay(lot);
    return lot;
  }

  repay(lot: Lot) {
    const paid = Math.min(this.debt, lot.remaining);
    lot.remaining -= paid;
    this.debt -= paid;
    this.redeemed += paid;
  }

  complete(order: Order) {
    order.completed = true;
    if (order.isPending) order.dueAt = spendableAfter(this.now, PENDING_DAYS, TIME_ZONE);
  }

  activate() {
    const due = this.orders.filter(({ isPending, dueAt }) => isPending && dueAt && dueAt <= this.now);
    for (const order of due.toSorted((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0))) {
      order.isPending = false;
      this.pending -= order.points - order.pointsBack;
      order.lot = this.award(order.points - order.pointsBack, order.dueAt ?? 0);
    }
  }

  /** Units go back, or without them the order is called off. Answers whether it does. */
  goBack(order: Order, units: number): boolean {
    const before = structuredClone({ ...this });
    if (units > 0) order.unitsBack += units;
    else order.cancelled = true;
    const isWhole = order.cancelled || order.unitsBack === UNITS;
    const money = Math.floor((order.amountMinor * order.unitsBack) / UNITS);
    const share = (points: number) => (isWhole ? points : Math.floor((points * money) / order.amountMinor));
    const own = this.spends.filter(({ on }) => this.orders[on] === order);
    const spent = sum(own);
    let back = share(spent) - (spent - sum(own.flatMap(({ parts }) => parts)));
    for (const spend of own.toReversed()) {
      const points = Math.max(0, Math.min(back, sum(spend.parts)));
      back -= points;
      this.reverse(spend, points);
    }
    const missing = this.takeBack(order, share(order.points) - order.pointsBack);
    order.pointsBack = share(order.points);
    if (missing > 0 && this.onMissingPoints === "REFUSE" && !order.cancelled) {
      Object.assign(this, before);
      return false;
    }
    if (this.onMissingPoints === "FORGIVE") return true;
    this.debt += missing;
    this.redeemed -= missing;
    return true;
  }

  /** Answers how many points are missing. */
  takeBack({ isPending, lot }: Order, points: number): number {
    if (isPending) {
      this.pending -= points;
      return 0;
    }
    const live = this.live();
    let free = Math.max(
      0,
      live.reduce((total, one) => total + this.inLot(one), -this.debt),
    );
    const isLive = lot !== undefined && live.includes(lot);
    const own = lot ? Math.min(points, this.inLot(lot), isLive ? free : points) : 0;
    if (isLive) free -= own;
    const expired = lot ? Math.min(points - own, lot.broken) : 0;
    const others = live.filter((one) => one !== lot);
    const there = others.reduce((total, one) => total + this.inLot(one), 0);
    const rest = Math.min(there, free, points - own - expired);
    if (own + rest > 0) this.endStaleHolds();
    if (lot) {
      lot.remaining -= own;
      lot.broken -= expired;
    }
    this.broken -= expired;
    this.takeOf(others, rest);
    return points - own - expired - rest;
  }
}
