import assert from "node:assert/strict";
import { DAY_MS } from "../base/mod.ts";
import type { ManualClock } from "../testing/manual_clock.ts";
import { Secrets } from "../crypto/secrets.ts";
import { Sessions } from "./session_cookie.ts";
import type { SqliteStore } from "../store/sqlite/sqlite_store.ts";
import { signIn, withStore } from "../store/testing.ts";

interface SessionsFixture {
  readonly sessions: Sessions;
  readonly store: SqliteStore;
  readonly clock: ManualClock;
  readonly accountId: string;
}

function withSessions(test: (fixture: SessionsFixture) => Promise<void>): Promise<void> {
  return withStore(async ({ store, clock }) => {
    const secrets = new Secrets(["0123456789abcdef0123456789abcdef"]);
    const cookieName = "session";
    const sessions = new Sessions({ store: store.webSessions, secrets, clock, cookieName });
    const { account } = await store.accounts.recordSignIn(signIn(), Uint8Array.of(1));
    await test({ sessions, store, clock, accountId: account.id });
  });
}

const pair = (setCookie: string) => setCookie.split(";", 1)[0]!;

Deno.test("a session is found again by its cookie", () =>
  withSessions(async ({ sessions, accountId }) => {
    for (const secure of [true, false]) {
      const { session, setCookie } = await sessions.create(accountId, secure);
      const found = await sessions.read(pair(setCookie));
      assert.equal(found?.accountId, accountId);
      assert.equal(found?.expiresAtMs, session.expiresAtMs);
    }
    assert.equal(await sessions.read(null), undefined);
  }));

Deno.test("W4: after signing out a copied cookie is worth nothing", () =>
  withSessions(async ({ sessions, accountId }) => {
    const { session, setCookie } = await sessions.create(accountId, true);
    const cleared = await sessions.end(session, true);
    assert.match(cleared, /^__Host-session=; .*Max-Age=0; Secure$/);
    assert.equal(await sessions.read(pair(setCookie)), undefined);
  }));

Deno.test("W4: signing out everywhere and deleting the account end every session", () =>
  withSessions(async ({ sessions, store, accountId }) => {
    const first = pair((await sessions.create(accountId, true)).setCookie);
    await store.webSessions.deleteAll(accountId);
    assert.equal(await sessions.read(first), undefined);
    const second = pair((await sessions.create(accountId, true)).setCookie);
    await store.accounts.delete(accountId);
    assert.equal(await sessions.read(second), undefined);
  }));

Deno.test("a session ends after a week", () =>
  withSessions(async ({ sessions, clock, accountId }) => {
    const cookie = pair((await sessions.create(accountId, true)).setCookie);
    await clock.advance(7 * DAY_MS - 1);
    assert.ok(await sessions.read(cookie));
    await clock.advance(1);
    assert.equal(await sessions.read(cookie), undefined);
  }));

Deno.test("K2: the database holds only a hash of what the cookie says", () =>
  withSessions(async ({ sessions, accountId }) => {
    const { session, setCookie } = await sessions.create(accountId, false);
    assert.equal(session.idHash.length, 32);
    const value = Uint8Array.fromBase64(pair(setCookie).slice("session=".length), {
      alphabet: "base64url",
    });
    assert.ok(!value.toHex().includes(session.idHash.toHex()));
  }));
