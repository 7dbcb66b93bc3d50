import assert from "node:assert/strict";
import { Directory } from "../directory.ts";
import { person } from "../people.ts";
import { MessageStore } from "../submission/message_store.ts";
import { Troubles } from "../troubles/troubles.ts";
import { WebPages } from "./web_pages.tsx";

const NORA = "nora@outlook.example";
const CONTENT =
  "Subject: =?utf-8?q?caf=C3=A9?=\r\nX-Odd: <b>bold</b>\r\n\r\n<script>alert(1)</script>\r\n";

/** The pages, started, with one message and no trouble. */
class WebPagesFixture implements AsyncDisposable {
  readonly store = new MessageStore(1_000_000);
  readonly directory = new Directory();
  readonly troubles = new Troubles(this.directory);
  readonly submissionServer = { store: this.store, refusalDelayMs: 0 };
  readonly pages = WebPages.start(this);

  constructor() {
    this.addMessage(CONTENT);
  }

  addMessage(content: string, recipients = ["a@example.com"]): void {
    this.store.add({
      receivedAt: new Date(),
      mailbox: NORA,
      username: NORA,
      sender: { address: NORA, parameters: { SIZE: "100", SMTPUTF8: true } },
      recipients: recipients.map((address) => ({ address, parameters: {} })),
      command: "DATA",
      content: new TextEncoder().encode(content),
    });
  }

  async text(path: string, expectedStatus = 200): Promise<string> {
    const response = await fetch(this.pages.url + path);
    assert.equal(response.status, expectedStatus);
    return await response.text();
  }

  /** Submits a form of the panel. @returns the page that comes then. */
  async submit(fields: Record<string, string>): Promise<string> {
    const response = await fetch(this.pages.panelUrl, {
      method: "POST",
      body: new URLSearchParams(fields),
    });
    assert.equal(response.status, 200);
    return await response.text();
  }

  /** A request to the JSON endpoint. */
  async json(method: string, body?: unknown): Promise<Response> {
    return await fetch(`${this.pages.url}api/troubles`, { method, body: JSON.stringify(body) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pages[Symbol.asyncDispose]();
  }
}

Deno.test("the list shows messages by their subjects, the newest first", async () => {
  await using fixture = new WebPagesFixture();
  fixture.addMessage("From: a@b.example\r\n\r\ntext\r\n", ["a@example.com", "b@example.com"]);
  const text = await fixture.text("");
  assert.match(
    text,
    /href="\/messages\/2">\(no subject\)<.*a@example\.com and 1 more.*href="\/messages\/1">café</,
  );
  assert.match(text, /<th scope="col">Subject<\/th>/);
  assert.match(text, /2 messages have arrived\./);
});

Deno.test("a message's page shows envelope, decoded header, text and escaped source", async () => {
  await using fixture = new WebPagesFixture();
  const text = await fixture.text("messages/1");
  assert.match(text, /<h1>café<\/h1>/);
  assert.match(text, /&lt;nora@outlook\.example> SIZE=100 SMTPUTF8/);
  assert.match(text, /&lt;script>alert/);
  assert.doesNotMatch(text, /<script|<b>/);
});

Deno.test("the list hears of each message, also of those since it was rendered", async () => {
  await using fixture = new WebPagesFixture();
  const [, events = ""] = /data-events="\/([^"]+)"/.exec(await fixture.text("")) ?? [];
  assert.equal(events, "events?after=1");
  fixture.addMessage(CONTENT);
  const response = await fetch(fixture.pages.url + events);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let heard = "";
  const hear = async (text: string) => {
    while (!heard.includes(text)) heard += (await reader.read()).value;
  };
  await hear("data: 2\n\n");
  fixture.addMessage(CONTENT);
  await hear("data: 3\n\n");
  await fixture.pages[Symbol.asyncDispose]();
  assert.ok((await reader.read()).done);
});

Deno.test("a message with HTML alone says where its text is", async () => {
  await using fixture = new WebPagesFixture();
  fixture.addMessage("Content-Type: text/html\r\n\r\n<p>Hello</p>\r\n");
  assert.match(await fixture.text("messages/2"), /The message has HTML only/);
});

Deno.test("a message's source can be downloaded as it is", async () => {
  await using fixture = new WebPagesFixture();
  assert.equal(await fixture.text("messages/1/source"), CONTENT);
});

Deno.test("a message that is not there gets 404", async () => {
  await using fixture = new WebPagesFixture();
  assert.match(await fixture.text("messages/2", 404), /No such message/);
});

Deno.test("the panel switches a trouble on and off, and says what it stands for", async () => {
  await using fixture = new WebPagesFixture();
  const fields = { for: `mailbox:${NORA}`, trouble: "smtp-auth-off-mailbox" };
  const before = await fixture.text(`troubles?for=${fields.for}`);
  assert.match(before, /SMTP AUTH off<\/strong><small>Sending by SMTP is not allowed/);
  assert.doesNotMatch(before, />on</);

  const on = await fixture.submit({ ...fields, switch: "on" });
  assert.match(on, /<span class="on">on<\/span>/);
  assert.ok(fixture.troubles.has({ mailbox: NORA }, "smtp-auth-off-mailbox"));

  const off = await fixture.submit({ ...fields, switch: "off" });
  assert.doesNotMatch(off, /<span class="on">/);
  assert.deepEqual(fixture.troubles.list, []);
});

Deno.test("the panel has switches for people, shared mailboxes, organisations and everyone", async () => {
  await using fixture = new WebPagesFixture();
  const { tenantId } = person("office@contoso.example");
  await fixture.submit({ for: `tenant:${tenantId}`, trouble: "tenant-blocked", switch: "on" });
  await fixture.submit({
    for: "mailbox:scanner@contoso.example",
    trouble: "mailbox-logon",
    switch: "on",
  });
  const text = await fixture.submit({
    for: "everyone",
    trouble: "token-endpoint-hangs",
    switch: "on",
  });
  assert.match(text, /For the organisation Contoso.*Organisation blocked for spam/);
  assert.deepEqual(fixture.troubles.list.map(({ id }) => id), [
    "tenant-blocked",
    "mailbox-logon",
    "token-endpoint-hangs",
  ]);
  await fixture.submit({ switch: "all-off" });
  assert.deepEqual(fixture.troubles.list, []);
});

Deno.test("a trouble that is switched on by the panel shows at once", async () => {
  await using fixture = new WebPagesFixture();
  const told: unknown[] = [];
  fixture.troubles.whenAtOnce((scope, { name }) => told.push([scope, name]));
  await fixture.submit({ for: `mailbox:${NORA}`, trouble: "AADSTS50173", switch: "on" });
  assert.deepEqual(told, [[{ mailbox: NORA }, "AADSTS50173"]]);
});

Deno.test("the panel lets refusals come late", async () => {
  await using fixture = new WebPagesFixture();
  const fields = { for: "everyone", trouble: "late-refusals" };
  await fixture.submit({ ...fields, switch: "on" });
  assert.equal(fixture.submissionServer.refusalDelayMs, 6_000);
  await fixture.submit({ ...fields, switch: "off" });
  assert.equal(fixture.submissionServer.refusalDelayMs, 0);
});

Deno.test("another site cannot move the switches", async () => {
  await using fixture = new WebPagesFixture();
  const response = await fetch(fixture.pages.panelUrl, {
    method: "POST",
    headers: { origin: "https://evil.example" },
    body: new URLSearchParams({ switch: "all-off" }),
  });
  assert.equal(response.status, 403);
  await response.body?.cancel();
});

Deno.test("the JSON endpoint tells, switches on and switches off", async () => {
  await using fixture = new WebPagesFixture();
  const scope = { mailbox: NORA };
  const on = await fixture.json("POST", {
    scope,
    id: "smtp-auth-off-mailbox",
    options: { times: 2, delayMs: 5 },
  });
  assert.equal(on.status, 204);
  const { active, known } = await (await fixture.json("GET")).json();
  assert.equal(active.length, 1);
  assert.equal(active[0].id, "smtp-auth-off-mailbox");
  assert.equal(active[0].timesLeft, 2);
  assert.match(known.AADSTS53003.meaning, /Conditional Access/);
  assert.equal((await fixture.json("DELETE", { scope })).status, 204);
  assert.deepEqual(fixture.troubles.list, []);
});

Deno.test("the JSON endpoint says what is wrong with a request", async () => {
  await using fixture = new WebPagesFixture();
  const scope = "everyone";
  for (
    const [body, error] of [
      [undefined, /JSON object/],
      [{ id: "mailbox-full" }, /scope/],
      [{ scope: { person: "x" }, id: "mailbox-full" }, /scope/],
      [{ scope, id: "no-such-trouble" }, /no such trouble/],
      [{ scope, id: "mailbox-full", options: { stages: "auth" } }, /stages/],
    ] as const
  ) {
    const response = await fixture.json("POST", body);
    assert.equal(response.status, 400);
    assert.match((await response.json()).error, error);
  }
});
