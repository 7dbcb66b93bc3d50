/**
 * The running server under the hands of its operator: health, metrics, signals, and commands beside it.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:tls";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { RunningProgram } from "./running_program.ts";
import { NORA, Testbed } from "./testbed.ts";

const MESSAGE = new TextEncoder().encode("Subject: Test\r\n\r\nText\r\n");

/** A server with ordinary settings. */
let bed: Testbed;
/** A server with a port for health and metrics, and with a file of account filters. */
let monitored: Testbed;
let monitoring: { METRICS_PORT: string; ALLOWED_DOMAINS_LIST_FILE: string };

Deno.test.beforeAll(async () => {
  bed = await Testbed.serving();
  monitored = await Testbed.open();
  monitoring = {
    METRICS_PORT: `${monitored.ports.metrics}`,
    ALLOWED_DOMAINS_LIST_FILE: monitored.path("domains.txt"),
  };
  await Deno.writeTextFile(monitoring.ALLOWED_DOMAINS_LIST_FILE, "outlook.example\n");
  await monitored.serve(monitoring);
});
Deno.test.beforeEach(() => bed.seedAccount());
Deno.test.afterAll(async () => {
  await bed[Symbol.asyncDispose]();
  await monitored[Symbol.asyncDispose]();
});

/** The names in the certificate of the TLS port. */
async function namesOfCertificate({ ports }: Testbed): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port: ports.tls, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const names = socket.getPeerCertificate().subjectaltname;
  socket.destroy();
  return String(names);
}

Deno.test("the server tells at its start what listens and what is risky", () => {
  const { ports, server: { log } } = bed;
  assert.match(log, /starting program=smtp-oauth2-proxy version=\d/);
  for (
    const listening of [
      `listening for=SMTP address="starttls 127.0.0.1:${ports.startTls}"`,
      `listening for="web pages" address=http://127.0.0.1:${ports.http}`,
    ]
  ) assert.ok(log.includes(listening), log);
  assert.match(log, /WARNING Anyone with a Microsoft account .*setting=ALLOWED_EMAILS_LIST/);
});

Deno.test("health answers on the web port, and there are no metrics", async () => {
  const ready = await (await fetch(`${bed.url}/readyz`)).json();
  assert.deepEqual([ready.status, ready.database, ready.smtp], ["ready", "ok", "ok"]);
  assert.equal((await (await fetch(`${bed.url}/healthz`)).json()).status, "alive");
  const metrics = await fetch(`${bed.url}/metrics`);
  await metrics.body?.cancel();
  assert.equal(metrics.status, 404);
  assert.equal((await bed.run(["healthcheck"])).code, 0);
});

Deno.test("a Microsoft that is down leaves the server ready", async () => {
  await bed.simulation.identityProvider.stop();
  await bed.simulation.submissionServer.stop();
  const { code, output } = await bed.run(["healthcheck"]);
  await bed.recover();
  assert.equal(code, 0, output);
});

Deno.test("metrics and health have a port of their own where one is set", async () => {
  const url = `http://127.0.0.1:${monitored.ports.metrics}`;
  await monitored.seedAccount();
  using client = await monitored.logIn(await monitored.createLogin());
  await client.envelope(NORA, ["a@example.com"]);
  assert.match(await client.data(MESSAGE), /^250 /);
  const response = await fetch(`${url}/metrics`);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  for (
    const line of [
      "smtp_proxy_sessions 1",
      'smtp_proxy_logins_total{result="ok"} 1',
      'smtp_proxy_deliveries_total{outcome="accepted"} 1',
      'smtp_proxy_accounts{state="active"} 1',
    ]
  ) assert.ok(text.includes(`\n${line}\n`), `${line} in\n${text}`);
  assert.match(text, /smtp_proxy_certificate_expiry_timestamp_seconds\{use="SMTP"\} \d/);
  assert.equal((await monitored.run(["healthcheck"], monitoring)).code, 0);
  const onWeb = await fetch(`${monitored.url}/readyz`);
  await onWeb.body?.cancel();
  assert.equal(onWeb.status, 404);
});

Deno.test("SIGHUP puts a new certificate to use; a broken one leaves the old", async () => {
  const { server } = bed;
  await bed.certify(["second.example"]);
  server.signal("SIGHUP");
  await server.logs(/certificate replaced/);
  assert.equal(await namesOfCertificate(bed), "DNS:second.example");
  await Deno.writeTextFile(bed.path("smtp_key.pem"), "half a k");
  server.signal("SIGHUP");
  await server.logs(/certificate cannot be used: the key file holds no usable private key/);
  assert.equal(await namesOfCertificate(bed), "DNS:second.example");
  await bed.certify(["localhost"]);
});

Deno.test("SIGHUP reads the account filters again", async () => {
  const { server } = monitored;
  await Deno.writeTextFile(monitoring.ALLOWED_DOMAINS_LIST_FILE, "example.com\n");
  server.signal("SIGHUP");
  await server.logs(/account stopped by the account filters/);
  await Deno.remove(monitoring.ALLOWED_DOMAINS_LIST_FILE);
  server.signal("SIGHUP");
  await server.logs(/account filters could not be read again: .*domains\.txt.*former filters stay/);
});

Deno.test("K4: an app password that a command revokes cuts the session", async () => {
  using client = await bed.logIn(await bed.createLogin());
  await bed.json("account", "password", "revoke", NORA, "printer");
  assert.match(await client.reply(), /^421 4\.7\.0 /);
});

Deno.test("K5: an account that a command removes cuts the session", async () => {
  using client = await bed.logIn(await bed.createLogin());
  await bed.json("account", "remove", NORA, "--yes");
  assert.match(await client.reply(), /^421 4\.7\.0 /);
});

Deno.test("commands work beside the server: send, backup, check", async () => {
  assert.equal((await bed.json("send", NORA, "a@example.com")).sent, true);
  await bed.json("backup", bed.path("backup.sqlite"));
  const { ok, checks } = await bed.json("check");
  assert.ok(ok);
  const ports: { name: string; findings: { text: string }[] } = checks.find(
    ({ name }: { name: string }) => name === "ports",
  );
  for (const { text } of ports.findings) assert.match(text, /is served by the running program$/);
});

Deno.test("a second server on the same ports says which one is taken", async () => {
  const second = bed.serveCommand({ SQLITE_PATH: bed.path("other.sqlite") });
  const { code, log } = await RunningProgram.toItsEnd(second);
  assert.equal(code, EXIT.unavailable);
  assert.match(log, new RegExp(`SMTP_PORT: 127\\.0\\.0\\.1:${bed.ports.smtp} is in use`));
});

Deno.test("D1: a damaged database keeps the server from starting, and stays as it is", async () => {
  await using other = await Testbed.open();
  const content = "This is no database. ".repeat(99);
  await Deno.writeTextFile(other.path("db.sqlite"), content);
  const { code, log } = await RunningProgram.toItsEnd(other.serveCommand());
  assert.equal(code, EXIT.io);
  assert.match(log, /db\.sqlite.*Restore a backup/);
  assert.equal(await Deno.readTextFile(other.path("db.sqlite")), content);
});

Deno.test("after a restart, a mailbox that has sent lately finds its connection to the submission server ready", async () => {
  await using other = await Testbed.serving();
  const login = await other.signIn();
  const { submissionServer } = other.simulation;
  const send = async () => {
    using client = await other.logIn(login);
    await client.envelope(NORA, ["a@example.com"]);
    assert.match(await client.data(MESSAGE), /^250 /);
  };
  await send();
  await other.server.stop();
  const server = await other.serve();
  await server.logs(/signed in ahead mailboxes=1 of=1/);
  const { connections } = submissionServer;
  await send();
  assert.equal(submissionServer.connections, connections);
});

Deno.test("SIGTERM ends the server in order, and then it is not healthy", async () => {
  const { server } = bed;
  assert.equal(await server.stop(), 0);
  assert.match(server.log, /stopping signal=SIGTERM[^]*stopped/);
  assert.equal((await bed.run(["healthcheck"])).code, 1);
});
