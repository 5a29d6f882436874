import { expect, test } from "vitest";
import { newBrand } from "../support/brand.ts";

const LISTS = ["members", "clients", "alliances", "audit", "offers", "jointCampaigns"];
const CURSORS = [
  'DC:T:["N:1795126608294","S:mbr_x","S:brd_x"]',
  'DC:T:["S:ofr_x","S:brd_x"]',
  'DC:T:["N:1","N:2"]',
  "DC:S:clt_x",
];

test.for(LISTS)(
  "another list's cursor is a place in %s, or refused, and never a fault of ours",
  async (list) => {
    const { operator } = await newBrand();
    for (const cursor of CURSORS)
      for (const argument of ["after", "before"]) {
        const query = `query ($cursor: String) { ${list}(${argument}: $cursor) { pageInfo { hasNextPage } } }`;
        const { errors = [] } = await operator(query, { cursor: btoa(cursor) });
        expect([undefined, "BAD_USER_INPUT"]).toContain(errors[0]?.extensions.code);
      }
  },
);
