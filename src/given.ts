/** What of an input was given: a part that is null or left out says nothing. */
export const given = <Input extends object>(input: Input) =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value != null)) as {
    [Name in keyof Input]?: NonNullable<Input[Name]>;
  };

/** The names under which two states of a thing differ; what is missing is as good as null. */
export function differing(before: object, after: object): string[] {
  const was = new Map(Object.entries(before));
  const textOf = (value: unknown) => JSON.stringify(value ?? null);
  return Object.entries(after).flatMap(([name, is]) => (textOf(is) === textOf(was.get(name)) ? [] : [name]));
}
