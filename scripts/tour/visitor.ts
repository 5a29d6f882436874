import { coffee } from "../demo/coffee.ts";
import { callerWith } from "./caller.ts";
import type { Tour } from "./tour.ts";

const PROGRAM = `query ($brand: String!) { program(brand: $brand) {
  name pointsName tiers { rank name requirement { growthValue } benefits { name } } } }`;

/** What would I get as a gold member? Asked without a token, in two languages. */
export async function askProgram({ url, report }: Tour): Promise<void> {
  const { chapter, step, expect } = report;
  const visitor = callerWith(url);
  chapter("A visitor, without a token: what would I get as a gold member?");
  const cases = [
    ["en", "Gold", "A drink each week", "Gold, from 2000: A drink each week, and 8 more"],
    ["zh-CN", "金卡会员", "每周一杯", "金卡会员,成长值满 2000:每周一杯等 9 项权益"],
  ] as const;
  for (const [locale, name, benefit, summary] of cases) {
    await step("visitor", `program, in ${locale}`, async (say) => {
      const answer = await visitor(PROGRAM, { brand: coffee.slug }, locale);
      const { program } = answer.data;
      expect(program, { name: coffee.name[locale], pointsName: coffee.pointsName[locale] });
      const gold = program.tiers[2];
      expect(gold, { rank: 3, name, requirement: { growthValue: 2_000 } });
      expect(gold.benefits.length, 9);
      expect(gold.benefits, [{ name: benefit }]);
      // None, where another visitor has just seen the same.
      expect([0, 1].includes(answer.databaseRequests), true);
      say(summary);
    });
  }
}
