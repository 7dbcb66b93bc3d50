import assert from "node:assert/strict";
import { LoginError } from "../../smtp/mod.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import {
  json,
  oauthError,
  OFFICE_REGISTRATION,
  OFFICE_TENANT_ID,
} from "../testing/identity_service.ts";
import { StoreError } from "../store/store.ts";
import { settle } from "../testing/settle.ts";
import { account, mailboxAccount, START_MS, TokensFixture } from "../testing/tokens_fixture.ts";
import type { TokenLease } from "./mod.ts";

const APPLICATION = { tenantId: OFFICE_TENANT_ID, clientId: OFFICE_REGISTRATION.clientId };

function defers(text: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof LoginError);
    assert.equal(error.failure, "temporary");
    assert.match(error.reply.text, text);
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

Deno.test("a request that hangs holds up no login for longer than five seconds", async () => {
  const fixture = new TokensFixture();
  fixture.service.onToken = () => new Promise(() => {});
  const tokens = fixture.tokens();
  const login = assert.rejects(
    tokens.accessToken(mailboxAccount("printer")),
    defers(/not available/),
  );
  await settle();
  await fixture.clock.advance(5 * SECOND_MS);
  await login;
  const stopped = tokens.stop();
  await fixture.clock.advance(10 * SECOND_MS);
  await stopped;
});

Deno.test("a restart during an outage goes on with the stored token", async () => {
  const fixture = new TokensFixture();
  const before = fixture.tokens();
  const token = await before.accessToken(mailboxAccount("printer"));
  await before.stop();
  fixture.service.onToken = () => json({}, 503);
  const after = fixture.tokens();
  assert.equal(await after.accessToken(mailboxAccount("printer")), token);
  assert.equal(fixture.service.tokenRequests, 1);
  await fixture.clock.advance(61 * MINUTE_MS);
  await assert.rejects(after.accessToken(mailboxAccount("printer")), defers(/not available/));
  await after.stop();
  assert.equal(fixture.clock.timers, 0);
});

/** Leases as replicas share them; each has the id of its program. */
function sharedLease(fixture: TokensFixture) {
  const holders = new Map<string, string>();
  return (holder: string): TokenLease => ({
    claim(id, version) {
      if ((fixture.database.kept.get(id)?.version ?? 0) !== version) {
        return Promise.resolve("changed");
      }
      const held = holders.get(`${id} ${version}`) ?? holder;
      holders.set(`${id} ${version}`, held);
      return Promise.resolve(held === holder ? "claimed" : "held");
    },
    release(id) {
      for (const [key, held] of holders) {
        if (key.startsWith(`${id} `) && held === holder) holders.delete(key);
      }
      return Promise.resolve();
    },
  });
}

Deno.test("R3: replicas fetch one token together, at first and ahead of need", async () => {
  const fixture = new TokensFixture();
  const leaseOf = sharedLease(fixture);
  const replicas = ["a", "b", "c"].map((id) => fixture.tokens({ valueLease: leaseOf(id) }));
  const logIn = () =>
    Promise.all(replicas.map((one) => one.accessToken(mailboxAccount("printer"))));
  const all = async () => {
    const logins = logIn();
    await fixture.clock.advance(SECOND_MS);
    return new Set(await logins);
  };
  assert.equal((await all()).size, 1);
  assert.equal(fixture.service.tokenRequests, 1);
  await fixture.clock.advance(50 * MINUTE_MS);
  assert.equal((await all()).size, 1);
  assert.equal(fixture.service.tokenRequests, 2);
  for (const one of replicas) await one.stop();
  assert.equal(fixture.clock.timers, 0);
});

Deno.test("R3: a token that another replica stored long ago is not taken for a new one", async () => {
  const fixture = new TokensFixture();
  const leaseOf = sharedLease(fixture);
  const [one, other] = ["a", "b"].map((id) => fixture.tokens({ valueLease: leaseOf(id) }));
  await other!.accessToken(mailboxAccount("printer"));
  await other!.stop();
  const tokens = fixture.tokens({ valueLease: leaseOf("b") });
  const first = await tokens.accessToken(mailboxAccount("printer"));
  tokens.retire();
  await fixture.clock.advance(61 * MINUTE_MS);
  await one!.accessToken(mailboxAccount("printer"));
  await one!.stop();
  await fixture.clock.advance(61 * MINUTE_MS);
  assert.notEqual(await tokens.accessToken(mailboxAccount("printer")), first);
  assert.equal(fixture.service.tokenRequests, 3);
  await tokens.stop();
});

Deno.test("R4: a token that could not be stored is stored as soon as the database is back", async () => {
  const fixture = new TokensFixture();
  fixture.database.beforeWrite = () => Promise.reject(new StoreError("unavailable", "gone"));
  const tokens = fixture.tokens();
  const token = await tokens.accessToken(mailboxAccount("printer"));
  assert.equal(fixture.alerts.current()[0]?.kind, "store-failing");
  fixture.database.beforeWrite = () => {};
  await fixture.clock.advance(10 * SECOND_MS);
  const [stored] = fixture.database.kept.values();
  assert.equal(JSON.parse(stored!.text).accessToken, token);
  assert.deepEqual(fixture.alerts.current(), []);
  await tokens.stop();
  assert.equal(fixture.clock.timers, 0);
});
