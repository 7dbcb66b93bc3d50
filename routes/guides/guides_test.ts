import assert from "node:assert/strict";
import { ACCOUNT, PagesFixture } from "../(_components)/testing/pages_fixture.ts";

Deno.test("guides are filled in with the reader's values", async () => {
  const fixture = new PagesFixture();
  assert.match(await fixture.getPage("/guides"), /href="\/guides\/gmail"/);
  const html = await fixture.getPage("/guides/thunderbird");
  assert.match(html, /smtp\.site\.example.*587.*STARTTLS.*me@example\.com/s);
});

Deno.test("guides are there for visitors, with an example address", async () => {
  const html = await new PagesFixture().getPage("/guides/printer", "");
  assert.match(html, /you@outlook\.com/);
  assert.match(html, /Sign in to see your own values/);
});

Deno.test("an unknown guide is 404, and one without a suitable port says so", async () => {
  const fixture = new PagesFixture();
  assert.equal((await fixture.get("/guides/unknown")).status, 404);
  fixture.smtp.publicStartTlsPorts.length = 0;
  fixture.smtp.publicTlsPorts.length = 0;
  fixture.smtp.ports.plain.push(25);
  assert.match(await fixture.getPage("/guides/gmail"), /No port of this server suits/);
});

Deno.test("the profile for Apple Mail is private", async () => {
  const fixture = new PagesFixture();
  const path = "/guides/apple-mail/profile.mobileconfig";
  assert.equal((await fixture.get(path, "")).status, 303);
  const response = await fixture.get(path);
  assert.equal(response.headers.get("content-type"), "application/x-apple-aspen-config");
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.match(await response.text(), /me@example\.com/);
});

Deno.test("Thunderbird finds its configuration at both addresses", async () => {
  const fixture = new PagesFixture();
  for (const path of ["/.well-known/autoconfig/mail", "/mail"]) {
    const response = await fixture.get(`${path}/config-v1.1.xml?emailaddress=a%40example.com`, "");
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^text\/xml/);
    assert.match(await response.text(), /<hostname>smtp\.site\.example</);
  }
});

Deno.test("a guide begins with the creation of its app password, for those who are signed in", async () => {
  const fixture = new PagesFixture();
  const html = await fixture.getPage("/guides/msmtp");
  assert.match(html, /has to be installed: <code>sudo apt install msmtp msmtp-mta<\/code>/);
  assert.match(html, /name="name" value="msmtp".*name="guide" value="msmtp"/s);
  assert.match(html, /<span>~\/\.msmtprc<\/span>/);
  assert.doesNotMatch(await fixture.getPage("/guides/msmtp", ""), /name="guide"/);
});

Deno.test("guides show alternatives as such, and another user name that works", async () => {
  const fixture = new PagesFixture();
  fixture.account = { ...ACCOUNT, signInName: "u4711@example.com" };
  const html = await fixture.getPage("/guides/apple-mail");
  assert.match(html, /class="alternatives".*On a Mac:.*On an iPhone or iPad:/s);
  assert.match(html, /As the user name, <code>u4711@example\.com<\/code> works as well/);
});

Deno.test("the guide for Gmail warns of a port that Gmail does not connect to", async () => {
  const fixture = new PagesFixture();
  assert.doesNotMatch(await fixture.getPage("/guides/gmail"), /cannot reach port/);
  fixture.smtp.publicTlsPorts[0] = 2465;
  assert.match(await fixture.getPage("/guides/gmail"), /cannot reach port 2465/);
});
