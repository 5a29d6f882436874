import { Hono, type Context as HonoContext } from "hono";
import { openFor, type Route } from "../app.ts";
import { failureOf } from "../database/failures.ts";
import { authenticateClient } from "./authenticate-client.ts";
import { exchangeToken } from "./exchange-token.ts";
import { type Grant, grantClientCredentials } from "./grant.ts";
import { OAuthError } from "./oauth-error.ts";
import { SIGNING_ALGORITHMS } from "./public-keys.ts";
import { scopes } from "./scopes.ts";
import { addressOf, type ClientRow, readForm, type TokenRequest } from "./token-request.ts";
import { ACCESS_TOKEN_SECONDS, issueAccessToken } from "./tokens.ts";

/** Of a token request's body, in bytes. */
export const LARGEST_FORM = 16_384;

const grantTypes = new Map<string, (request: TokenRequest, client: ClientRow) => Promise<Grant> | Grant>([
  ["client_credentials", grantClientCredentials],
  ["urn:ietf:params:oauth:grant-type:token-exchange", exchangeToken],
]);

/** The token endpoint and its metadata. */
export const oauth = new Hono<Route>();

/** RFC 8414: where and how tokens are to be had, for client libraries to read. */
oauth.get("/.well-known/oauth-authorization-server", (c) => {
  const { issuer } = c.var.environment;
  c.header("cache-control", "public, max-age=300");
  return c.json({
    issuer,
    token_endpoint: addressOf(issuer, "/oauth/token"),
    jwks_uri: addressOf(issuer, "/.well-known/jwks.json"),
    scopes_supported: Object.keys(scopes),
    response_types_supported: [],
    grant_types_supported: [...grantTypes.keys()],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "private_key_jwt"],
    token_endpoint_auth_signing_alg_values_supported: SIGNING_ALGORITHMS,
  });
});

/** The answer to a body that is larger. */
export const formTooLarge = (c: HonoContext<Route>): Response =>
  c.json({ error: "invalid_request", error_description: `The body may have ${LARGEST_FORM} bytes.` }, 413, {
    "cache-control": "no-store",
  });

oauth.post("/oauth/token", async (c) => {
  const { environment } = c.var;
  const now = Date.now();
  const form = readForm(c.req.header("content-type"), await c.req.arrayBuffer());
  const type = form.get("grant_type");
  if (!type) throw new OAuthError("invalid_request", "grant_type is required.");
  const grant = grantTypes.get(type);
  if (!grant) {
    throw new OAuthError(
      "unsupported_grant_type",
      `grant_type must be one of ${[...grantTypes.keys()].join(", ")}.`,
    );
  }

  const { database, requestCount } = openFor(c, now);
  const request = { environment, database, now, form, authorization: c.req.header("authorization") };
  const { actor, answer } = await grant(request, await authenticateClient(request));
  const token = await issueAccessToken(environment, actor, now);

  c.header("cache-control", "no-store");
  if (environment.development) c.header("server-timing", `db;desc="${requestCount()} requests"`);
  return c.json({
    access_token: token,
    token_type: "Bearer",
    expires_in: ACCESS_TOKEN_SECONDS,
    scope: [...actor.scopes].join(" "),
    ...answer,
  });
});

oauth.all("/oauth/token", (c) => {
  c.header("allow", "POST");
  return c.json({ error: "invalid_request", error_description: "Tokens are asked for with POST." }, 405);
});

oauth.onError((error, c) => {
  const refusal = error instanceof OAuthError ? error : unavailable(error);
  // A fault of ours is logged and masked by the app.
  if (!refusal) throw error;
  c.header("cache-control", "no-store");
  if (refusal.status === 401) c.header("www-authenticate", 'Basic realm="tessera", charset="UTF-8"');
  if (refusal.status === 503) c.header("retry-after", "1");
  return c.json({ error: refusal.code, error_description: refusal.message }, refusal.status);
});

/** What is said when the database is busy or does not answer; undefined for any other failure. */
function unavailable(error: Error): OAuthError | undefined {
  const failure = failureOf(error);
  if (failure !== "busy" && failure !== "unknown") return undefined;
  console.error(JSON.stringify({ level: "error", failure, kind: error.name, at: "/oauth/token" }));
  return new OAuthError("temporarily_unavailable", "The database did not answer. Try again in a moment.");
}
