/**
 * Several threads serve mail clients, and what concerns an account, a mailbox or the whole server holds for all of them.
 */
import assert from "node:assert/strict";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { SmtpClient } from "../tools/simulate/smtp_client.ts";
import { CommandWorld, type Settings } from "./command_world.ts";
import { NORA, Product } from "./harness.ts";
import type { RunningServer } from "./running_server.ts";
import { createLogin, logIn, namesOfCertificate, serverTest, writeCertificate } from "./serving.ts";

const MESSAGE = new TextEncoder().encode("Subject: Test\r\n\r\nText\r\n");
const WORKER_COUNT = 3;
/** The system spreads connections at random: that all of these are one worker's is next to impossible. */
const MANY = 16;

/** Runs a test with a server that has workers. */
function workersTest(
  name: string,
  test: (world: CommandWorld, server: RunningServer) => Promise<void>,
  settingsOf: (world: CommandWorld) => Settings = () => ({}),
): void {
  serverTest(name, async (world, server) => {
    await test(world, server);
    assert.doesNotMatch(server.log, /uncaught|unhandled|FATAL/i);
  }, (world) => ({ SMTP_WORKERS: `${WORKER_COUNT}`, ...settingsOf(world) }));
}

/** Does something so often that every worker has its part in it. */
function manyTimes<T>(work: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: MANY }, (_, index) => work(index)));
}

function closeAll(clients: readonly SmtpClient[]): void {
  for (const client of clients) client[Symbol.dispose]();
}

workersTest(
  "workers take messages on every port, and all of them are counted",
  async (world, server) => {
    const { ports, simulation } = world;
    const login = await createLogin(world);
    const { certificate } = simulation.certificateAuthority;
    await manyTimes(async (index) => {
      using client = await SmtpClient.connect(index % 2 === 0 ? ports.startTls : ports.autoTls);
      await client.startTls(certificate);
      assert.match(await client.authenticate(login), /^235 /);
      await client.envelope(NORA, ["a@example.com"]);
      assert.match(await client.data(MESSAGE), /^250 /);
    });
    assert.equal(simulation.submissionServer.store.received, MANY);
    await server.logs(new RegExp(`(message accepted [^]*){${MANY}}`));
    const metrics = await (await fetch(`http://127.0.0.1:${world.metricsPort}/metrics`)).text();
    for (
      const line of [
        `smtp_proxy_logins_total{result="ok"} ${MANY}`,
        `smtp_proxy_deliveries_total{outcome="accepted"} ${MANY}`,
      ]
    ) assert.ok(metrics.includes(`\n${line}\n`), `${line} in\n${metrics}`);
  },
  (world) => ({ METRICS_PORT: `${world.metricsPort}` }),
);

workersTest("U10: a mailbox has no more connections because there are workers", async (world) => {
  const login = await createLogin(world);
  const clients = await manyTimes(() => logIn(world, login));
  const [sender, ...others] = clients;
  await sender!.envelope(NORA, ["a@example.com"]);
  const replies = await Promise.all(others.map(async (client) => {
    await client.command(`MAIL FROM:<${NORA}>`);
    return await client.command("RCPT TO:<b@example.com>");
  }));
  for (const reply of replies) assert.match(reply, /^451 4\.3\.2 /);
  assert.match(await sender!.data(MESSAGE), /^250 /);
  // One after the other: wherever the connection was kept, the others get their turn.
  for (const client of others.slice(0, 3)) {
    assert.match(await client.command("RCPT TO:<b@example.com>"), /^250 /);
    assert.match(await client.data(MESSAGE), /^250 /);
  }
  closeAll(clients);
}, () => ({ UPSTREAM_MAX_CONNECTIONS_PER_MAILBOX: "1", UPSTREAM_QUEUE_TIMEOUT_S: "2" }));

Deno.test("T2: an account's token is renewed once for all workers", async () => {
  await using product = await Product.start({ SMTP_WORKERS: `${WORKER_COUNT}` });
  const login = await product.signIn();
  const { identityProvider } = product.simulation;
  identityProvider.revokeAccessTokens(NORA);
  const before = identityProvider.tokenRequests;
  closeAll(await manyTimes(() => product.connect(login)));
  assert.equal(identityProvider.tokenRequests - before, 1);
});

workersTest("S18: the limit of connections holds for all workers together", async (world) => {
  const greetings = await manyTimes(async () => {
    const client = await SmtpClient.connect(world.ports.smtp).catch((error) => error);
    return client;
  });
  const greeted = greetings.filter((client) => client instanceof SmtpClient);
  assert.equal(greeted.length, 5);
  closeAll(greeted);
}, () => ({ SMTP_MAX_CONNECTIONS_PER_ADDRESS: "5" }));

workersTest("K4: a revoked app password cuts the sessions of all workers", async (world) => {
  const login = await createLogin(world);
  const clients = await manyTimes(() => logIn(world, login));
  await world.json("account", "password", "revoke", NORA, "printer");
  for (const client of clients) assert.match(await client.reply(), /^421 4\.7\.0 /);
  closeAll(clients);
});

workersTest("a new certificate is used by all workers", async (world, server) => {
  await writeCertificate(world, "second.example");
  server.signal("SIGHUP");
  await server.logs(/certificate replaced/);
  const names = await manyTimes(() => namesOfCertificate(world.ports.tls));
  assert.deepEqual(new Set(names), new Set(["DNS:second.example"]));
});

workersTest("D2: workers finish what is under way before they end", async (world, server) => {
  const login = await createLogin(world);
  const clients = await Promise.all([logIn(world, login), logIn(world, login)]);
  for (const client of clients) {
    await client.envelope(NORA, ["a@example.com"]);
    assert.match(await client.command("DATA"), /^354 /);
  }
  const ended = server.stop();
  await server.logs(/stopping/);
  for (const client of clients) {
    await client.write("Subject: x\r\n\r\nx\r\n.\r\n");
    assert.match(await client.reply(), /^250 /);
  }
  closeAll(clients);
  assert.equal(await ended, 0);
});

Deno.test("a server whose workers may not be read says so and ends", async () => {
  await using world = await CommandWorld.start();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", "--allow-net", "--allow-env"],
      ...[`--allow-read=.env,${world.directory}`, `--allow-write=${world.directory}`],
      ...["main.ts", "serve"],
    ],
    env: { ...world.environment, SMTP_WORKERS: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.equal(code, EXIT.unavailable, text);
  assert.match(
    text,
    /The SMTP server cannot start: worker "smtp 1" broke down: .*Requires read access to ".*worker\.ts"/,
  );
});
