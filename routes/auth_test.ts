import assert from "node:assert/strict";
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
