import { firstRefusal, InvalidValue } from "../errors.ts";
import { type Fault, outside, tooMany } from "../faults.ts";
import { LARGEST_AMOUNT } from "../shares.ts";
import type { CartInput } from "./read-cart.ts";

export const MOST_LINES = 200;
export const MOST_CODES = 20;
export const MOST_COUPONS = 50;
export const MOST_SEGMENTS = 50;
const LARGEST_QUANTITY = 10_000;

/** Why a cart cannot be one that anybody buys. PURE. */
export const faultOfCart = ({ lines, couponIds, codes, segments, ...cart }: CartInput): Fault =>
  firstRefusal([
    () => tooMany("lines", lines, MOST_LINES),
    () => tooMany("couponIds", couponIds, MOST_COUPONS),
    () => tooMany("codes", codes, MOST_CODES),
    () => tooMany("segments", segments, MOST_SEGMENTS),
    () => {
      const twice = lines.find(
        ({ lineId }, place) => lines.findIndex((one) => one.lineId === lineId) < place,
      );
      return twice && InvalidValue({ field: `lines.${twice.lineId}`, reason: "must be there once" });
    },
    ...lines.map(
      ({ lineId, amountMinor, quantity }) =>
        () =>
          outside(`lines.${lineId}.amountMinor`, amountMinor, 0, LARGEST_AMOUNT) ??
          outside(`lines.${lineId}.quantity`, quantity, 1, LARGEST_QUANTITY),
    ),
    () => outside("shippingMinor", cart.shippingMinor, 0, LARGEST_AMOUNT),
    () => outside("pointsToSpend", cart.pointsToSpend, 0, LARGEST_AMOUNT),
  ]);
