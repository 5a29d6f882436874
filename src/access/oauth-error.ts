/** RFC 6749 §5.2, RFC 8693 §2.2.2, and what a server must say when its database does not answer. */
type OAuthErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "invalid_scope"
  | "invalid_target"
  | "temporarily_unavailable";

const STATUS: Partial<Record<OAuthErrorCode, 401 | 503>> = {
  invalid_client: 401,
  temporarily_unavailable: 503,
};

/** An answer of the token endpoint that is no token; its message is for the caller, in plain ASCII. */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode;
  readonly status: 400 | 401 | 413 | 503;

  constructor(code: OAuthErrorCode, message: string, options: ErrorOptions & { status?: 413 } = {}) {
    super(message, options);
    this.code = code;
    this.status = options.status ?? STATUS[code] ?? 400;
  }
}
