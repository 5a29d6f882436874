import { GraphQLSchema } from "graphql";
import { builder } from "./builder.ts";
import { reckonFixedCosts } from "./costs.ts";
import { describeNeededScopes } from "./needed-scopes.ts";
import "./scalars.ts";
import "../brands/graphql.ts";
import "../tiers/graphql.ts";
import "../benefits/graphql.ts";
import "../members/graphql.ts";
import "../benefits/graphql-entitlements.ts";
import "../points/graphql.ts";
import "../points/graphql-policy.ts";
import "../tiers/graphql-rules.ts";
import "../tiers/graphql-set-rules.ts";
import "../tiers/graphql-grants.ts";
import "../tiers/graphql-forecast.ts";
import "../tiers/graphql-history.ts";
import "../tiers/graphql-preview.ts";
import "../points/graphql-history.ts";
import "../points/graphql-spending.ts";
import "../points/graphql-adjustments.ts";
import "../points/graphql-gifts.ts";
import "../offers/graphql.ts";
import "../offers/graphql-mutations.ts";
import "../offers/graphql-stacking.ts";
import "../coupons/graphql.ts";
import "../coupons/graphql-mutations.ts";
import "../coupons/graphql-claiming.ts";
import "../coupons/graphql-redeeming.ts";
import "../coupons/graphql-history.ts";
import "../coupons/graphql-wallet.ts";
import "../coupons/graphql-reach.ts";
import "../coupons/graphql-performance.ts";
import "../orders/graphql.ts";
import "../orders/graphql-activities.ts";
import "../orders/graphql-mutations.ts";
import "../orders/graphql-refund-order.ts";
import "../earning/graphql.ts";
import "../earning/graphql-rules.ts";
import "../earning/graphql-set-rules.ts";
import "../earning/graphql-preview.ts";
import "../carts/graphql.ts";
import "../carts/graphql-decisions.ts";
import "../carts/graphql-checkout.ts";
import "../carts/graphql-checkout-mutations.ts";
import "../cards/graphql.ts";
import "../alliances/graphql.ts";
import "../alliances/graphql-mutations.ts";
import "../alliances/graphql-joint-membership.ts";
import "../alliances/graphql-linking.ts";
import "../alliances/graphql-joint-campaign.ts";
import "../alliances/graphql-partner.ts";
import "../clients/graphql.ts";
import "../codes/graphql.ts";
import "../codes/graphql-mutations.ts";
import "../audit/graphql.ts";

const built = describeNeededScopes(reckonFixedCosts(builder.toSchema({ sortSchema: false })));

/**
 * The one schema, built once for each isolate; printed sorted elsewhere. A test validates it, so that no
 * isolate has to before its first answer.
 */
export const schema = new GraphQLSchema({ ...built.toConfig(), assumeValid: true });
