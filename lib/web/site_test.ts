import assert from "node:assert/strict";
import { HttpError } from "fresh";
import { addressMatcher } from "../../smtp/mod.ts";
import { clientOf, Site, siteOf } from "./site.ts";

const PROXY = "10.0.0.1";
const trustProxy = addressMatcher(["10.0.0.0/8"]);
const address = new URL("http://inside.example:3000/account?code=x");

function site(
  forwarded: Record<string, string>,
  peer: string | null = PROXY,
  publicUrl?: string,
) {
  const headers = new Headers(
    Object.entries(forwarded).map((
      [part, value],
    ): [string, string] => [`x-forwarded-${part}`, value]),
  );
  return siteOf(address, headers, peer ?? undefined, { trustProxy, publicUrl }).url("/auth").href;
}

Deno.test("siteOf() takes the address from Host when nothing else is trusted", () => {
  assert.equal(site({}), "http://inside.example:3000/auth");
  assert.equal(site({}, null), "http://inside.example:3000/auth");
});

Deno.test("siteOf() believes a trusted proxy", () => {
  assert.equal(site({ proto: "https" }), "https://inside.example:3000/auth");
  assert.equal(site({ proto: "https", host: "mail.example" }), "https://mail.example/auth");
  assert.equal(
    site({ proto: "https", host: "mail.example", port: "443" }),
    "https://mail.example/auth",
  );
  assert.equal(site({ host: "mail.example", port: "8080" }), "http://mail.example:8080/auth");
  assert.equal(site({ host: "mail.example:81", port: "8080" }), "http://mail.example:81/auth");
  assert.equal(
    site({ proto: "https, http", host: "a.example, b.example" }),
    "https://a.example/auth",
  );
  assert.equal(
    site({ proto: "HTTPS", host: "[2001:db8::1]:8443" }),
    "https://[2001:db8::1]:8443/auth",
  );
  for (const path of ["/smtp", "/smtp/"]) {
    assert.equal(site({ host: "a.example", path }), "http://a.example/smtp/auth");
  }
});

Deno.test("W2: siteOf() ignores X-Forwarded-* from anyone else", () => {
  const forged = { proto: "https", host: "evil.example", port: "1", path: "/evil" };
  assert.equal(site(forged, "192.0.2.1"), "http://inside.example:3000/auth");
  assert.equal(site(forged, null), "http://inside.example:3000/auth");
});

Deno.test("W2: siteOf() with PUBLIC_URL takes nothing from requests", () => {
  const publicUrl = "https://public.example/smtp";
  assert.equal(
    site({ host: "evil.example" }, PROXY, publicUrl),
    "https://public.example/smtp/auth",
  );
});

Deno.test("siteOf() refuses forwarded values that make no address", () => {
  const bad: Record<string, string>[] = [
    { proto: "javascript" },
    { host: "a.example/path" },
    { host: "user@a.example" },
    { port: "80x" },
    { path: "//evil.example" },
    { path: "/a b" },
  ];
  for (const forwarded of bad) {
    assert.throws(
      () => site(forwarded),
      (error) => error instanceof HttpError && error.status === 400,
    );
  }
});

Deno.test("Site puts the prefix before a path, and takes it off", () => {
  const site = new Site(new URL("https://a.example/smtp/"));
  assert.equal(site.path("/account"), "/smtp/account");
  assert.equal(site.localPath("/smtp/account"), "/account");
  assert.equal(site.localPath("/smtphost"), "/smtphost");
  assert.equal(new Site(new URL("https://a.example/")).localPath("/account"), "/account");
});

Deno.test("W2: clientOf() believes X-Forwarded-For of trusted proxies alone", () => {
  const site = { trustProxy: addressMatcher(["10.0.0.0/8"]) };
  const from = (peer: string, hops: string) =>
    clientOf(new Headers({ "x-forwarded-for": hops }), peer, site);
  assert.equal(from("192.0.2.1", "198.51.100.1"), "192.0.2.1");
  assert.equal(from("10.0.0.1", "198.51.100.1"), "198.51.100.1");
  assert.equal(from("10.0.0.1", "203.0.113.9, 198.51.100.1, 10.0.0.2"), "198.51.100.1");
  assert.equal(from("10.0.0.1", "nonsense"), "10.0.0.1");
  assert.equal(from("10.0.0.1", ""), "10.0.0.1");
});
