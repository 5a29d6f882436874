import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { clients } from "../../schema/tables/clients.ts";
import { authenticate } from "../../src/access/authenticate.ts";
import { newBrand } from "../support/brand.ts";
import { callerWith, database, environment } from "../support/caller.ts";
import { askToken, clientCredentials, newClient, revoke } from "./support.ts";

test("a revoked client's tokens are refused at once where it was revoked, and it gets no new ones", async () => {
  const brand = await newBrand();
  const client = await newClient(brand, { scopes: ["program:read"] });
  const { body } = await askToken(clientCredentials, client);
  const caller = callerWith(body.access_token);
  expect((await caller("{ brand { id } }")).errors).toBeUndefined();
  expect(await revoke(brand.operator, client.clientId)).toMatchObject({
    client: { id: client.clientId, revokedAt: expect.any(String) },
  });
  expect(await caller("{ brand { id } }")).toMatchObject({
    status: 401,
    errors: [{ extensions: { code: "UNAUTHENTICATED" } }],
  });
  expect((await askToken(clientCredentials, client)).body.error).toBe("invalid_client");
});

test("a client revoked elsewhere is refused here within a minute, and for as long as its tokens live", async () => {
  const client = await newClient(await newBrand());
  const { body } = await askToken(clientCredentials, client);
  const header = `Bearer ${body.access_token}`;
  const now = Date.now();
  const behind: Promise<unknown>[] = [];
  const source = {
    ...{ name: "this isolate", database: database(), openAnother: database },
    background: (work: Promise<unknown>) => void behind.push(work),
  };
  const at = async (moment: number) => authenticate(await environment(), header, source, moment);
  await at(now);
  await database().update(clients).set({ revokedAt: now }).where(eq(clients.id, client.clientId));
  expect(await at(now + 1_000)).toMatchObject({ clientId: client.clientId });
  expect(behind).toHaveLength(0);
  // The list is renewed behind an answer, by one request only …
  expect(await at(now + 30_000)).toMatchObject({ clientId: client.clientId });
  await at(now + 30_000).catch(() => undefined);
  expect(behind).toHaveLength(1);
  await Promise.all(behind);
  await expect(at(now + 31_000)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  // … and before one, when none came for so long.
  await expect(at(now + 14 * 60_000)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  expect(behind).toHaveLength(1);
});

test("after a quiet minute, the list is read before the answer", async () => {
  const client = await newClient(await newBrand());
  const { body } = await askToken(clientCredentials, client);
  const now = Date.now();
  const source = {
    ...{ name: "a quiet isolate", database: database(), openAnother: database },
    background: () => expect.unreachable(),
  };
  const at = async (moment: number) =>
    authenticate(await environment(), `Bearer ${body.access_token}`, source, moment);
  await at(now);
  await database().update(clients).set({ revokedAt: now }).where(eq(clients.id, client.clientId));
  await expect(at(now + 55_000)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

test("revoking one client leaves the others of the brand alone", async () => {
  const brand = await newBrand();
  const [first, second] = [await newClient(brand), await newClient(brand, { scopes: ["program:read"] })];
  const { body } = await askToken(clientCredentials, second);
  await revoke(brand.operator, first.clientId);
  expect((await callerWith(body.access_token)("{ brand { id } }")).errors).toBeUndefined();
});
