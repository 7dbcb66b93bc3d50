import assert from "node:assert/strict";
import { NotAllowedError } from "../lib/sign_in/mod.ts";
import { SignInError, type SignInFailure } from "../lib/sign_in/sign_in.ts";
import { ACCOUNT, ORIGIN, PagesFixture } from "./(_components)/testing/pages_fixture.ts";

function failure(kind: SignInFailure, cookies: string[] = []): SignInError {
  const explanation = {
    code: "AADSTS1",
    title: "It <failed>",
    cause: "Because.",
    fixer: "user" as const,
    remedy: "Do this.",
    smtpText: "",
    known: true,
  };
  return new SignInError(kind, explanation, cookies, "/wanted");
}

Deno.test("GET /auth starts a sign-in and comes back to the page that was asked for", async () => {
  const fixture = new PagesFixture();
  const response = await fixture.get("/auth?next=/account", "");
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), "https://login.example/authorize?x=1");
  assert.deepEqual(response.headers.getSetCookie(), ["sign-in=sealed; Path=/"]);
  assert.deepEqual(fixture.begun.map(({ redirectUri, returnTo }) => ({ redirectUri, returnTo })), [
    { redirectUri: `${ORIGIN}/auth`, returnTo: "/account" },
  ]);
});

Deno.test("GET /auth at 127.0.0.1 leads to the address at which the sign-in can end", async () => {
  const visit = (fixture: PagesFixture, query: string) =>
    fixture.handle(new Request(`http://127.0.0.1:3000/auth?${query}`));
  const fixture = new PagesFixture();
  const response = await visit(fixture, "next=/account");
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), "http://localhost:3000/auth?next=/account");
  const fixed = new PagesFixture("https://mail.example/smtp");
  const moved = "https://mail.example/smtp/auth?next=%2Faccount&moved=1";
  const redirected = await visit(fixed, "next=/account");
  assert.equal(redirected.headers.get("location"), moved);
  assert.deepEqual([...fixture.begun, ...fixed.begun], []);
  await visit(fixed, "next=/account&moved=1");
  assert.equal(fixed.begun[0]?.redirectUri, "https://mail.example/smtp/auth");
});

Deno.test("GET /auth says that an administrator has consented", async () => {
  const fixture = new PagesFixture();
  fixture.signInError = failure("consent-granted");
  const response = await fixture.get("/auth?admin_consent=True&tenant=t", "");
  assert.equal(response.status, 200);
  assert.equal(fixture.begun.length, 0);
});

Deno.test("GET /auth renews the sign-in of who is signed in", async () => {
  const fixture = new PagesFixture();
  await fixture.get("/auth");
  assert.equal(fixture.begun[0]?.loginHint, ACCOUNT.email);
  assert.equal(fixture.begun[0]?.registrationId, ACCOUNT.clientId);
});

Deno.test("GET /auth asks nothing of who was signed in before, unless Microsoft needs it", async () => {
  const fixture = new PagesFixture();
  await fixture.get("/auth?silent&next=/wanted", "");
  assert.equal(fixture.begun[0]?.prompt, "none");
  fixture.signInError = failure("interaction-required");
  const response = await fixture.get("/auth?error=interaction_required&state=s", "sign-in=sealed");
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), "https://login.example/authorize?x=1");
  assert.deepEqual([fixture.begun[1]?.prompt, fixture.begun[1]?.returnTo], [undefined, "/wanted"]);
});

Deno.test("GET /auth with Microsoft's response completes the sign-in", async () => {
  const fixture = new PagesFixture();
  const response = await fixture.get("/auth?code=c&state=s", "sign-in=sealed");
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), "/account");
  assert.deepEqual(response.headers.getSetCookie(), ["sign-in=; Max-Age=0", "session=good"]);
  assert.deepEqual(fixture.callbacks, [
    { url: `${ORIGIN}/auth?code=c&state=s`, cookie: "sign-in=sealed" },
  ]);
});

Deno.test("W1: GET /auth explains a sign-in that failed and offers another try", async () => {
  const cases: [SignInFailure, number][] = [
    ["invalid-request", 400],
    ["wrong-origin", 400],
    ["cancelled", 200],
    ["not-allowed", 403],
    ["refused", 403],
    ["temporary", 503],
    ["registration", 503],
  ];
  for (const [kind, status] of cases) {
    const fixture = new PagesFixture();
    fixture.signInError = failure(kind, ["sign-in=; Max-Age=0"]);
    const response = await fixture.get("/auth?error=x&state=s", "");
    assert.equal(response.status, status, kind);
    assert.deepEqual(response.headers.getSetCookie(), ["sign-in=; Max-Age=0"]);
    const html = await response.text();
    assert.match(html, /<h1>It &lt;failed><\/h1>.*Because\..*Do this\..*AADSTS1/s);
    assert.match(html, /href="\/auth\?next=%2Fwanted"/);
  }
});

/** Returns what the audit trail tells, newest first. */
function told({ auditTrail }: PagesFixture): string[] {
  return auditTrail.map(({ actor, action, subject }) => `${actor} ${action}: ${subject}`);
}

Deno.test("a sign-in is in the audit trail, and so is an administrator whose address is not proven", async () => {
  const fixture = new PagesFixture();
  const { email } = ACCOUNT;
  await fixture.get("/auth?code=1&state=2", "");
  assert.deepEqual(told(fixture), [
    `${email} signed in: ${email}`,
    `${email} added an account: ${email}`,
  ]);
  fixture.adminEmails.push(email);
  fixture.account = { ...ACCOUNT, emailVerified: false };
  await fixture.get("/auth?code=1&state=2", "");
  assert.equal(told(fixture)[0], `${email} was not accepted as an administrator: ${email}`);
});

Deno.test("somebody whom the account filters refuse is in the audit trail", async () => {
  const fixture = new PagesFixture();
  const { explanation } = failure("not-allowed");
  const cause = new NotAllowedError("eve@example.com", explanation);
  fixture.signInError = new SignInError("not-allowed", explanation, [], "/", { cause });
  assert.equal((await fixture.get("/auth?code=1&state=2", "")).status, 403);
  assert.deepEqual(told(fixture), [
    "eve@example.com was refused at the sign-in: eve@example.com",
  ]);
  fixture.signInError = failure("cancelled");
  await fixture.get("/auth?error=access_denied&state=2", "");
  assert.equal(fixture.auditTrail.length, 1);
});
