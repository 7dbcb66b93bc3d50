import assert from "node:assert/strict";
import { SealedCookie } from "./cookie.ts";
import { Secrets } from "../crypto/secrets.ts";

const KEY = "0123456789abcdef0123456789abcdef";
const CONTENT = Uint8Array.of(0, 1, 2, 254, 255);

function cookie(name = "session", secrets = [KEY]): SealedCookie {
  return new SealedCookie(name, "cookie", new Secrets(secrets));
}

function pair(setCookie: string): string {
  return setCookie.split(";", 1)[0]!;
}

Deno.test("SealedCookie gives back what was set, and shows nothing of it", () => {
  for (const secure of [true, false]) {
    const set = pair(cookie().set(CONTENT, 60, secure));
    assert.match(set, /^(__Host-)?session=[\w-]+$/);
    assert.deepEqual(Uint8Array.from(cookie().read(`a=b; ${set}; c=d`)!), CONTENT);
  }
});

Deno.test("W5: SealedCookie sets HttpOnly, SameSite=Lax, and on HTTPS __Host- and Secure", () => {
  const attributes = "Path=/; HttpOnly; SameSite=Lax; Max-Age=60";
  const secure = cookie().set(CONTENT, 60, true);
  assert.ok(secure.startsWith("__Host-session="));
  assert.ok(secure.endsWith(`; ${attributes}; Secure`));
  assert.ok(cookie().set(CONTENT, 60, false).endsWith(`; ${attributes}`));
});

Deno.test("W4: SealedCookie does not read what was changed, renamed, or set over plain HTTP", () => {
  const plain = pair(cookie().set(CONTENT, 60, false));
  const other = pair(cookie("other").set(CONTENT, 60, false));
  const values = [
    `__Host-${plain}`,
    other.replace("other", "session"),
    plain.slice(0, -2) + (plain.endsWith("AA") ? "BB" : "AA"),
    plain.slice(0, -1),
    "session=",
    "session=%%%",
    `session=${"A".repeat(5000)}`,
    "session",
  ];
  for (const value of [null, "", ...values]) assert.equal(cookie().read(value), undefined, value!);
});

Deno.test("SealedCookie finds its own among cookies of the same name", () => {
  const set = pair(cookie().set(CONTENT, 60, false));
  assert.ok(cookie().read(`session=junk; session=; ${set}`));
});

Deno.test("K3: SealedCookie reads what a former secret sealed, not what a strange one did", () => {
  const set = pair(cookie().set(CONTENT, 60, false));
  const newer = "another secret of 32 characters!";
  assert.ok(cookie("session", [newer, KEY]).read(set));
  assert.equal(cookie("session", [newer]).read(set), undefined);
});
