import assert from "node:assert/strict";
import { MINUTE_MS } from "../base/mod.ts";
import { Secrets } from "../crypto/mod.ts";
import { ManualClock } from "../testing/manual_clock.ts";
import { pageCookies } from "./page_cookies.ts";

const VALUE = { id: "1", accountId: "2", password: "secret-secret" };

function fixture(secret = "0123456789abcdef0123456789abcdef") {
  const clock = new ManualClock(0, () => Promise.resolve());
  return { clock, cookies: pageCookies("session", new Secrets([secret]), clock) };
}

Deno.test("PageCookie.read() returns what was set, until its time is over", async () => {
  const { clock, cookies: { newPassword } } = fixture();
  const [cookie = ""] = newPassword.set(VALUE, true).split(";");
  assert.match(cookie, /^__Host-session-password=/);
  assert.ok(!cookie.includes(VALUE.password));
  assert.deepEqual(newPassword.read(cookie), { value: VALUE, untilMs: 10 * MINUTE_MS });
  await clock.advance(10 * MINUTE_MS);
  assert.equal(newPassword.read(cookie), undefined);
});

Deno.test("PageCookie.read() takes no cookie of another name, another secret or nobody", () => {
  const { cookies: { newPassword, flash } } = fixture();
  const [cookie = ""] = flash.set("Done.", false).split(";");
  assert.equal(flash.read(cookie)?.value, "Done.");
  assert.equal(newPassword.read(cookie.replace("-flash", "-password")), undefined);
  assert.equal(fixture("f".repeat(32)).cookies.flash.read(cookie), undefined);
  assert.equal(flash.read(null), undefined);
});
