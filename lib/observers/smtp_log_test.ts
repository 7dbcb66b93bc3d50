import assert from "node:assert/strict";
import { Reply, type SmtpEvent, UpstreamReply } from "../../smtp/mod.ts";
import { generateAppPassword } from "../accounts/app_passwords.ts";
import { LineDigest } from "../log/digest.ts";
import { configureLogging, getLogger } from "../log/log.ts";
import { smtpLog } from "./smtp_log.ts";
import { ManualClock } from "../testing/manual_clock.ts";
import { delivery, SOME_ACCOUNT, SOME_CLIENT } from "../testing/smtp_events.ts";

/** The lines that events become, without their time. */
function lines(...events: SmtpEvent[]): string[] {
  const written: string[] = [];
  const write = (line: string) => written.push(line.replace(/^\S+ /, ""));
  configureLogging({ format: "text", level: "debug", write });
  try {
    const log = getLogger("smtp");
    events.forEach(smtpLog(log, new LineDigest(log, new ManualClock(0), 1)));
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
  const reply = new UpstreamReply(
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

const LEFT = {
  type: "disconnected",
  client: SOME_CLIENT,
  durationMs: 5,
  messageCount: 0,
  greeted: true,
} as const;

Deno.test("smtpLog() tells of a client that has greeted without a name, and left", () => {
  const [line = ""] = lines({ ...LEFT, client: { ...SOME_CLIENT, helo: "" } });
  assert.match(
    line,
    /^INFO +client left without a login session=\S+ client=192\.0\.2\.7 tls=true /,
  );
});

Deno.test("smtpLog() names the mechanism that a client wanted and that is not offered", () => {
  const reply = new Reply(504, "5.5.4", "Authentication mechanism not offered");
  const cause = new Error("mechanism not offered: the client asked for CRAM-MD5");
  const [, line = ""] = lines(
    { type: "command-refused", client: SOME_CLIENT, reply, cause },
    LEFT,
  );
  assert.match(line, /refusal="504 .*cause="mechanism not offered: the client asked for CRAM-MD5"/);
});

Deno.test("smtpLog() tells once of a client that left without a login, with its last refusal", () => {
  const client = SOME_CLIENT;
  const written = lines(
    { type: "command-refused", client, reply: new Reply(503, "5.5.1", "Wrong order") },
    { type: "command-refused", client, reply: new Reply(504, "5.5.4", "Mechanism not offered") },
    LEFT,
  ).filter((line) => line.startsWith("INFO"));
  assert.equal(written.length, 1);
  assert.match(
    written[0]!,
    /client left without a login session=5f3c0a1b client=192.0.2.7 helo=client.example tls=true .*refusal="504 5\.5\.4 Mechanism not offered"/,
  );
});

Deno.test("smtpLog() tells why a client was refused, such as for TLS on a plain port", () => {
  const client = { ...SOME_CLIENT, helo: "" };
  const reply = new Reply(421, "4.7.0", "This is an SMTP server");
  const cause = new Error("the client begins with TLS, but this port does not");
  const [, line = ""] = lines({ type: "command-refused", client, reply, cause }, {
    ...LEFT,
    greeted: false,
    client,
  });
  assert.match(
    line,
    /^INFO +client left without a login .*refusal="421 .* cause="the client begins with TLS/,
  );
});

Deno.test("smtpLog() is quiet about clients that logged in, and about health checks", () => {
  const client = SOME_CLIENT;
  const written = lines(
    { type: "login", client, username: "anna", account: SOME_ACCOUNT, durationMs: 1 },
    { type: "command-refused", client, reply: new Reply(550, "5.1.1", "No such user") },
    LEFT,
    {
      ...LEFT,
      greeted: false,
      client: { ...client, sessionId: "check", helo: "" },
      cause: new Error("reset"),
    },
  );
  assert.equal(written.filter((line) => /without a login/.test(line)).length, 0);
  assert.equal(written.filter((line) => /^DEBUG +client disconnected/.test(line)).length, 2);
});

Deno.test("smtpLog() explains a failed TLS handshake, on every kind of port", () => {
  const cause = (code: string) => Object.assign(new Error("received fatal alert"), { code });
  const plain = cause("ERR_SSL_WRONG_VERSION_NUMBER");
  const untrusted = cause("ERR_SSL_TLSV1_ALERT_UNKNOWN_CA");
  const [tls = "", startTls = "", other = ""] = lines(
    { type: "rejected", address: "192.0.2.1", reason: "no TLS", cause: plain },
    { ...LEFT, greeted: false, cause: untrusted },
    { ...LEFT, greeted: false, cause: cause("ERR_SSL_SOMETHING") },
  );
  assert.match(tls, /^INFO +client turned away .*hint="the client speaks no TLS/);
  assert.match(startTls, /^INFO +client left without a login .*hint="the client does not trust/);
  assert.match(other, /^INFO +client left without a login .*hint="the TLS handshake failed"/);
});

Deno.test("smtpLog() says what was refused before the message", () => {
  const reply = new Reply(550, "5.1.1", "No such user");
  const refused = [{ forwardPath: "bob@example.org", reply }];
  const changes = { outcome: "refused", recipients: [], refused, reply } as const;
  const [rcpt = "", mail = ""] = lines(
    delivery({ ...changes, stage: "rcpt" }),
    delivery({ ...changes, stage: "mail", refused: [] }),
  );
  assert.match(rcpt, /^WARNING recipient refused, .* recipients=0 refused=1 .*reply="550 5\.1\.1/);
  assert.match(mail, /^WARNING sender refused .*reply="550 5\.1\.1/);
});

Deno.test("smtpLog() warns when the submission server refuses an account, with the remedy", () => {
  const refusal = new Reply(
    535,
    "5.7.139",
    "SmtpClientAuthentication is disabled for the Mailbox.",
  );
  const [refused = "", accepted = ""] = lines(
    { type: "upstream-sign-in", account: SOME_ACCOUNT, refusal },
    { type: "upstream-sign-in", account: SOME_ACCOUNT },
  );
  assert.match(
    refused,
    /^WARNING submission server refuses account account=a1 mailbox=anna@example.com reply="535 .* hint="Sending by SMTP is switched off for this mailbox\. An administrator/,
  );
  assert.match(accepted, /^DEBUG /);
});

Deno.test("S23: smtpLog() does not write a line for each failed login, turned-away or lost client, or refused message of a flood", () => {
  const client = { ...SOME_CLIENT, helo: "h".repeat(500) };
  const username = "x".repeat(255);
  const written = lines(
    ...Array(300).fill([
      { type: "login", client, username, failure: "throttled", durationMs: 1 },
      { type: "rejected", address: client.address, reason: "too many connections" },
      { type: "rejected", address: client.address, reason: "no TLS", cause: new Error("alert") },
      { ...LEFT, client },
      delivery({ outcome: "refused", reply: new Reply(550, "5.5.2", "The message has a bare CR") }),
    ]).flat(),
  );
  assert.equal(written.length, 5);
  for (const line of written) assert.ok(line.length < 600, line);
  assert.match(written[0]!, /username="x{64}… \(255\)"/);
});
