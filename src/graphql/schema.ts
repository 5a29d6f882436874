import { builder } from "./builder.ts";
import { describeNeededScopes } from "./needed-scopes.ts";
import "./scalars.ts";
import "../brands/graphql.ts";
import "../tiers/graphql.ts";
import "../benefits/graphql.ts";
import "../members/graphql.ts";
import "../benefits/graphql-entitlements.ts";
import "../points/graphql.ts";
import "../points/graphql-policy.ts";
import "../points/graphql-history.ts";
import "../points/graphql-spending.ts";
import "../coupons/graphql.ts";
import "../coupons/graphql-mutations.ts";
import "../orders/graphql.ts";
import "../orders/graphql-activities.ts";
import "../orders/graphql-mutations.ts";
import "../cards/graphql.ts";
import "../alliances/graphql.ts";
import "../alliances/graphql-mutations.ts";
import "../alliances/graphql-joint-membership.ts";
import "../alliances/graphql-linking.ts";
import "../alliances/graphql-joint-campaign.ts";
import "../alliances/graphql-partner.ts";
import "../clients/graphql.ts";
import "../audit/graphql.ts";

/** The one schema, built once for each isolate; printed sorted elsewhere. */
export const schema = describeNeededScopes(builder.toSchema({ sortSchema: false }));
