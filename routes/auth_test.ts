import assert from "node:assert/strict";
import { SignInError, type SignInFailure } from "../lib/sign_in/sign_in.ts";
import { ACCOUNT, ORIGIN, World } from "./(_components)/testing/world.ts";

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
  const world = new World();
  const response = await world.get("/auth?next=/account", "");
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), "https://login.example/authorize?x=1");
  assert.deepEqual(response.headers.getSetCookie(), ["sign-in=sealed; Path=/"]);
  assert.deepEqual(world.begun.map(({ redirectUri, returnTo }) => ({ redirectUri, returnTo })), [
    { redirectUri: `${ORIGIN}/auth`, returnTo: "/account" },
  ]);
});

Deno.test("GET /auth at 127.0.0.1 leads to the address at which the sign-in can end", async () => {
  const visit = (world: World, query: string) =>
    world.handle(new Request(`http://127.0.0.1:3000/auth?${query}`));
  const world = new World();
  const response = await visit(world, "next=/account");
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), "http://localhost:3000/auth?next=/account");
  const fixed = new World("https://mail.example/smtp");
  const moved = "https://mail.example/smtp/auth?next=%2Faccount&moved=1";
  const redirected = await visit(fixed, "next=/account");
  assert.equal(redirected.headers.get("location"), moved);
  assert.deepEqual([...world.begun, ...fixed.begun], []);
  await visit(fixed, "next=/account&moved=1");
  assert.equal(fixed.begun[0]?.redirectUri, "https://mail.example/smtp/auth");
});

Deno.test("GET /auth says that an administrator has consented", async () => {
  const world = new World();
  world.signInError = failure("consent-granted");
  const response = await world.get("/auth?admin_consent=True&tenant=t", "");
  assert.equal(response.status, 200);
  assert.equal(world.begun.length, 0);
});

Deno.test("GET /auth renews the sign-in of who is signed in", async () => {
  const world = new World();
  await world.get("/auth");
  assert.equal(world.begun[0]?.loginHint, ACCOUNT.email);
  assert.equal(world.begun[0]?.registrationId, ACCOUNT.clientId);
});

Deno.test("GET /auth asks nothing of who was signed in before, unless Microsoft needs it", async () => {
  const world = new World();
  await world.get("/auth?silent&next=/wanted", "");
  assert.equal(world.begun[0]?.prompt, "none");
  world.signInError = failure("interaction-required");
  const response = await world.get("/auth?error=interaction_required&state=s", "sign-in=sealed");
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), "https://login.example/authorize?x=1");
  assert.deepEqual([world.begun[1]?.prompt, world.begun[1]?.returnTo], [undefined, "/wanted"]);
});

Deno.test("GET /auth with Microsoft's response completes the sign-in", async () => {
  const world = new World();
  const response = await world.get("/auth?code=c&state=s", "sign-in=sealed");
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), "/account");
  assert.deepEqual(response.headers.getSetCookie(), ["sign-in=; Max-Age=0", "session=good"]);
  assert.deepEqual(world.callbacks, [
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
    const world = new World();
    world.signInError = failure(kind, ["sign-in=; Max-Age=0"]);
    const response = await world.get("/auth?error=x&state=s", "");
    assert.equal(response.status, status, kind);
    assert.deepEqual(response.headers.getSetCookie(), ["sign-in=; Max-Age=0"]);
    const html = await response.text();
    assert.match(html, /<h1>It &lt;failed><\/h1>.*Because\..*Do this\..*AADSTS1/s);
    assert.match(html, /href="\/auth\?next=%2Fwanted"/);
  }
});
