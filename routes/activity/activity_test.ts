import assert from "node:assert/strict";
import {
  ACCOUNT,
  appPasswordOf,
  deliveryOf,
  NOW_MS,
  PagesFixture,
} from "../(_components)/testing/pages_fixture.ts";

Deno.test("GET /activity shows deliveries with all that is known of them", async () => {
  const fixture = new PagesFixture();
  fixture.deliveries.push(deliveryOf(1, { recipients: "@a.example, @b.example" }));
  const html = await fixture.getPage("/activity");
  assert.match(html, /Accepted.*me@example\.com.*2 people at a\.example, b\.example/s);
  for (const text of ["printer", "192.0.2.7", "12.3 kB", "840 ms", "250 2.0.0 OK", "id@host"]) {
    assert.ok(html.includes(text), text);
  }
  assert.match(html, /for 30 days/);
});

const DENIED = "554 5.2.252 SendAsDenied; me not allowed";

Deno.test("GET /activity shows refused logins, and transactions that were refused early", async () => {
  const fixture = new PagesFixture();
  fixture.deliveries.push(
    deliveryOf(3, {
      stage: "auth",
      outcome: "refused",
      attempts: 7,
      reply: "535 5.7.8 Text",
      cause: "sign-in:AADSTS50173 (invalid_grant): The grant has expired.",
    }),
    deliveryOf(2, {
      stage: "mail",
      outcome: "refused",
      recipientCount: 0,
      reply: "550 5.7.1 Text",
      cause: "proxy:550 5.7.1",
    }),
    deliveryOf(1, { outcome: "refused", reply: "550 5.1.8 Looks like Microsoft's" }),
  );
  const html = await fixture.getPage("/activity");
  assert.match(html, /Login from 192\.0\.2\.7.*Attempts.*7.*The sign-in was revoked/s);
  assert.match(html, /Microsoft says: “The grant has expired\.”/);
  assert.match(html, /This app password may not use that sender/);
  assert.doesNotMatch(html, /blocked the mailbox/, "a text alone is never explained");
});

Deno.test("GET /activity explains what was not accepted", async () => {
  const fixture = new PagesFixture();
  fixture.deliveries.push(
    deliveryOf(2, { outcome: "refused", reply: DENIED, cause: `upstream:${DENIED}` }),
    deliveryOf(1, { outcome: "abandoned", reply: undefined, appPasswordName: undefined }),
  );
  const html = await fixture.getPage("/activity");
  assert.match(html, /The sender is not yours/);
  assert.doesNotMatch(html, /administrator|Add-RecipientPermission/);
  assert.match(html, /The device disconnected/);
  assert.match(html, /\(revoked\)/);
});

Deno.test("GET /activity tells the owner of a work account what an administrator can do", async () => {
  const fixture = new PagesFixture();
  fixture.account = { ...ACCOUNT, tenantId: "22222222-2222-4222-8222-222222222222" };
  fixture.deliveries.push(
    deliveryOf(1, { outcome: "refused", reply: DENIED, cause: `upstream:${DENIED}` }),
  );
  const html = await fixture.getPage("/activity");
  assert.match(html, /The sender is not yours.*Add-RecipientPermission.*me@example\.com/s);
});

Deno.test("GET /activity shows refused logins, and what was refused before a message", async () => {
  const fixture = new PagesFixture();
  fixture.deliveries.push(
    deliveryOf(3, {
      ...{ stage: "auth", outcome: "refused", attempts: 7, sender: "", appPasswordName: undefined },
      ...{ recipientCount: 0, reply: "535 5.7.8 Authentication failed: use an app password" },
    }),
    deliveryOf(2, {
      ...{ stage: "rcpt", outcome: "refused", recipientCount: 0, refusedCount: 3 },
      ...{ reply: "550 5.1.1 No such user" },
    }),
    deliveryOf(1, { refusedCount: 1, refusedReply: "450 4.2.1 Mailbox busy" }),
  );
  const html = await fixture.getPage("/activity");
  assert.match(html, /Login from 192\.0\.2\.7.*Attempts.*7.*535 5\.7\.8/s);
  assert.match(html, /3 recipients.*550 5\.1\.1 No such user/s);
  assert.match(html, /Refused recipients.*1.*Refused with.*450 4\.2\.1 Mailbox busy/s);
});

Deno.test("GET /activity shows nobody else's deliveries", async () => {
  const fixture = new PagesFixture();
  fixture.deliveries.push(deliveryOf(1, { accountId: "account-2", sender: "other@example.com" }));
  const html = await fixture.getPage("/activity");
  assert.doesNotMatch(html, /other@example\.com/);
  assert.match(html, /Nothing has been sent yet/);
});

Deno.test("GET /activity searches, filters and pages", async () => {
  const fixture = new PagesFixture();
  for (let id = 60; id > 0; id--) {
    const outcome = id === 30 ? "refused" : "accepted";
    fixture.deliveries.push(deliveryOf(id, { outcome, sender: `sender-${id}@example.com` }));
  }
  const first = await fixture.getPage("/activity");
  assert.match(first, /sender-60@.*sender-11@/s);
  assert.doesNotMatch(first, /sender-10@/);
  assert.match(first, /href="\/activity\?before=11">Older/);
  const second = await fixture.getPage("/activity?before=11");
  assert.match(second, /sender-10@.*sender-1@/s);
  assert.match(second, /href="\/activity">Newest/);
  assert.doesNotMatch(second, /\/activity\/events|Older</);
  const refused = await fixture.getPage("/activity?outcome=refused&search=sender-3");
  assert.match(refused, /sender-30@/);
  assert.doesNotMatch(refused, /sender-31@/);
  assert.match(refused, /events\?search=sender-3&(amp;)?outcome=refused&(amp;)?after=30/);
  const odd = await fixture.getPage("/activity?outcome=__proto__&before=x&search=%3Cb%3E");
  assert.match(odd, /Nothing matches this search.*/s);
  assert.doesNotMatch(odd, /<b>/);
});

Deno.test("GET /activity/events streams what is newer than the page, with all headers", async () => {
  const fixture = new PagesFixture();
  fixture.deliveries.push(deliveryOf(2), deliveryOf(1));
  const response = await fixture.get("/activity/events?after=1");
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.match(response.headers.get("cache-control") ?? "", /no-store/);
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  const reader = response.body!.getReader();
  const read = async () => new TextDecoder().decode((await reader.read()).value);
  assert.equal(await read(), ": hello\n\n");
  const next = read();
  await fixture.clock.advance(1000);
  const event = await next;
  assert.match(event, /^id: 2\ndata: \[\{"id":2,/);
  assert.equal(event.split("\n").length, 4, "one event");
  assert.equal(fixture.live.streamCount, 1);
  await reader.cancel();
  assert.equal(fixture.live.streamCount, 0);
});

Deno.test("GET /activity/events goes on after Last-Event-ID, and refuses too many windows", async () => {
  const fixture = new PagesFixture();
  fixture.deliveries.push(deliveryOf(2));
  const again = await fixture.get("/activity/events?after=1", "session=good", {
    "last-event-id": "2",
  });
  await fixture.clock.advance(1000);
  fixture.live.close();
  assert.equal(await again.text(), ": hello\n\n");
  const statuses: number[] = [];
  for (let count = 0; count < 7; count++) {
    statuses.push((await fixture.get("/activity/events")).status);
  }
  fixture.live.close();
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 200, 429]);
});

Deno.test("/activity and its events need a sign-in", async () => {
  const fixture = new PagesFixture();
  for (const path of ["/activity?outcome=refused", "/activity/events"]) {
    const response = await fixture.get(path, "");
    assert.equal(response.status, 303);
  }
});

Deno.test("the activity page shows the senders that were rewritten", async () => {
  const fixture = new PagesFixture();
  const originals = { originalSender: "s@device.local", originalFrom: "Scanner <f@device.local>" };
  fixture.deliveries.push(deliveryOf(1, originals));
  const html = await fixture.getPage("/activity");
  assert.match(html, /From rewritten.*original: Scanner &lt;f@device\.local/s);
  assert.match(html, /Sender rewritten.*original: s@device\.local/s);
});

Deno.test("GET /activity names people whose addresses are not kept, and test mails", async () => {
  const fixture = new PagesFixture();
  fixture.deliveries.push(
    deliveryOf(2, { recipients: "@outlook.example", recipientCount: 1 }),
    deliveryOf(1, { appPasswordId: "test-mail-1", appPasswordName: undefined }),
  );
  const html = await fixture.getPage("/activity");
  assert.match(html, /someone at outlook\.example.*Sent by.*the test mail of your account page/s);
  assert.doesNotMatch(html, /\(revoked\)/);
});

Deno.test("GET /activity explains every kind of failure", async () => {
  for (const outcome of ["refused", "deferred", "unknown", "abandoned"] as const) {
    const fixture = new PagesFixture();
    fixture.deliveries.push(deliveryOf(1, { outcome, reply: "599 9.9.9 Never heard of" }));
    assert.match(await fixture.getPage("/activity"), /class="delivery-explanation"/, outcome);
  }
});

const DAY = "2025-12-31";

Deno.test("GET /activity selects by device, by day and by refused logins", async () => {
  const fixture = new PagesFixture();
  fixture.passwords.push(appPasswordOf(ACCOUNT.id, "printer"));
  const atMs = Date.parse(`${DAY}T23:59Z`);
  const login = { stage: "auth", appPasswordId: "", outcome: "refused" } as const;
  fixture.deliveries.push(
    deliveryOf(3, { ...login, atMs, clientAddress: "192.0.2.99" }),
    deliveryOf(2, { atMs, queueId: "by-printer" }),
    deliveryOf(1, { atMs, queueId: "by-camera", appPasswordId: "id-of-camera" }),
  );
  const shown = async (query: string) => {
    const html = await fixture.getPage(`/activity?${query}`);
    return ["192.0.2.99", "by-printer", "by-camera"].filter((text) => html.includes(text));
  };
  assert.deepEqual(await shown("device=id-of-printer"), ["by-printer"]);
  assert.deepEqual(await shown("device=refused-logins"), ["192.0.2.99"]);
  assert.deepEqual(await shown(`from=${DAY}&to=${DAY}&device=id-of-camera`), ["by-camera"]);
  assert.deepEqual(await shown("from=2026-01-01"), []);
  assert.deepEqual(await shown("to=2025-12-30"), []);
  assert.equal((await shown("from=yesterday&to=2025-99-99&device=<x>")).length, 3);
  const html = await fixture.getPage("/activity?device=id-of-printer");
  assert.match(html, /<option(?=[^>]*selected)[^>]*value="id-of-printer"/);
});

Deno.test("GET /activity/export.csv has what the search selects, and no formula", async () => {
  const fixture = new PagesFixture();
  fixture.deliveries.push(
    deliveryOf(2, { sender: '=cmd|"x"', queueId: "a,b" }),
    deliveryOf(1, { outcome: "refused" }),
  );
  const response = await fixture.get("/activity/export.csv?outcome=accepted");
  assert.match(response.headers.get("content-type") ?? "", /^text\/csv/);
  assert.match(response.headers.get("content-disposition") ?? "", /activity\.csv/);
  const lines = (await response.text()).split("\r\n");
  assert.equal(lines.length, 3);
  assert.match(lines[0] ?? "", /^time,outcome,stage,app password,/);
  assert.match(lines[1] ?? "", /,"'=cmd\|""x""",.*,"a,b"$/);
  const page = await fixture.getPage("/activity?outcome=accepted");
  assert.match(page, /href="\/activity\/export\.csv\?outcome=accepted"/);
});

Deno.test("GET /activity has a chart of one's own messages a day, when nothing is searched", async () => {
  const fixture = new PagesFixture();
  fixture.deliveries.push(deliveryOf(1, { atMs: NOW_MS }));
  assert.match(await fixture.getPage("/activity"), /2026-01-01: 1 accepted, 0 not accepted/);
  assert.doesNotMatch(await fixture.getPage("/activity?search=x"), /class="chart"/);
});
