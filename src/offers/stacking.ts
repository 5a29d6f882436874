import type { StackingRules } from "../../schema/tables/rules.ts";
import { firstRefusal, InvalidValue } from "../errors.ts";
import { type Fault, outside, tooMany } from "../faults.ts";

const MOST_GROUPS = 20;
const MOST_COUPONS = 100;

/** How coupons are used together by a brand's set of rules; where it has set nothing, one on a cart. */
export const stackingOf = (set?: { rules: unknown }): StackingRules =>
  (set?.rules as StackingRules | undefined) ?? { mostCoupons: 1, groups: [] };

/** Which part of stacking rules cannot stand, by its path. PURE. */
export const faultOfStacking = ({ mostCoupons, groups }: StackingRules): Fault =>
  firstRefusal([
    () => outside("mostCoupons", mostCoupons, 1, MOST_COUPONS),
    () => tooMany("groups", groups, MOST_GROUPS),
    ...groups.map((group, place) => () => {
      const first = groups.findIndex(({ name }) => name === group.name);
      return first === place
        ? outside(`groups.${place}.mostCoupons`, group.mostCoupons, 1, MOST_COUPONS)
        : InvalidValue({ field: `groups.${place}.name`, reason: "must be there once" });
    }),
  ]);
