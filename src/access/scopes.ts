/** Who calls: the kind of the client, or a member with a token of its own. */
export const actorKinds = ["STOREFRONT", "MEMBER", "TILL", "PARTNER", "OPERATOR", "SERVICE"] as const;
export type ActorKind = (typeof actorKinds)[number];

/** The one list of scopes: what each allows, and who can be given it. */
export const scopes = {
  "program:read": {
    allows: "Read the program with what is not public: offers, limits, settings.",
    for: ["STOREFRONT", "TILL", "SERVICE", "OPERATOR"],
  },
  "program:write": {
    allows: "Change settings, tiers, benefits and offers.",
    for: ["OPERATOR"],
  },
  "members:read": {
    allows: "Find members and read their tier, benefits, coupons and card, without personal data.",
    for: ["STOREFRONT", "SERVICE", "OPERATOR"],
  },
  "members:personal": {
    allows: "Read members' names, contacts and other personal data.",
    for: ["STOREFRONT", "SERVICE", "OPERATOR"],
  },
  "members:write": {
    allows: "Enrol, update and close members.",
    for: ["STOREFRONT", "SERVICE", "OPERATOR"],
  },
  "members:token": {
    allows: "Obtain a member's own token by token exchange.",
    for: ["STOREFRONT"],
  },
  "member:self": {
    allows: "Read and act for the member that the token belongs to.",
    for: ["MEMBER"],
  },
  "points:adjust": {
    allows: "Credit and debit points and growth value, with a reason.",
    for: ["SERVICE", "OPERATOR"],
  },
  "tiers:grant": {
    allows: "Give members a tier by hand, with a reason, and take it back.",
    for: ["SERVICE", "OPERATOR"],
  },
  "points:approve": {
    allows: "Approve or reject changes of balances that another proposed.",
    for: ["OPERATOR"],
  },
  // Not for tills: what a shop sells is told by the system behind its tills, and a stolen one tells nothing.
  "facts:write": {
    allows: "Record orders, refunds and activities, and look up what was recorded.",
    for: ["STOREFRONT", "SERVICE", "OPERATOR"],
  },
  "facts:read": {
    allows: "Read members' orders, refunds and activities.",
    for: ["STOREFRONT", "SERVICE", "OPERATOR"],
  },
  // A member's own token is not enough: what an order costs is for who takes it to say.
  "points:spend": {
    allows: "Spend members' points on orders, set them aside, and give them back.",
    for: ["STOREFRONT", "TILL", "SERVICE", "OPERATOR"],
  },
  "benefits:use": {
    allows: "Record that a member used a benefit, and claim one for a member.",
    for: ["STOREFRONT", "TILL", "SERVICE", "OPERATOR"],
  },
  "coupons:issue": {
    allows: "Issue coupons to members.",
    for: ["STOREFRONT", "SERVICE", "OPERATOR"],
  },
  "coupons:claim": {
    allows: "Claim a coupon's code for a member.",
    for: ["STOREFRONT", "SERVICE", "OPERATOR"],
  },
  "coupons:redeem": {
    allows: "Look up a coupon by its code, redeem it and roll a redemption back.",
    for: ["STOREFRONT", "TILL", "SERVICE", "OPERATOR"],
  },
  "coupons:revoke": {
    allows: "Revoke coupons.",
    for: ["SERVICE", "OPERATOR"],
  },
  "checkouts:write": {
    allows: "Hold a cart's coupons, points and benefits for an order, complete it and cancel it.",
    for: ["STOREFRONT", "TILL", "SERVICE", "OPERATOR"],
  },
  "decisions:read": {
    allows: "Read what was decided on carts, and why.",
    for: ["SERVICE", "OPERATOR"],
  },
  "metrics:read": {
    allows: "Read how offers perform.",
    for: ["SERVICE", "OPERATOR"],
  },
  "cards:scan": {
    allows: "Accept a member card at a till.",
    for: ["TILL"],
  },
  "alliances:manage": {
    allows: "Found and join alliances, and approve joint campaigns.",
    for: ["OPERATOR"],
  },
  "joint:recognise": {
    allows: "List the joint members of one alliance, as far as they consent.",
    for: ["PARTNER"],
  },
  "joint:issue": {
    allows: "Issue coupons of active joint campaigns to joint members.",
    for: ["PARTNER"],
  },
  "clients:manage": {
    allows: "Create, rotate and revoke the brand's clients.",
    for: ["OPERATOR"],
  },
  "audit:read": {
    allows: "Read who did what.",
    for: ["OPERATOR"],
  },
} as const satisfies Record<string, { allows: string; for: readonly ActorKind[] }>;

export type Scope = keyof typeof scopes;

export const isScope = (text: string): text is Scope => Object.hasOwn(scopes, text);

/** The scopes that a kind of caller can be given. */
export function scopesFor(kind: ActorKind): Scope[] {
  return (Object.keys(scopes) as Scope[]).filter((scope) =>
    (scopes[scope].for as readonly ActorKind[]).includes(kind),
  );
}

/** Who reads all of the program: what is planned, what it said before, and what limits it. */
export const programReaders = { anyOf: ["program:read", "program:write"] } as const satisfies {
  anyOf: readonly Scope[];
};
