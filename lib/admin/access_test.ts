import assert from "node:assert/strict";
import { Secrets } from "../crypto/mod.ts";
import { START_MS, withStore } from "../store/testing.ts";
import { AdminAccess, LINK_LIFETIME_MS } from "./mod.ts";

const SECRETS = new Secrets(["0123456789abcdef0123456789abcdef"]);

function withAccess(test: (access: AdminAccess, clock: { ms: number }) => Promise<void>) {
  return withStore(({ store: { adminGrants: store } }) => {
    const clock = { ms: START_MS };
    const now = () => clock.ms;
    return test(
      new AdminAccess({ store, secrets: SECRETS, clock: { now }, cookieName: "session" }),
      clock,
    );
  });
}

function cookieIn(setCookie: string): string {
  return setCookie.split(";", 1)[0]!;
}

Deno.test("AdminAccess opens one session for a link, and ends it", () =>
  withAccess(async (access) => {
    const token = await access.createLink();
    assert.match(token, /^[\w-]{43}$/);
    assert.equal(await access.isLink(token), true);
    const setCookie = await access.redeem(token, true);
    assert.match(setCookie!, /^__Host-session-admin=.*; HttpOnly; .*; Secure$/);
    assert.equal(await access.isLink(token), false);
    assert.equal(await access.redeem(token, true), undefined);
    const cookie = `other=1; ${cookieIn(setCookie!)}`;
    assert.equal(await access.has(cookie), true);
    assert.match(await access.end(cookie, true), /Max-Age=0/);
    assert.equal(await access.has(cookie), false);
  }));

Deno.test("AdminAccess takes a link for a quarter of an hour, and a session for a working day", () =>
  withAccess(async (access, clock) => {
    const [late, good] = [await access.createLink(), await access.createLink()];
    clock.ms += LINK_LIFETIME_MS - 1;
    const cookie = cookieIn((await access.redeem(good, false))!);
    clock.ms += 1;
    assert.equal(await access.redeem(late, false), undefined);
    clock.ms += 12 * 3_600_000 - 2;
    assert.equal(await access.has(cookie), true);
    clock.ms += 1;
    assert.equal(await access.has(cookie), false);
  }));

Deno.test("AdminAccess takes nothing but its own tokens and cookies", () =>
  withAccess(async (access) => {
    const token = await access.createLink();
    for (const wrong of ["", "x", `${token}x`, token.slice(1), "A".repeat(43), "%00"]) {
      assert.equal(await access.redeem(wrong, false), undefined, wrong);
    }
    for (const cookie of [null, "session-admin=x", `session-admin=${token}`]) {
      assert.equal(await access.has(cookie), false);
    }
  }));
