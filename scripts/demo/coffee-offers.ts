import type { StackingRules } from "../../schema/tables/rules.ts";
import { both, type DemoOffer, type DemoSharedCode } from "./content.ts";

/** What the coffee shop gives out, and how coupons go together there. */
export const coffeeOffers = {
  stacking: {
    mostCoupons: 3,
    groups: [
      { name: "of the house", mode: "BEST", mostCoupons: 1 },
      { name: "vouchers", mode: "BEST", mostCoupons: 1 },
    ],
  },
  sharedCodes: [{ offer: "firstCup", code: "WELCOME10" }],
  offers: {
    birthday: {
      title: both("生日饮品券", "A birthday drink"),
      description: both("任选一杯,领取后 7 天内有效。", "Any drink, within 7 days."),
      terms: { amountOffMinor: 3_800, validDaysAfterClaim: 7 },
      madeDaysAgo: 999,
    },
    onTheHouse: {
      title: both("经典饮品券", "A classic drink on the house"),
      description: both("领取后 7 天内有效。", "Within 7 days."),
      terms: { amountOffMinor: 3_200, validDaysAfterClaim: 7 },
      madeDaysAgo: 999,
    },
    welcome: {
      title: both("新会员立减 15 元", "¥15 off to begin with"),
      description: both("满 30 元可用,领取后 30 天内有效。", "From ¥30, within 30 days."),
      terms: { amountOffMinor: 1_500, minimumSpendMinor: 3_000, validDaysAfterClaim: 30 },
      perMemberLimit: 1,
      madeDaysAgo: 900,
    },
    hundred: {
      title: both("满 100 减 30", "¥30 off ¥100"),
      description: both("全场可用,领取后 30 天内有效。", "On everything, within 30 days."),
      terms: { amountOffMinor: 3_000, minimumSpendMinor: 10_000, validDaysAfterClaim: 30 },
      issueLimit: 100_000,
      perMemberLimit: 4,
      madeDaysAgo: 200,
    },
    drinks: {
      title: both("饮品 85 折", "15 % off drinks"),
      description: both("最多优惠 20 元,领取后 14 天内有效。", "At most ¥20 off, within 14 days."),
      terms: { percentageBasisPoints: 1_500, maximumDiscountMinor: 2_000, validDaysAfterClaim: 14 },
      perMemberLimit: 6,
      madeDaysAgo: 200,
    },
    flash: {
      title: both("次日半价券", "Half price until tomorrow"),
      description: both("最多优惠 18 元,次日 24 点前有效。", "At most ¥18 off, to the end of the next day."),
      terms: { percentageBasisPoints: 5_000, maximumDiscountMinor: 1_800, validDaysAfterClaim: 1 },
      issueLimit: 20_000,
      perMemberLimit: 10,
      madeDaysAgo: 60,
    },
    iced: {
      title: both("冰饮季 8 折", "20 % off iced drinks"),
      description: both("活动已结束。", "This season is over."),
      terms: { percentageBasisPoints: 2_000, maximumDiscountMinor: 2_000 },
      fromDay: -120,
      untilDay: -31,
      issueLimit: 5_000,
      perMemberLimit: 3,
      madeDaysAgo: 130,
    },
    nextMonth: {
      title: both("新品尝鲜 7 折", "30 % off what is new"),
      description: both("新品上市后 30 天内有效。", "For thirty days from the day it comes out."),
      terms: { percentageBasisPoints: 3_000, maximumDiscountMinor: 1_500 },
      fromDay: 10,
      untilDay: 39,
      issueLimit: 3_000,
      perMemberLimit: 1,
      madeDaysAgo: 5,
    },
    bag: {
      title: both("买豆立减 25 元", "¥25 off a bag of beans"),
      description: both("已停止发放,已领取的仍可使用。", "No longer given out; those in wallets stay good."),
      terms: { amountOffMinor: 2_500, minimumSpendMinor: 8_800, validDaysAfterClaim: 60 },
      perMemberLimit: 1,
      madeDaysAgo: 100,
      endedDaysAgo: 7,
    },
    neighbours: {
      title: both("盟友请喝咖啡:立减 18 元", "Coffee from our neighbours: ¥18 off"),
      description: both(
        "由听雨书店、星汉影城发放,满 20 元可用,领取后 30 天内有效。",
        "Given out by Tingyu Books and Xinghan Cinema; from ¥20, within 30 days.",
      ),
      terms: { amountOffMinor: 1_800, minimumSpendMinor: 2_000, validDaysAfterClaim: 30 },
      issueLimit: 50_000,
      perMemberLimit: 3,
      madeDaysAgo: 40,
    },
    secondHalf: {
      title: both("第二杯半价", "The second drink at half price"),
      description: both("饮品两杯起自动生效。", "On two drinks or more, by itself."),
      terms: {
        buyGet: { buyQuantity: 1, getQuantity: 1, percentageBasisPoints: 5_000 },
        goods: { categories: ["drinks"] },
        group: "of the house",
        limits: [{ per: "MEMBER", period: "DAY", uses: 1 }],
      },
      isAutomatic: true,
      madeDaysAgo: 30,
    },
    lunch: {
      title: both("午市简餐立减 8 元", "¥8 off lunch"),
      description: both("工作日 11:00–14:00,满 40 元可用。", "On weekdays from 11:00 to 14:00, from ¥40."),
      terms: {
        amountOffMinor: 800,
        minimumSpendMinor: 4_000,
        windows: [{ weekdays: [1, 2, 3, 4, 5], fromMinute: 660, untilMinute: 840 }],
        group: "of the house",
        validDaysAfterClaim: 30,
      },
      perMemberLimit: 4,
      madeDaysAgo: 60,
    },
    steps: {
      title: both("满 200 减 20,满 500 减 80", "¥20 off ¥200, ¥80 off ¥500"),
      description: both("预算用完即止。", "While the budget lasts."),
      terms: {
        amountSteps: [
          { minimumSpendMinor: 20_000, amountOffMinor: 2_000 },
          { minimumSpendMinor: 50_000, amountOffMinor: 8_000 },
        ],
        group: "vouchers",
        limits: [{ per: "OFFER", period: "LIFETIME", discountMinor: 5_000_000 }],
        validDaysAfterClaim: 30,
      },
      madeDaysAgo: 60,
    },
    firstCup: {
      title: both("首单立减 10 元", "¥10 off a first order"),
      description: both("输入 WELCOME10 领取。", "With the code WELCOME10."),
      terms: { amountOffMinor: 1_000, firstOrder: true, group: "vouchers", validDaysAfterClaim: 30 },
      issueLimit: 50_000,
      perMemberLimit: 1,
      madeDaysAgo: 60,
    },
    midnight: {
      title: both("零点秒杀:5 折,限 100 份", "Midnight sale: half price for the first hundred"),
      description: both("每人一份,先到先得。", "One each, first come first served."),
      terms: {
        ...{ percentageBasisPoints: 5_000, maximumDiscountMinor: 3_000, validDaysAfterClaim: 1 },
        giftable: true,
      },
      claimableFromDay: 1,
      issueLimit: 100,
      perMemberLimit: 1,
      madeDaysAgo: 3,
    },
  },
} as const satisfies CoffeeOffers;

type CoffeeOffers = {
  stacking: StackingRules;
  sharedCodes: readonly DemoSharedCode[];
  offers: Record<string, DemoOffer>;
};
