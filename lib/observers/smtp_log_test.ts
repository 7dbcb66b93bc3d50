import assert from "node:assert/strict";
import type { SmtpEvent } from "../../smtp/backend.ts";
import { Reply } from "../../smtp/reply.ts";
import { generateAppPassword } from "../accounts/app_passwords.ts";
import { configureLogging, getLogger } from "../log/log.ts";
import { smtpLog } from "./smtp_log.ts";
import { delivery, SOME_ACCOUNT, SOME_CLIENT } from "../testing/smtp_events.ts";

/** The lines that events become, without their time. */
function lines(...events: SmtpEvent[]): string[] {
  const written: string[] = [];
  const write = (line: string) => written.push(line.replace(/^\S+ /, ""));
  configureLogging({ format: "text", level: "debug", write });
  try {
    events.forEach(smtpLog(getLogger("smtp")));
  } finally {
    configureLogging({ format: "text", level: "error", write: () => {} });
  }
  return written;
}

Deno.test("smtpLog() writes one summary line for a delivery, with reply and queue id", () => {
  assert.deepEqual(lines(delivery()), [
    "INFO    message accepted session=5f3c0a1b client=192.0.2.7 account=a1 mailbox=anna@example.com outcome=accepted " +
    "from=anna@example.com recipients=3 octets=4096 durationMs=322 " +
    'reply="250 2.0.0 OK <q1@X.PROD.OUTLOOK.COM> [Hostname=X.PROD.OUTLOOK.COM]" queueId=q1@X.PROD.OUTLOOK.COM',
  ]);
});

Deno.test("smtpLog() warns of a message that was refused, with the cause and a hint", () => {
  const reply = new Reply(
    554,
    "5.2.252",
    "SendAsDenied; anna@example.com not allowed to send as x",
  );
  const [line = ""] = lines(delivery({ outcome: "refused", reply, cause: new Error("why") }));
  assert.match(
    line,
    /^WARNING message refused .*reply="554 5\.2\.252 SendAsDenied.* cause=why hint="/,
  );
});

Deno.test("smtpLog() puts the session's id into every line of a connection", () => {
  const client = SOME_CLIENT;
  const written = lines(
    { type: "connected", client, port: 587 },
    { type: "login", client, username: "anna", account: SOME_ACCOUNT, durationMs: 1.2 },
    { type: "command-refused", client, reply: new Reply(503, "5.5.1", "Wrong order") },
    delivery(),
    { type: "disconnected", client, durationMs: 5, messageCount: 1 },
  );
  assert.equal(written.length, 5);
  for (const line of written) assert.match(line, / session=5f3c0a1b/);
});

Deno.test("K1: smtpLog() hides an app password that was entered as the user name", () => {
  const username = generateAppPassword();
  const [line = ""] = lines({
    type: "login",
    client: SOME_CLIENT,
    username,
    failure: "invalid",
    durationMs: 1,
  });
  assert.ok(!line.includes(username));
  assert.match(line, / username=\[secret\] failure=invalid /);
});

Deno.test("smtpLog() tells what to do about a failed login", () => {
  const [line = ""] = lines({
    type: "login",
    client: SOME_CLIENT,
    username: "anna",
    failure: "invalid",
    durationMs: 1,
  });
  assert.match(
    line,
    /^WARNING login failed .*username=anna failure=invalid .*hint=".*app password/,
  );
});

Deno.test("smtpLog() names the machine behind a failure", () => {
  const target = SOME_ACCOUNT.target;
  const cause = new Error("refused");
  const [insecure = "", closed = "", listener = "", rejected = ""] = lines(
    { type: "upstream-failure", target, fault: "insecure", cause },
    { type: "upstream-failure", target, fault: "closed", cause },
    { type: "listener-failure", address: "0.0.0.0:587", cause },
    { type: "rejected", address: "192.0.2.1", reason: "no TLS", cause },
  );
  assert.match(
    insecure,
    /^ERROR {3}submission server failed server=smtp.example:587 fault=insecure cause=refused/,
  );
  assert.match(closed, /^WARNING submission server failed .*fault=closed/);
  assert.match(listener, /^ERROR {3}cannot accept connections address=0.0.0.0:587/);
  assert.match(
    rejected,
    /^INFO {4}client turned away client=192.0.2.1 reason="no TLS" cause=refused/,
  );
});

Deno.test("S22: smtpLog() escapes what a client has sent", () => {
  const [line = ""] = lines({
    type: "login",
    client: SOME_CLIENT,
    username: "a\r\nERROR \x1b[31mb",
    failure: "invalid",
    durationMs: 1,
  });
  assert.doesNotMatch(line, /\p{Cc}/u);
});
