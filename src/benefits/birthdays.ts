import type { Temporal } from "temporal-polyfill";
import type { BenefitTerms } from "../../schema/tables/benefits.ts";

/**
 * The birthdays, `MM-DD`, around which a birthday gift can be used today. Who was born on 29 February is
 * found on 28 February, too, where a year has no such day.
 *
 * @param today in the brand's time zone.
 */
export function birthdaysAround(
  { daysBefore, daysAfter }: Pick<BenefitTerms, "daysBefore" | "daysAfter">,
  today: Temporal.PlainDate,
): string[] {
  const first = today.subtract({ days: daysAfter ?? 0 });
  const length = (daysAfter ?? 0) + (daysBefore ?? 0) + 1;
  const days = Array.from({ length }, (_, days) => first.add({ days })).flatMap((day) => {
    const text = day.toString().slice(5);
    return text === "02-28" && !day.inLeapYear ? [text, "02-29"] : [text];
  });
  return [...new Set(days)];
}
