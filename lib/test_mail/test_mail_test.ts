import assert from "node:assert/strict";
import { ManualClock } from "../testing/manual_clock.ts";
import { settle } from "../testing/settle.ts";
import type { CreatedAppPassword } from "../accounts/accounts.ts";
import { InputError } from "../accounts/input.ts";
import type { Cause } from "../explain/mod.ts";
import type { AccountRecord } from "../store/store.ts";
import type { TestMailStep } from "./dialogue.ts";
import { TestMail } from "./test_mail.ts";
import { type Connection, ConnectionError } from "./connection.ts";

const PASSWORD = "2222-3333-4444-5555";
const ACCOUNT = { id: "account-1", email: "me@example.com", tenantId: "t" } as AccountRecord;
const SERVER = {
  host: "localhost",
  port: 587,
  encryption: "STARTTLS",
  publicHost: "mail.example.com",
  speaksProxy: false,
} as const;
const GOOD = ["220 mail.example.com", "250 hi", "220 go", "250 hi", "235 ok", "250 ok", "250 ok"];

/** A server that says these lines, in order, and then hangs up. */
class ScriptedConnection implements Connection {
  written = "";
  closed = false;
  readonly #lines: string[];
  #waiting: ((error: Error) => void) | undefined;

  constructor(lines: readonly string[], readonly silent = false) {
    this.#lines = [...lines];
  }

  readLine(): Promise<string> {
    const line = this.#lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (!this.silent) return Promise.reject(new ConnectionError("the server hung up"));
    return new Promise((_resolve, reject) => this.#waiting = reject);
  }

  write(text: string): void {
    this.written += text;
  }

  startTls() {
    return Promise.resolve({ protocol: "TLSv1.3" });
  }

  close(): void {
    this.closed = true;
    this.#waiting?.(new ConnectionError("it took too long"));
  }
}

function testMail(connection: Connection, cause?: Cause) {
  const clock = new ManualClock(0, settle);
  const passwords = new Set<string>();
  const mail = new TestMail({
    accounts: {
      createAppPassword: () => {
        passwords.add("id");
        return Promise.resolve(
          { appPassword: { id: "id" }, password: PASSWORD } as CreatedAppPassword,
        );
      },
      revokeAppPassword: (_accountId, id) => Promise.resolve(passwords.delete(id)),
    },
    servers: [SERVER],
    connect: () => connection,
    clock,
    refusals: { watch: () => ({ cause, [Symbol.dispose]() {} }) },
  });
  return { mail, passwords, clock };
}

function text(steps: readonly TestMailStep[]): string {
  return steps.map(({ kind, text }) => `${kind}: ${text}`).join("\n");
}

Deno.test("TestMail sends a mail and tells each step, without the password", async () => {
  const connection = new ScriptedConnection([...GOOD, "354 go", "250-a", "250 b", "221 bye"]);
  const { mail, passwords } = testMail(connection);
  const steps = await Array.fromAsync(mail.send(ACCOUNT));
  assert.equal(steps.at(-1)?.kind, "success");
  assert.match(
    text(steps),
    /client: AUTH PLAIN •+\nserver: 235 ok\nclient: MAIL FROM:<me@example\.com>/,
  );
  assert.match(text(steps), /The certificate is good for mail\.example\.com/);
  const secret = btoa(`\0me@example.com\0${PASSWORD}`);
  assert.ok(connection.written.includes(secret));
  assert.ok(!text(steps).includes(secret) && !text(steps).includes(PASSWORD));
  assert.match(connection.written, /\r\n\r\n.+\r\n\.\r\nQUIT\r\n$/s);
  assert.equal(passwords.size, 0);
  assert.ok(connection.closed);
});

Deno.test("TestMail explains a refusal and revokes its app password", async () => {
  const refusal = "535 5.7.3 Authentication unsuccessful";
  const { mail, passwords } = testMail(
    new ScriptedConnection([...GOOD.slice(0, 4), refusal]),
    `upstream:${refusal}`,
  );
  const last = (await Array.fromAsync(mail.send(ACCOUNT))).at(-1);
  assert.equal(last?.kind, "failure");
  assert.match(last.text, /Microsoft does not accept the sign-in for this mailbox/);
  assert.equal(passwords.size, 0);
});

Deno.test("TestMail explains our own replies by their cause, whatever they look like", async () => {
  const cases: [reply: string, cause: Cause, told: RegExp][] = [
    ["535 5.7.8 Text", "proxy:535 5.7.8", /The user name or the app password is wrong/],
    ["421 4.7.0 Text", "proxy:throttled", /Too many failed logins/],
    ["454 4.7.0 Text", "proxy:unreachable", /The submission server cannot be reached/],
    ["535 5.7.8 Text", "sign-in:AADSTS50173", /The sign-in was revoked/],
    ["535 5.7.8 Text", "upstream:550 5.1.8 Access denied", /Microsoft has blocked the mailbox/],
    ["550 5.7.1 Text", "proxy:550 5.7.1", /This app password may not use that sender/],
    ["552 5.3.4 Text", "proxy:552 5.3.4", /too large for the proxy/],
  ];
  for (const [reply, cause, told] of cases) {
    const { mail } = testMail(new ScriptedConnection([reply]), cause);
    assert.match((await Array.fromAsync(mail.send(ACCOUNT))).at(-1)?.text ?? "", told);
  }
});

Deno.test("TestMail passes on what a server says that nobody has explained", async () => {
  const { mail } = testMail(new ScriptedConnection(["554 5.3.2 Out of order"]));
  const last = (await Array.fromAsync(mail.send(ACCOUNT))).at(-1);
  assert.deepEqual(last, {
    kind: "failure",
    text: "The server said: 554 5.3.2 Out of order",
    transient: false,
  });
});

Deno.test("TestMail tells that something else than an SMTP server answers", async () => {
  const { mail } = testMail(new ScriptedConnection(["HTTP/1.1 400 Bad Request"]));
  const last = (await Array.fromAsync(mail.send(ACCOUNT))).at(-1);
  assert.deepEqual(last, {
    kind: "failure",
    text: "The server does not speak SMTP: not a reply: HTTP/1.1 400 Bad Request",
  });
});

Deno.test("TestMail tells that the connection broke", async () => {
  const { mail, passwords } = testMail(new ScriptedConnection(GOOD.slice(0, 2)));
  const last = (await Array.fromAsync(mail.send(ACCOUNT))).at(-1);
  assert.deepEqual(last, {
    kind: "failure",
    text: "The connection failed: the server hung up.",
  });
  assert.equal(passwords.size, 0);
});

Deno.test("TestMail gives up after a minute", async () => {
  const { mail, clock, passwords } = testMail(new ScriptedConnection([], true));
  const steps = Array.fromAsync(mail.send(ACCOUNT));
  await clock.advance(60_000);
  assert.match((await steps).at(-1)?.text ?? "", /too long/);
  assert.equal(passwords.size, 0);
});

Deno.test("TestMail revokes its app password when nobody wants to hear more", async () => {
  const { mail, passwords } = testMail(new ScriptedConnection(GOOD));
  for await (const step of mail.send(ACCOUNT)) {
    assert.equal(passwords.size, 1);
    if (step.kind === "server") break;
  }
  assert.equal(passwords.size, 0);
});

Deno.test("TestMail sends one mail of an account at a time", async () => {
  const { mail } = testMail(new ScriptedConnection([], true));
  const first = mail.send(ACCOUNT);
  await first.next();
  const [second] = await Array.fromAsync(mail.send(ACCOUNT));
  assert.equal(second?.kind, "failure");
  const [other] = await Array.fromAsync([
    (await mail.send({ ...ACCOUNT, id: "other" }).next()).value,
  ]);
  assert.equal(other?.kind, "note");
  await first.return();
  assert.equal((await mail.send(ACCOUNT).next()).value?.kind, "note");
});

Deno.test("TestMail sends to another recipient, over the chosen port", async () => {
  const connection = new ScriptedConnection([...GOOD, "354 go", "250 ok", "221 bye"]);
  const { mail } = testMail(connection);
  const choice = { recipient: "other@example.com", encryption: "STARTTLS" };
  const steps = await Array.fromAsync(mail.send(ACCOUNT, choice));
  assert.equal(steps.at(-1)?.kind, "success");
  assert.match(connection.written, /MAIL FROM:<me@example\.com>\r\nRCPT TO:<other@example\.com>/);
  assert.match(connection.written, /\r\nTo: <other@example\.com>\r\n/);
});

Deno.test("TestMail takes one plain address as the recipient", async () => {
  for (const recipient of ["a b@example.com", "a@b, c@d", "<a@b>", "a@b\r\nDATA", "nobody"]) {
    const { mail } = testMail(new ScriptedConnection(GOOD));
    await assert.rejects(Array.fromAsync(mail.send(ACCOUNT, { recipient })), InputError);
  }
});
