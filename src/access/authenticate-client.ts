import { readAssertion, useAssertionOnce, verifyAssertion } from "./client-assertion.ts";
import { OAuthError } from "./oauth-error.ts";
import { isSecretOf } from "./secrets.ts";
import type { ClientRow, TokenRequest } from "./token-request.ts";

/**
 * The client that sent a request, by its secret in the Authorization header (client_secret_basic) or by
 * an assertion that it signed (private_key_jwt). One database request; with an assertion, two.
 *
 * @throws OAuthError invalid_client, alike for a client that is unknown, revoked or not proven to be it;
 * invalid_request when two ways are mixed.
 */
export async function authenticateClient(request: TokenRequest): Promise<ClientRow> {
  const { authorization, database, form, now } = request;
  const assertion = readAssertion(form);
  if (assertion && authorization !== undefined) {
    throw new OAuthError(
      "invalid_request",
      "Authenticate with a secret or with an assertion, not with both.",
    );
  }
  const basic = assertion ? undefined : readBasic(authorization);
  const clientId = assertion?.clientId ?? basic?.clientId ?? "";
  if (form.has("client_id") && form.get("client_id") !== clientId) throw invalidClient();

  const client = await database.query.clients.findFirst({ where: { id: clientId } });
  const proof = assertion && client ? await verifyAssertion(request, client, assertion.text) : undefined;
  const isProven = basic ? await isSecretOf(basic.secret, client?.secrets ?? [], now) : proof !== undefined;
  if (!client || client.revokedAt !== null || !isProven) throw invalidClient();
  if (proof && !(await useAssertionOnce(request, client, proof))) throw invalidClient();
  return client;
}

/** RFC 6749 §2.3.1: the id and the secret are form-encoded before they are joined. */
function readBasic(header: string | undefined): { clientId: string; secret: string } {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(header?.trim() ?? "") ?? [];
  try {
    const bytes = Uint8Array.from(atob(encoded ?? ""), (letter) => letter.charCodeAt(0));
    const [, id, secret] = /^([^:]+):(.+)$/s.exec(new TextDecoder().decode(bytes)) ?? [];
    if (id && secret) return { clientId: formDecode(id), secret: formDecode(secret) };
  } catch {
    // Not base64, or not form-encoded: answered like any other wrong secret.
  }
  throw invalidClient();
}

const formDecode = (text: string): string => decodeURIComponent(text.replaceAll("+", " "));

const invalidClient = () =>
  new OAuthError(
    "invalid_client",
    "Client authentication failed. Use client_secret_basic or private_key_jwt with a client that is not revoked.",
  );
