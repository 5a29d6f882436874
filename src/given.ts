/** What of an input was given: a part that is null or left out says nothing. */
export const given = <Input extends object>(input: Input) =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value != null)) as {
    [Name in keyof Input]?: NonNullable<Input[Name]>;
  };
