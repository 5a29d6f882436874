import { foundBrand } from "../../src/brands/found-brand.ts";
import { type Caller, callerOfKind, database, environment } from "./caller.ts";

export interface TestBrand {
  brandId: string;
  slug: string;
  firstTierId: string;
  operator: Caller;
  storefront: Caller;
  till: Caller;
  service: Caller;
}

let founded = 0;

/** A new brand with a caller of each kind: a tenant of the test's own. */
export async function newBrand(settings: { timeZone?: string; currency?: string } = {}): Promise<TestBrand> {
  founded += 1;
  const slug = `brand-${crypto.randomUUID().slice(0, 8)}-${founded}`;
  const { encryptionKeys } = await environment();
  const ids = await foundBrand(
    database(),
    encryptionKeys,
    {
      slug,
      name: { "zh-CN": "测试品牌", en: "Test brand" },
      locale: "zh-CN",
      timeZone: settings.timeZone ?? "Asia/Shanghai",
      currency: settings.currency ?? "CNY",
      pointsName: { "zh-CN": "积分", en: "Points" },
      firstTier: { name: { "zh-CN": "普通", en: "Classic" }, color: "#888888" },
    },
    Date.now(),
  );
  const brand = { brandId: ids.brandId };
  const operator = await callerOfKind("OPERATOR", brand);
  // Twice a minute an isolate reads which clients were revoked; not in what a test counts.
  await operator("{ brand { id } }");
  return {
    ...ids,
    slug,
    operator,
    storefront: await callerOfKind("STOREFRONT", brand),
    till: await callerOfKind("TILL", brand),
    service: await callerOfKind("SERVICE", brand),
  };
}
