import { openDataKey } from "../../src/brands/data-key.ts";
import { commit } from "../../src/database/commit.ts";
import { openProfile } from "../../src/members/profile.ts";
import type { BulkBrand } from "./bulk-brand.ts";
import { memberHeader, textOfMember } from "./member-rows.ts";
import { orderHeader, textOfOrder } from "./order-rows.ts";

const PAGE = 1_000;

/** A brand's orders as CSV, in the order in which they were recorded, a page at a time. */
export async function* exportOrders({ brandId, open }: BulkBrand): AsyncGenerator<string> {
  yield orderHeader;
  yield* pagesOf(async (after) =>
    (
      await open().query.orders.findMany({
        where: { brandId, id: { gt: after } },
        with: { member: { columns: { externalId: true } } },
        orderBy: { id: "asc" },
        limit: PAGE,
      })
    ).map((order) => ({ id: order.id, text: textOfOrder(order) })),
  );
}

/**
 * A brand's members as CSV, without those whose membership was closed.
 *
 * @param personal with their personal data, which then goes on record.
 */
export async function* exportMembers(brand: BulkBrand, personal: boolean): AsyncGenerator<string> {
  const { brandId, open, context } = brand;
  const { wrappedDataKey } = (await open().query.brands.findFirst({ where: { id: brandId } })) ?? {};
  if (!wrappedDataKey) throw new Error(`There is no brand ${brandId}.`);
  const key = await openDataKey(context().environment.encryptionKeys, wrappedDataKey);
  if (personal) {
    await commit(context(), {
      name: "exportMembers",
      input: {},
      load: () => [],
      decide: () => ({
        outcome: null,
        effects: [],
        audit: [{ subjectId: brandId, detail: { personal } }],
      }),
    });
  }
  yield memberHeader(personal);
  yield* pagesOf(async (after) => {
    const page = await open().query.members.findMany({
      where: { brandId, id: { gt: after }, state: "ACTIVE" },
      orderBy: { id: "asc" },
      limit: PAGE,
    });
    return Promise.all(
      page.map(async (member) => {
        const profile = personal ? await openProfile(member, key) : undefined;
        return { id: member.id, text: textOfMember(member, profile) };
      }),
    );
  });
}

async function* pagesOf(
  read: (after: string) => Promise<{ id: string; text: string }[]>,
): AsyncGenerator<string> {
  for (let after = ""; ; ) {
    const page = await read(after);
    if (page.length > 0) yield page.map(({ text }) => text).join("");
    if (page.length < PAGE) return;
    after = page.at(-1)?.id ?? after;
  }
}
