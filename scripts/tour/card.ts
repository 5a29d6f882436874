import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { callerOf, outcomeOf } from "./caller.ts";
import type { Guest, Tour } from "./tour.ts";

const CARD = `{ me { card { number displayName tier { name color } qr { payload svg expiresAt } } } }`;
const SCAN = `mutation ($input: ScanCardInput!) { scanCard(input: $input) {
  ... on ScanCardPayload { offline member { id displayName tier { name } availableCoupons { nodes { code } } } }
  ... on Refusal { code message } ... on CardAlreadyScanned { scannedAt } } }`;

/** The member's app shows the card; a till verifies it without the platform, then scans it. */
export async function showCard({ url, report }: Tour, { member, memberId }: Guest): Promise<void> {
  const { chapter, step, expect } = report;
  const till = await callerOf(url, "coffee", "TILL");
  const scan = async (payload: string) => outcomeOf(await till(SCAN, { input: { payload } }));
  chapter("The member's app shows the card, and a till scans it");
  const { number, payload } = await step("Tess", "me: card, with its QR", async (say) => {
    const { card } = (await member(CARD)).data.me;
    expect(card, { displayName: "Tess R.", tier: { name: "Classic", color: "#8C7B6B" } });
    expect([/^8\d{3}( \d{4}){3}$/.test(card.number), card.qr.svg.startsWith("<svg")], [true, true]);
    say("8••• •••• •••• ••••, Tess R., Classic");
    return { number: card.number as string, payload: card.qr.payload as string };
  });
  await step("till", "verify its QR with jwks.json alone", async (say) => {
    const jwks = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
    const verified = await jwtVerify(payload, createLocalJWKSet(jwks), {
      algorithms: ["ES256"],
      typ: "card+jwt",
    });
    expect(verified.payload.sub, memberId);
    expect(Object.keys(verified.payload).sort(), ["brand", "exp", "iat", "iss", "jti", "sub"]);
    expect((verified.payload.exp ?? 0) - (verified.payload.iat ?? 0), 60);
    say("signed, a minute long, without personal data");
  });
  await step("till", "scanCard", async (say) => {
    const answer = await scan(payload);
    expect(answer, { offline: false, member: { id: memberId, displayName: "Tess R." } });
    expect(answer.member.availableCoupons.nodes.length, 2);
    say(`${answer.member.displayName}, ${answer.member.tier.name}, 2 coupons to offer`);
  });
  await step("till", "scanCard, a replay", async (say) => {
    const refusal = await scan(payload);
    expect(refusal, { code: "CARD_ALREADY_SCANNED" });
    expect(Date.now() - Date.parse(refusal.scannedAt) < 60_000, true);
    say(`refused: ${refusal.code}, with when`);
  });
  await step("till", "scanCard, the printed number", async (say) => {
    expect(await scan(number), { offline: true, member: { id: memberId } });
    say("accepted, and recorded as offline");
  });
}
