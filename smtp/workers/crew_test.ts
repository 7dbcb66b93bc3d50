import assert from "node:assert/strict";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import { DEFAULT_SERVER_LIMITS } from "../census.ts";
import type { SmtpEvent } from "../events.ts";
import { MailboxGatekeeper } from "../gate.ts";
import type { ServicePorts } from "../service.ts";
import { describeEvent } from "../testing/describe_event.ts";
import { FAKE_SETTINGS } from "../testing/fake_service.ts";
import { ANNA, APP_PASSWORD, FakeAuthenticator, FakeTokenSource } from "../testing/fakes.ts";
import { SocketClient } from "../testing/open_port.ts";
import type { TcpServiceSettings } from "../tcp/tcp_service.ts";
import type { PortKind } from "../transport.ts";
import { Crew } from "./crew.ts";

const PROGRAM = new URL("./worker.ts", import.meta.url);
const WORKER_COUNT = 2;

/** Workers with a port, and the stand-ins of the main thread. */
class CrewWorld implements AsyncDisposable {
  readonly events: SmtpEvent[] = [];
  readonly authenticator = new FakeAuthenticator();
  readonly tokens = new FakeTokenSource();
  crew!: Crew;

  static async start(
    settings: Partial<TcpServiceSettings> & { readonly kind?: PortKind } = {},
    options: { readonly program?: URL; readonly probeIntervalMs?: number } = {},
  ): Promise<CrewWorld> {
    const world = new CrewWorld();
    const { kind = "plain" } = settings;
    world.crew = await Crew.start({
      program: PROGRAM,
      workerCount: WORKER_COUNT,
      settings: {
        ...FAKE_SETTINGS,
        endpoints: [{ kind, host: "127.0.0.1", port: 0 }],
        inspectionDelayMs: 0,
        proxyProtocol: { mode: "off", trustedRanges: [] },
        ...settings,
      },
      ports: world.#ports(),
      ...options,
    });
    return world;
  }

  #ports(): ServicePorts {
    return {
      authenticator: this.authenticator,
      tokens: this.tokens,
      gatekeeper: new MailboxGatekeeper(FAKE_SETTINGS.poolLimits, Date.now),
      explainRefusal: (reply) => reply.text,
      observe: (event) => void this.events.push(event),
    };
  }

  /** A client that was greeted. */
  async connect(): Promise<SocketClient> {
    const { host, port } = this.crew.endpoints[0]!;
    const client = new SocketClient(await Deno.connect({ hostname: host, port }));
    assert.match(await client.read() ?? "", /^220 /);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.crew.stop(0);
  }
}

/** Sends a line, and gives the reply; empty when there is none. */
async function command(client: SocketClient, line: string): Promise<string> {
  await client.write(`${line}\r\n`);
  return await client.read() ?? "";
}

function logIn(client: SocketClient, password: string): Promise<string> {
  return command(client, `AUTH PLAIN ${btoa(`\0${ANNA.mailbox}\0${password}`)}`);
}

Deno.test("Crew opens the same port in all workers, and says which", async () => {
  await using world = await CrewWorld.start();
  assert.equal(world.crew.endpoints.length, 1);
  assert.notEqual(world.crew.endpoints[0]!.port, 0);
  for (let count = 0; count < 10; count++) {
    using client = await world.connect();
    assert.match(await command(client, "QUIT"), /^221 /);
  }
});

Deno.test("Crew answers logins, and hears what happens", async () => {
  await using world = await CrewWorld.start();
  using client = await world.connect();
  await command(client, "EHLO client.example");
  assert.match(await logIn(client, "wrong"), /^535 5\.7\.8 Authentication failed/);
  world.tokens.failure = "sign-in-required";
  assert.match(
    await logIn(client, APP_PASSWORD),
    /^535 5\.7\.8 The login is sign-in-required/,
  );
  assert.match(await command(client, "DATA"), /^5/);
  assert.match(await command(client, "QUIT"), /^221 /);
  assert.equal(await client.read(), undefined);
  await world.crew.stop(0);
  assert.deepEqual(world.events.map(describeEvent), [
    "connected",
    `login ${ANNA.mailbox} invalid`,
    "command-refused 535",
    `login ${ANNA.mailbox} sign-in-required`,
    "command-refused 535",
    "command-refused 530",
    "disconnected, 0 messages",
  ]);
});

Deno.test("S18: Crew counts the clients of all workers together", async () => {
  await using world = await CrewWorld.start({
    limits: { ...DEFAULT_SERVER_LIMITS, connectionCount: 4 },
  });
  const clients = await Promise.all(Array.from({ length: 4 }, () => world.connect()));
  await assert.rejects(world.connect(), /421 /);
  for (const client of clients) client[Symbol.dispose]();
});

Deno.test("Crew.stop() ends sessions in all workers, with a last word", async () => {
  await using world = await CrewWorld.start();
  const clients = await Promise.all(Array.from({ length: 8 }, () => world.connect()));
  await world.crew.stop(0);
  for (const client of clients) {
    assert.match(await client.readAll(), /^421 4\.3\.2 /);
    client[Symbol.dispose]();
  }
});

Deno.test("Crew tells trials of its ports from clients, in whatever worker they arrive", async () => {
  const authority = await CertificateAuthority.create("test");
  const certificate = await authority.issue({ names: ["localhost"] });
  await using world = await CrewWorld.start({ kind: "starttls", certificate }, {
    probeIntervalMs: 20,
  });
  for (let count = 0; count < 10; count++) {
    using client = await world.connect();
    assert.match(await command(client, "QUIT"), /^221 /);
  }
  await world.crew.stop(0);
  const connected = world.events.filter(({ type }) => type === "connected");
  assert.equal(connected.length, 10);
});

for (const fault of ["exception", "rejection"]) {
  Deno.test(`Crew reports an unexpected ${fault} in this thread, and its workers go on`, async () => {
    const faults: string[] = [];
    const all = Promise.withResolvers<void>();
    const listen = (event: ErrorEvent) => {
      event.preventDefault();
      faults.push(event.error.message);
      if (faults.length === WORKER_COUNT) all.resolve();
    };
    globalThis.addEventListener("error", listen);
    const program = new URL(`../testing/faulty_worker.ts?fault=${fault}`, import.meta.url);
    await using world = await CrewWorld.start({}, { program });
    await all.promise;
    globalThis.removeEventListener("error", listen);
    assert.deepEqual(faults, Array(WORKER_COUNT).fill(`unexpected ${fault}`));
    using client = await world.connect();
    assert.match(await command(client, "QUIT"), /^221 /);
  });
}

Deno.test("Crew.start() rejects when a worker cannot begin", async () => {
  const program = new URL("data:text/javascript,throw new Error('no luck')");
  await assert.rejects(CrewWorld.start({}, { program }), /worker "smtp 1" broke down: .*no luck/);
});

Deno.test("Crew.start() rejects when a port cannot be opened", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const endpoints = [{ kind: "plain", host: "127.0.0.1", port: taken.addr.port }] as const;
  await assert.rejects(CrewWorld.start({ endpoints }), /in use/);
});

Deno.test("Crew.failed tells of a worker that breaks down later", async () => {
  const script = `
    addEventListener("message", ({ data: [{ id, method }] }) => {
      if (method === "start") postMessage([{ id, value: [] }]);
      else throw new Error("bad luck");
    });`;
  const program = new URL(`data:text/javascript,${encodeURIComponent(script)}`);
  await using world = await CrewWorld.start({}, { program });
  world.crew.forget(ANNA.id);
  assert.match((await world.crew.failed).message, /worker "smtp \d" broke down: .*bad luck/);
});
