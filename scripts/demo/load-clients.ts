import { and, eq } from "drizzle-orm";
import { clients } from "../../schema/tables/clients.ts";
import { scopesFor } from "../../src/access/scopes.ts";
import { hashSecret } from "../../src/access/secrets.ts";
import { createClient } from "../../src/clients/create-client.ts";
import type { Context } from "../../src/context.ts";
import { clientIdOf, contextOf, type Demo, done, type LoadedBrand, readNothing, secretOf } from "./demo.ts";
import { BRAND_DAYS } from "./load-program.ts";

const names = {
  STOREFRONT: "Online shop",
  TILL: "Till 1",
  OPERATOR: "Membership team",
  SERVICE: "Order system",
  PARTNER: "For our allies",
};

/**
 * Makes the clients of a brand, each with the scopes of its kind, unless they are there. The platform
 * makes up ids and secrets that nobody can know; here both are replaced by known ones.
 */
export async function loadClients(
  demo: Demo,
  brand: LoadedBrand,
  kinds: readonly (keyof typeof names)[],
  allianceId: string | null = null,
): Promise<void> {
  const { database } = demo;
  const { brandId, content } = brand;
  const platform = contextOf(demo, allianceId ? 0 : BRAND_DAYS, {
    ...{ kind: "OPERATOR", brandId, clientId: "platform" },
    scopes: new Set(scopesFor("OPERATOR")),
  });
  for (const kind of kinds) {
    const id = clientIdOf(content.key, kind);
    const known = await database.query.clients.findFirst({ columns: { id: true }, where: { brandId, id } });
    if (!known) {
      const newId: Context["newId"] = (type) => (type === "Client" ? id : platform.newId(type));
      const input = { kind, name: names[kind], scopes: scopesFor(kind), allianceId };
      await done(createClient({ ...platform, newId }, input, readNothing(demo)));
    }
    const secrets = [{ hash: await hashSecret(secretOf(id)), expiresAt: null }];
    await database
      .update(clients)
      .set({ secrets })
      .where(and(eq(clients.brandId, brandId), eq(clients.id, id)));
  }
}
