/**
 * The running server under the hands of its operator: health, metrics, signals, and commands beside it.
 */
import assert from "node:assert/strict";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { CommandWorld } from "./command_world.ts";
import { NORA } from "./harness.ts";
import { logIn, namesOfCertificate, serverTest, writeCertificate } from "./serving.ts";

const MESSAGE = new TextEncoder().encode("Subject: Test\r\n\r\nText\r\n");

serverTest(
  "the server tells at its start what listens and what is risky",
  async (world, server) => {
    const { ports } = world;
    assert.match(server.log, /starting program=smtp-oauth2-proxy version=\d/);
    assert.match(
      server.log,
      new RegExp(`listening for=SMTP address="starttls 127.0.0.1:${ports.startTls}"`),
    );
    assert.match(
      server.log,
      new RegExp(`listening for="web pages" address=http://127.0.0.1:${ports.http}`),
    );
    assert.match(
      server.log,
      /WARNING Anyone with a Microsoft account .*setting=ALLOWED_EMAILS_LIST/,
    );
    assert.equal(await server.stop(), 0);
    assert.match(server.log, /stopping signal=SIGTERM[^]*stopped/);
  },
);

serverTest("health answers on the web port, and there are no metrics", async (world, server) => {
  const url = `http://127.0.0.1:${world.ports.http}`;
  const ready = await (await fetch(`${url}/readyz`)).json();
  assert.deepEqual([ready.status, ready.database, ready.smtp], ["ready", "ok", "ok"]);
  assert.equal((await (await fetch(`${url}/healthz`)).json()).status, "alive");
  const metrics = await fetch(`${url}/metrics`);
  await metrics.body?.cancel();
  assert.equal(metrics.status, 404);
  assert.equal((await world.run(["healthcheck"])).code, 0);
  await server.stop();
  assert.equal((await world.run(["healthcheck"])).code, 1);
});

serverTest("a Microsoft that is down leaves the server ready", async (world) => {
  await world.simulation[Symbol.asyncDispose]();
  const { code, output } = await world.run(["healthcheck"]);
  assert.equal(code, 0, output);
});

serverTest("metrics and health have a port of their own where one is set", async (world) => {
  const url = `http://127.0.0.1:${world.metricsPort}`;
  using client = await logIn(world);
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
  const settings = { METRICS_PORT: `${world.metricsPort}` };
  assert.equal((await world.run(["healthcheck"], settings)).code, 0);
  const onWeb = await fetch(`http://127.0.0.1:${world.ports.http}/readyz`);
  await onWeb.body?.cancel();
  assert.equal(onWeb.status, 404);
}, (world) => ({ METRICS_PORT: `${world.metricsPort}` }));

serverTest(
  "SIGHUP puts a new certificate to use; a broken one leaves the old",
  async (world, server) => {
    await writeCertificate(world, "second.example");
    server.signal("SIGHUP");
    await server.logs(/certificate replaced/);
    assert.equal(await namesOfCertificate(world.ports.tls), "DNS:second.example");
    await Deno.writeTextFile(world.path("smtp_key.pem"), "half a k");
    server.signal("SIGHUP");
    await server.logs(/certificate cannot be used: the key file holds no usable private key/);
    assert.equal(await namesOfCertificate(world.ports.tls), "DNS:second.example");
  },
);

serverTest("SIGHUP reads the account filters again", async (world, server) => {
  const filter = world.path("domains.txt");
  await Deno.writeTextFile(filter, "outlook.example\n");
  server.signal("SIGHUP");
  await server.logs(/reading account filters/);
  await Deno.remove(filter);
  server.signal("SIGHUP");
  await server.logs(/account filters could not be read again: .*domains\.txt.*former filters stay/);
}, (world) => {
  Deno.writeTextFileSync(world.path("domains.txt"), "example.com\n");
  return { ALLOWED_DOMAINS_LIST_FILE: world.path("domains.txt") };
});

serverTest("K4: an app password that a command revokes cuts the session", async (world) => {
  using client = await logIn(world);
  await world.json("account", "password", "revoke", NORA, "printer");
  assert.match(await client.reply(), /^421 4\.7\.0 /);
});

serverTest("K5: an account that a command removes cuts the session", async (world) => {
  using client = await logIn(world);
  await world.json("account", "remove", NORA, "--yes");
  assert.match(await client.reply(), /^421 4\.7\.0 /);
});

serverTest("commands work beside the server: send, backup, check", async (world) => {
  assert.equal((await world.json("send", NORA, "a@example.com")).sent, true);
  await world.json("backup", world.path("backup.sqlite"));
  const { ok, checks } = await world.json("check");
  assert.ok(ok);
  const ports: { name: string; findings: { text: string }[] } = checks.find(
    ({ name }: { name: string }) => name === "ports",
  );
  for (const { text } of ports.findings) assert.match(text, /is served by the running program$/);
});

serverTest("a second server on the same ports says which one is taken", async (world) => {
  const settings = { SQLITE_PATH: world.path("other.sqlite") };
  const { code, errors } = await world.run(["serve"], settings);
  assert.equal(code, EXIT.unavailable);
  assert.match(errors, new RegExp(`SMTP_PORT: 127\\.0\\.0\\.1:${world.ports.smtp} is in use`));
});

Deno.test("D1: a damaged database keeps the server from starting, and stays as it is", async () => {
  await using world = await CommandWorld.start();
  const content = "This is no database. ".repeat(99);
  await Deno.writeTextFile(world.path("db.sqlite"), content);
  const { code, errors } = await world.run(["serve"]);
  assert.equal(code, EXIT.io);
  assert.match(errors, /db\.sqlite.*Restore a backup/);
  assert.equal(await Deno.readTextFile(world.path("db.sqlite")), content);
});
