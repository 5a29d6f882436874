import { builder } from "./builder.ts";
import "./scalars.ts";
import "../brands/graphql.ts";
import "../tiers/graphql.ts";

/** The one schema, built once for each isolate; printed sorted elsewhere. */
export const schema = builder.toSchema({ sortSchema: false });
