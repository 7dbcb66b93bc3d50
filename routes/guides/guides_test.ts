import assert from "node:assert/strict";
import { World } from "../(_components)/testing/world.ts";

Deno.test("guides are filled in with the reader's values", async () => {
  const world = new World();
  assert.match(await world.getPage("/guides"), /href="\/guides\/gmail"/);
  const html = await world.getPage("/guides/thunderbird");
  assert.match(html, /smtp\.site\.example.*587.*STARTTLS.*me@example\.com/s);
});

Deno.test("guides are there for visitors, with an example address", async () => {
  const html = await new World().getPage("/guides/printer", "");
  assert.match(html, /you@outlook\.com/);
  assert.match(html, /Sign in to see your own values/);
});

Deno.test("an unknown guide is 404, and one without a suitable port says so", async () => {
  const world = new World();
  assert.equal((await world.get("/guides/unknown")).status, 404);
  world.smtp.publicStartTlsPorts.length = 0;
  world.smtp.publicTlsPorts.length = 0;
  world.smtp.ports.plain.push(25);
  assert.match(await world.getPage("/guides/gmail"), /No port of this server suits/);
});

Deno.test("the profile for Apple Mail is private", async () => {
  const world = new World();
  const path = "/guides/apple-mail/profile.mobileconfig";
  assert.equal((await world.get(path, "")).status, 303);
  const response = await world.get(path);
  assert.equal(response.headers.get("content-type"), "application/x-apple-aspen-config");
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.match(await response.text(), /me@example\.com/);
});

Deno.test("Thunderbird finds its configuration at both addresses", async () => {
  const world = new World();
  for (const path of ["/.well-known/autoconfig/mail", "/mail"]) {
    const response = await world.get(`${path}/config-v1.1.xml?emailaddress=a%40example.com`, "");
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^text\/xml/);
    assert.match(await response.text(), /<hostname>smtp\.site\.example</);
  }
});
