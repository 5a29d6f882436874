import { serverAudits } from "graphql-http";
import { expect, test } from "vitest";
import { app } from "../../src/app.ts";
import { bindings } from "../support/caller.ts";

/** The GraphQL Foundation's own audits of https://graphql.github.io/graphql-over-http */
const audits = serverAudits({
  url: "http://localhost/graphql",
  fetchFn: (address: string, init?: RequestInit) => app.request(address, init, bindings),
});

test.for(audits)("$name", async (audit) => {
  const { status, ...result } = await audit.fn();
  expect(status, "reason" in result ? result.reason : "").toBe("ok");
});
