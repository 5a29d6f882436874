/** The set of rules that is in force at a moment: of those that had started the last; of equals the later id. */
export const inForceAt = <Set extends { id: string; startsAt: number }>(
  sets: readonly Set[],
  at: number,
): Set | undefined =>
  sets
    .filter(({ startsAt }) => startsAt <= at)
    .reduce<Set | undefined>(
      (last, set) =>
        !last || set.startsAt > last.startsAt || (set.startsAt === last.startsAt && set.id > last.id)
          ? set
          : last,
      undefined,
    );
