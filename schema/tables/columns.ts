import { integer, text } from "drizzle-orm/sqlite-core";

/** Text in several languages, by BCP 47 tag. The first entry is the fallback. */
export type LocalizedText = Record<string, string>;

/** A moment, as milliseconds since 1970-01-01T00:00Z. */
export const moment = () => integer();

/** A brand's text that members read, in every language it was written in. */
export const localizedText = () => text({ mode: "json" }).$type<LocalizedText>();

/** Terms and settings that no query filters by: JSON in their row. */
export const json = <Shape>() => text({ mode: "json" }).$type<Shape>();
