import assert from "node:assert/strict";
import { MailboxPage } from "./mailbox_page.tsx";
import { MessageStore } from "./message_store.ts";

const CONTENT =
  "Subject: =?utf-8?q?caf=C3=A9?=\r\nX-Odd: <b>bold</b>\r\n\r\n<script>alert(1)</script>\r\n";

function storeWithMessage(): MessageStore {
  const store = new MessageStore(1_000_000);
  store.add({
    receivedAt: new Date(),
    mailbox: "nora@outlook.example",
    sender: { address: "nora@outlook.example", parameters: { SIZE: "100", SMTPUTF8: true } },
    recipients: [{ address: "a@example.com", parameters: {} }],
    command: "DATA",
    content: new TextEncoder().encode(CONTENT),
  });
  return store;
}

async function textOf(url: string, expectedStatus = 200): Promise<string> {
  const response = await fetch(url);
  assert.equal(response.status, expectedStatus);
  return await response.text();
}

Deno.test("MailboxPage lists messages", async () => {
  await using page = MailboxPage.start(storeWithMessage());
  const text = await textOf(page.url);
  assert.match(text, /nora@outlook\.example/);
  assert.match(text, /href="\/messages\/1"/);
});

Deno.test("MailboxPage shows envelope, decoded headers and escaped content", async () => {
  await using page = MailboxPage.start(storeWithMessage());
  const text = await textOf(`${page.url}messages/1`);
  assert.match(text, /&lt;nora@outlook\.example> SIZE=100 SMTPUTF8/);
  assert.match(text, /café/);
  assert.match(text, /&lt;script>alert/);
  assert.doesNotMatch(text, /<script|<b>/);
});

Deno.test("MailboxPage lets the source be downloaded as it is", async () => {
  await using page = MailboxPage.start(storeWithMessage());
  assert.equal(await textOf(`${page.url}messages/1/source`), CONTENT);
});

Deno.test("MailboxPage answers 404 for a message it has not", async () => {
  await using page = MailboxPage.start(storeWithMessage());
  assert.match(await textOf(`${page.url}messages/2`, 404), /No such message/);
});
