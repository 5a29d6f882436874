/** `npm run --silent secrets > secrets.json`: new secrets of a deployment, as `wrangler secret bulk` takes them. */
import { newSecrets } from "./support/bindings.ts";
import { readOptions } from "./support/options.ts";

readOptions({});
console.log(JSON.stringify(await newSecrets(), null, 2));
