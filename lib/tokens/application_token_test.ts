import assert from "node:assert/strict";
import { LoginError } from "../../smtp/mod.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import {
  json,
  oauthError,
  OFFICE_REGISTRATION,
  OFFICE_TENANT_ID,
} from "../testing/identity_service.ts";
import { settle } from "../testing/settle.ts";
import { account, mailboxAccount, START_MS, TokensFixture } from "../testing/tokens_fixture.ts";

const APPLICATION = { tenantId: OFFICE_TENANT_ID, clientId: OFFICE_REGISTRATION.clientId };

function defers(text: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof LoginError);
    assert.equal(error.failure, "temporary");
    assert.match(error.publicText, text);
    return true;
  };
}

Deno.test("one token, fetched once, serves all mailboxes of an organisation", async () => {
  const fixture = new TokensFixture();
  const forms: URLSearchParams[] = [];
  fixture.service.onToken = (form) => {
    forms.push(form);
    return fixture.service.tokens({ refresh_token: undefined });
  };
  const tokens = fixture.tokens();
  const names = Array.from({ length: 40 }, (_, index) => `printer-${index}`);
  const received = await Promise.all(
    names.map((name) => tokens.accessToken(mailboxAccount(name))),
  );
  assert.equal(new Set(received).size, 1);
  assert.equal(forms.length, 1);
  const { grant_type, client_id, scope } = Object.fromEntries(forms[0]!);
  assert.equal(grant_type, "client_credentials");
  assert.equal(client_id, OFFICE_REGISTRATION.clientId);
  assert.equal(scope, "https://outlook.office365.com/.default");
  assert.equal(tokens.applicationStatus(APPLICATION)?.state, "ok");
  await tokens.stop();
  assert.equal(fixture.clock.timers, 0);
});

Deno.test("an organisation's token is renewed ahead of need while a mailbox is in use, and rests after days without", async () => {
  const fixture = new TokensFixture();
  const tokens = fixture.tokens();
  await tokens.start();
  await tokens.accessToken(mailboxAccount("printer"));
  for (let hours = 0; hours < 48; hours++) {
    await fixture.clock.advance(HOUR_MS);
    const requests = fixture.service.tokenRequests;
    await tokens.accessToken(mailboxAccount("printer"));
    assert.equal(fixture.service.tokenRequests, requests, `after ${hours} hours it was at hand`);
  }
  await fixture.clock.advance(4 * DAY_MS);
  const requests = fixture.service.tokenRequests;
  await fixture.clock.advance(4 * DAY_MS);
  assert.equal(fixture.service.tokenRequests, requests);
  assert.equal(tokens.applicationStatus(APPLICATION), undefined);
  assert.equal(fixture.clock.timers, 1, "only the next round");
  await tokens.stop();
});

Deno.test("start() fetches the token of mailboxes that were used of late", async () => {
  const fixture = new TokensFixture();
  fixture.database.addMailbox("idle", START_MS - 30 * DAY_MS);
  let tokens = fixture.tokens();
  await tokens.start();
  await fixture.clock.advance(MINUTE_MS);
  assert.equal(fixture.service.tokenRequests, 0);
  await tokens.stop();

  fixture.database.lastUses.set("idle", fixture.clock.now() - DAY_MS);
  tokens = fixture.tokens();
  await tokens.start();
  await fixture.clock.advance(MINUTE_MS);
  assert.equal(fixture.service.tokenRequests, 1);
  await tokens.accessToken(mailboxAccount("idle"));
  assert.equal(fixture.service.tokenRequests, 1);
  await tokens.stop();
  assert.equal(fixture.clock.timers, 0);
});

Deno.test("a rejected token is replaced once it is a minute old: mailboxes without rights start no storm", async () => {
  const fixture = new TokensFixture();
  const tokens = fixture.tokens();
  const first = await tokens.accessToken(mailboxAccount("good"));
  for (let count = 0; count < 20; count++) {
    assert.equal(await tokens.accessToken(mailboxAccount("bad"), first), first);
  }
  assert.equal(fixture.service.tokenRequests, 1);
  await fixture.clock.advance(2 * MINUTE_MS);
  const second = await tokens.accessToken(mailboxAccount("bad"), first);
  assert.notEqual(second, first);
  assert.equal(await tokens.accessToken(mailboxAccount("good")), second);
  await tokens.stop();
});

Deno.test("a refused secret stops the organisation's mailboxes for a while, is alerted, and stops nobody else", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS);
  fixture.service.onToken = (form) =>
    form.get("grant_type") === "client_credentials"
      ? oauthError("invalid_client", 7000222, 401)
      : fixture.service.tokens();
  const tokens = fixture.tokens();
  await assert.rejects(tokens.accessToken(mailboxAccount("printer")), defers(/secret has expired/));
  assert.ok(await tokens.accessToken(account("nora")));
  const [alert, ...others] = fixture.alerts.current();
  assert.deepEqual(others, []);
  assert.equal(alert?.kind, "registration-refused");
  assert.match(alert.text, /33333333.*secret has expired \(AADSTS7000222\)/);
  assert.equal(tokens.applicationStatus(APPLICATION)?.state, "delayed");

  fixture.service.onToken = () => fixture.service.tokens();
  await fixture.clock.advance(11 * MINUTE_MS);
  assert.ok(await tokens.accessToken(mailboxAccount("printer")));
  assert.deepEqual(fixture.alerts.current(), []);
  await tokens.stop();
});

Deno.test("an outage defers mailboxes only when their token has ended", async () => {
  const fixture = new TokensFixture();
  const tokens = fixture.tokens();
  const first = await tokens.accessToken(mailboxAccount("printer"));
  fixture.service.onToken = () => json({}, 503);
  await fixture.clock.advance(58 * MINUTE_MS);
  assert.equal(await tokens.accessToken(mailboxAccount("printer")), first);
  await fixture.clock.advance(5 * MINUTE_MS);
  await assert.rejects(tokens.accessToken(mailboxAccount("printer")), defers(/not available/));
  assert.equal(fixture.alerts.current()[0]?.kind, "identity-service-unreachable");
  fixture.service.onToken = () => fixture.service.tokens();
  await fixture.clock.advance(2 * MINUTE_MS);
  assert.notEqual(await tokens.accessToken(mailboxAccount("printer")), first);
  assert.deepEqual(fixture.alerts.current(), []);
  await tokens.stop();
});

Deno.test("a request that hangs holds no login for longer than its patience", async () => {
  const fixture = new TokensFixture();
  fixture.service.onToken = () => new Promise(() => {});
  const tokens = fixture.tokens();
  const login = assert.rejects(
    tokens.accessToken(mailboxAccount("printer"), undefined, 2 * SECOND_MS),
    defers(/not available/),
  );
  await settle();
  await fixture.clock.advance(2 * SECOND_MS);
  await login;
  const stopped = tokens.stop();
  await fixture.clock.advance(10 * SECOND_MS);
  await stopped;
});
