/** Whoever asks what a cart costs, checks it out, or reads what was decided. */
export const cartReaders = [
  ...(["program:read", "members:read", "cards:scan", "member:self"] as const),
  ...(["checkouts:write", "decisions:read"] as const),
] as const;
