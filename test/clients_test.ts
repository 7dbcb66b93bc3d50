/**
 * Real mail clients send through the real program, on every kind of port.
 */
import assert from "node:assert/strict";
import { createTransport } from "nodemailer";
import type { SmtpLogin } from "../tools/smtp_client.ts";
import { requireProgram, run } from "./programs.ts";
import { NORA, Testbed } from "./testbed.ts";

const RECIPIENT = "someone@example.com";

let bed: Testbed;
let login: SmtpLogin;

Deno.test.beforeAll(async () => {
  bed = await Testbed.serving();
  login = await bed.signIn();
});
Deno.test.afterAll(async () => await bed[Symbol.asyncDispose]());

/** Asserts that a client's message has arrived: the newest, with a subject. */
function assertArrived(subject: string): void {
  const { mailbox, sender, recipients, content } = bed.simulation.submissionServer.store.last;
  assert.equal(mailbox, NORA);
  assert.equal(sender.address, NORA);
  assert.deepEqual(recipients.map(({ address }) => address), [RECIPIENT]);
  assert.match(new TextDecoder().decode(content), new RegExp(`^Subject: ${subject}\r$`, "m"));
}

const SWAKS_PORTS = [
  ["a plain port", "smtp", []],
  ["a TLS port", "tls", ["--tls-on-connect"]],
  ["a STARTTLS port", "startTls", ["--tls"]],
  ["an auto port by TLS", "autoTls", ["--tls-on-connect"]],
  ["an auto port by STARTTLS", "autoTls", ["--tls"]],
] as const;

Deno.test({
  name: "swaks sends to every kind of port, with AUTH PLAIN and AUTH LOGIN",
  // It reaches ports with TLS by a module of Perl's.
  ignore: requireProgram("swaks").ignore || requireProgram("perl", "-MNet::SSLeay", "-e1").ignore,
  async fn(test) {
    for (const [kind, port, options] of SWAKS_PORTS) {
      for (const mechanism of ["PLAIN", "LOGIN"]) {
        await test.step(`${kind}, ${mechanism}`, async () => {
          const subject = `swaks ${port} ${options.join("")} ${mechanism}`;
          const { code, output } = await run("swaks", [
            ...["--server", "localhost", "--port", `${bed.ports[port]}`, ...options],
            ...["--auth", mechanism],
            ...["--auth-user", login.username, "--auth-password", login.password],
            ...["--from", NORA, "--to", RECIPIENT, "--header", `Subject: ${subject}`],
          ]);
          assert.equal(code, 0, output);
          assertArrived(subject);
        });
      }
    }
  },
});

Deno.test({
  name: "a device with a sender of its own sends, if its app password always sends as the mailbox",
  ...requireProgram("swaks"),
  async fn() {
    const command = ["account", "password", "create", NORA, "forced", "--always-mailbox"];
    const { password } = await bed.json(...command);
    const send = (secret: string) =>
      run("swaks", [
        ...["--server", "localhost", "--port", `${bed.ports.smtp}`, "--auth", "PLAIN"],
        ...["--auth-user", login.username, "--auth-password", secret],
        ...["--from", "scanner@device.local", "--to", RECIPIENT],
        ...["--h-From", "Scanner <scanner@device.local>", "--header", "Subject: forced sender"],
      ]);
    assert.notEqual((await send(login.password)).code, 0);
    const { code, output } = await send(password);
    assert.equal(code, 0, output);
    assertArrived("forced sender");
    const content = new TextDecoder().decode(bed.simulation.submissionServer.store.last.content);
    assert.match(content, /^From: Scanner <nora@outlook\.example>\r$/m);
    assert.match(content, /^Reply-To: Scanner <scanner@device\.local>\r$/m);
    await bed.server.logs(/headerChanges.*From rewritten, Reply-To added/);
  },
});

const CURL_PORTS = [
  ["smtp", "startTls", ["--ssl-reqd"]],
  ["smtps", "tls", []],
] as const;

for (const [scheme, port, options] of CURL_PORTS) {
  Deno.test({
    name: `curl sends by ${scheme}`,
    ...requireProgram("curl"),
    async fn() {
      const subject = `curl ${scheme}`;
      const { code, output } = await run("curl", [
        ...["--silent", "--show-error", "--cacert", bed.caFile, ...options],
        ...["--url", `${scheme}://localhost:${bed.ports[port]}`],
        ...["--user", `${login.username}:${login.password}`],
        ...["--mail-from", NORA, "--mail-rcpt", RECIPIENT, "--upload-file", "-"],
      ], { stdin: `Subject: ${subject}\r\n\r\nText\r\n` });
      assert.equal(code, 0, output);
      assertArrived(subject);
    },
  });
}

const SMTPLIB_SCRIPT = `
import smtplib, ssl, sys
host, port, ca, user, password, recipient, subject = sys.argv[1:]
with smtplib.SMTP(host, int(port)) as client:
    client.starttls(context=ssl.create_default_context(cafile=ca))
    client.user, client.password = user, password
    client.ehlo()
    client.auth("LOGIN", client.auth_login, initial_response_ok=True)
    client.sendmail(user, [recipient], "Subject: %s\\r\\n\\r\\nText\\r\\n" % subject)
`;

Deno.test({
  name: "Python's smtplib sends, with the user name inline in AUTH LOGIN",
  ...requireProgram("python3"),
  async fn() {
    const subject = "smtplib";
    const { code, output } = await run("python3", [
      ...["-c", SMTPLIB_SCRIPT, "localhost", `${bed.ports.startTls}`, bed.caFile],
      ...[login.username, login.password, RECIPIENT, subject],
    ]);
    assert.equal(code, 0, output);
    assertArrived(subject);
  },
});

Deno.test("nodemailer sends several messages over one connection", async () => {
  const transport = createTransport({
    host: "localhost",
    port: bed.ports.startTls,
    requireTLS: true,
    pool: true,
    maxConnections: 1,
    auth: { user: login.username, pass: login.password },
    tls: { ca: bed.ca },
  });
  for (const subject of ["nodemailer one", "nodemailer two"]) {
    await transport.sendMail({ from: NORA, to: RECIPIENT, subject, text: "Text" });
    assertArrived(subject);
  }
  transport.close();
});

Deno.test("K1: the log tells of the deliveries, and holds no password, token or subject", async () => {
  await bed.server.logs(/signed in[^]*message accepted/);
  assert.ok(!bed.server.log.includes(login.password));
  assert.ok(!bed.server.log.includes(btoa(login.password)));
  assert.ok(!bed.server.log.includes("nodemailer one"));
});
