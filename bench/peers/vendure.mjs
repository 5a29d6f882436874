/**
 * Vendure on better-sqlite3: customers in groups, promotions with coupon codes, and an order that each of the
 * sessions has begun. Plain JavaScript: it runs on whichever Node its SQLite was built for.
 */
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Parent, ResolveField, Resolver } from "@nestjs/graphql";
import {
  AuthenticatedSession,
  bootstrap,
  Ctx,
  Customer,
  CustomerGroupService,
  CustomerService,
  DefaultLogger,
  LanguageCode,
  LogLevel,
  PluginCommonModule,
  ProductVariant,
  PromotionService,
  RequestContextService,
  TransactionalConnection,
  User,
  VendurePlugin,
} from "@vendure/core";
import { populate } from "@vendure/core/cli/index.js";
import { parse } from "graphql";

const { PORT, SEED, FOLDER: folder } = process.env;
const seed = JSON.parse(SEED);
const password = crypto.randomUUID();

/** What the shop's API leaves out: the groups of a customer, which are what it has for tiers. */
class CustomerGroups {
  async memberOf(ctx, customer) {
    const groups = await app.get(CustomerService).getCustomerGroups(ctx, customer.id);
    return groups.map(({ name }) => name);
  }
}
Resolver("Customer")(CustomerGroups);
const method = Object.getOwnPropertyDescriptor(CustomerGroups.prototype, "memberOf");
ResolveField()(CustomerGroups.prototype, "memberOf", method);
Ctx()(CustomerGroups.prototype, "memberOf", 0);
Parent()(CustomerGroups.prototype, "memberOf", 1);
class GroupsPlugin {}
VendurePlugin({
  imports: [PluginCommonModule],
  shopApiExtensions: {
    schema: parse("extend type Customer { memberOf: [String!]! }"),
    resolvers: [CustomerGroups],
  },
  compatibility: "^3.0.0",
})(GroupsPlugin);

const configured = (port) => ({
  apiOptions: { port, hostname: "127.0.0.1", shopApiPath: "shop-api", adminApiPath: "admin-api" },
  authOptions: {
    tokenMethod: ["bearer"],
    superadminCredentials: { identifier: "bench", password },
  },
  dbConnectionOptions: {
    ...{
      type: "better-sqlite3",
      database: join(folder, "vendure.sqlite"),
      synchronize: true,
      logging: false,
    },
    enableWAL: true,
  },
  logger: new DefaultLogger({ level: LogLevel.Error }),
  paymentOptions: { paymentMethodHandlers: [] },
  plugins: [GroupsPlugin],
});

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

let app;
// On another port: who waits for this one asks as soon as it answers.
const seedPort = await freePort();
const csv = join(folder, "products.csv");
writeFileSync(
  csv,
  `name,slug,description,assets,facets,optionGroups,optionValues,sku,price,taxCategory,stockOnHand,trackInventory,variantAssets,variantFacets
Coffee,coffee,Beans,,,,,COFFEE,128.00,standard,1000000,false,,
`,
);
app = await populate(
  () => bootstrap(configured(seedPort)),
  {
    defaultLanguage: LanguageCode.en,
    defaultZone: "Asia",
    countries: [{ name: "China", code: "CN", zone: "Asia" }],
    taxRates: [{ name: "Standard Tax", percentage: 0 }],
    shippingMethods: [{ name: "Standard", price: 500 }],
    ...{ paymentMethods: [], collections: [] },
  },
  csv,
);
await writeCustomers();
await writePromotions();
await beginOrders();
await app.close();
app = await bootstrap(configured(Number(PORT)));

async function writeCustomers() {
  const { rawConnection } = app.get(TransactionalConnection);
  const ctx = await app.get(RequestContextService).create({ apiType: "admin" });
  const groupIds = [];
  for (const name of seed.tiers)
    groupIds.push((await app.get(CustomerGroupService).create(ctx, { name })).id);
  const [{ id: roleId }] = await rawConnection.query("select id from role where code = '__customer_role__'");
  const [{ id: channelId }] = await rawConnection.query("select id from channel limit 1");
  const asked = new Map(seed.sessions.map(({ number, token }) => [number, token]));
  for (let from = 0; from < seed.members; from += 200) {
    const numbers = Array.from({ length: Math.min(200, seed.members - from) }, (_, step) => from + step);
    const named = numbers.map((number) => ({ number, identifier: `customer-${number}@example.com` }));
    const users = named.map(({ identifier }) => new User({ identifier, verified: true }));
    await rawConnection.getRepository(User).insert(users);
    const customers = named.map(
      ({ number, identifier }, position) =>
        new Customer({
          ...{ firstName: "Customer", lastName: String(number), emailAddress: identifier, phoneNumber: "" },
          ...{ title: "", user: users[position] },
        }),
    );
    await rawConnection.getRepository(Customer).insert(customers);
    await rawConnection.query("begin");
    for (const [position, number] of numbers.entries()) {
      const [{ id: userId }, { id: customerId }] = [users[position], customers[position]];
      const pairs = [
        ["user_roles_role", "userId, roleId", userId, roleId],
        ["customer_channels_channel", "customerId, channelId", customerId, channelId],
        [
          ...["customer_groups_customer_group", "customerId, customerGroupId", customerId],
          groupIds[number % groupIds.length],
        ],
      ];
      for (const [table, columns, one, other] of pairs)
        await rawConnection.query(`insert into ${table} (${columns}) values (?, ?)`, [one, other]);
    }
    await rawConnection.query("commit");
    const sessions = numbers.flatMap((number, position) =>
      asked.has(number)
        ? new AuthenticatedSession({
            ...{ token: asked.get(number), user: users[position], authenticationStrategy: "native" },
            ...{ expires: new Date(Date.now() + 86_400_000), invalidated: false },
          })
        : [],
    );
    if (sessions.length > 0) await rawConnection.getRepository(AuthenticatedSession).save(sessions);
  }
}

async function writePromotions() {
  const ctx = await app.get(RequestContextService).create({ apiType: "admin" });
  for (const [position, couponCode] of seed.couponCodes.entries()) {
    const value = String(100 * (position + 1));
    const created = await app.get(PromotionService).createPromotion(ctx, {
      ...{ enabled: true, couponCode, conditions: [] },
      actions: [{ code: "order_fixed_discount", arguments: [{ name: "discount", value }] }],
      translations: [{ languageCode: LanguageCode.en, name: couponCode }],
    });
    if (!created.id) throw new Error(`No promotion: ${JSON.stringify(created)}`);
  }
}

async function beginOrders() {
  const [{ id }] = await app.get(TransactionalConnection).rawConnection.getRepository(ProductVariant).find();
  for (const { token } of seed.sessions) {
    const response = await fetch(`http://127.0.0.1:${seedPort}/shop-api`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({
        query: `mutation { addItemToOrder(productVariantId: "${id}", quantity: 1) { __typename ... on ErrorResult { message } } }`,
      }),
    });
    const text = await response.text();
    if (!text.includes('"Order"')) throw new Error(`No order was begun: ${text}`);
  }
}
