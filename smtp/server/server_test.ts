import assert from "node:assert/strict";
import type { Backend } from "../backend.ts";
import { DEFAULT_SERVER_LIMITS, type ServerLimits } from "./connection_limit.ts";
import { DEFAULT_SESSION_LIMITS, FIXED_SESSION_LIMITS } from "../session/limits.ts";
import { SmtpServer } from "./server.ts";
import { octets, text } from "../testing/assertions.ts";
import { describeEvent } from "../testing/describe_event.ts";
import { ANNA, FakeAllowance } from "../testing/fakes.ts";
import { manualClock, settle } from "../testing/manual_clock.ts";
import { type ClientOptions, MemoryNetwork } from "../testing/memory_network.ts";
import type { MemoryTransport } from "../testing/memory_transport.ts";
import type { Endpoint } from "../net/transport.ts";

const PLAIN: Endpoint = { kind: "plain", host: "127.0.0.1", port: 25 };
const TLS: Endpoint = { kind: "tls", host: "127.0.0.1", port: 465 };

/** Lets everybody in; the user name becomes the account's key. */
const BACKEND: Backend = {
  login: ({ username }, client) => BACKEND.admit({ ...ANNA, id: username }, client),
  admit: (account) =>
    Promise.resolve({ account, open: () => assert.fail("no transaction is expected") }),
};

class ServerFixture implements Disposable {
  readonly clock = manualClock();
  readonly network = new MemoryNetwork();
  readonly events: string[] = [];
  /** The last reply to each client that is gone; undefined if the client disconnected. */
  readonly cutOff: (string | undefined)[] = [];
  readonly server: SmtpServer;

  constructor(
    limits: Partial<ServerLimits> = {},
    endpoints: readonly Endpoint[] = [PLAIN, TLS],
    plainClients?: { includes(address: string): boolean },
  ) {
    this.server = new SmtpServer({
      endpoints,
      plainClients,
      network: this.network,
      backend: BACKEND,
      allowance: new FakeAllowance(),
      missingHeaders: "leave",
      greetingName: "proxy.example",
      limits: { ...DEFAULT_SERVER_LIMITS, ...limits },
      sessionLimits: DEFAULT_SESSION_LIMITS,
      observe: (event) => {
        this.events.push(describeEvent(event));
        if (event.type === "disconnected") this.cutOff.push(event.cutOff?.text);
      },
      clock: this.clock,
    });
  }

  /** Connects a client and returns it with the octets that it was sent. */
  async connect(
    options: ClientOptions = {},
    port = PLAIN.port,
  ): Promise<{ client: MemoryTransport; told: string }> {
    const client = this.network.connect(port, options);
    await settle();
    return { client, told: told(client) };
  }

  /** Connects a client and logs it in. */
  async logIn(username: string, remoteAddress = "192.0.2.1"): Promise<MemoryTransport> {
    const { client } = await this.connect({ remoteAddress });
    client.write(octets(authentication(username)));
    await settle();
    assert.match(told(client), /235 2\.7\.0/);
    return client;
  }

  [Symbol.dispose](): void {
  }
}

/** Returns the lines with which a client logs in. */
function authentication(username: string): string {
  return `HELO client.example\r\nAUTH PLAIN ${btoa(`\0${username}\0secret`)}\r\n`;
}

/** Returns everything that was sent to a client since the last call. */
function told(client: MemoryTransport): string {
  return client.takePackets().map(text).join("");
}

const GREETING = "220 proxy.example ESMTP\r\n";
const TURNED_AWAY = "421 4.7.0 Too many connections, try again later\r\n";

Deno.test("SmtpServer.start() opens all ports", async () => {
  using fixture = new ServerFixture();
  assert.deepEqual(await fixture.server.start(), [PLAIN, TLS]);
  assert.deepEqual(fixture.network.endpoints, [PLAIN, TLS]);
  assert.equal((await fixture.connect()).told, GREETING);
  const { client, told } = await fixture.connect({}, TLS.port);
  assert.equal(told, GREETING);
  assert(client.secure);
});

Deno.test("SmtpServer.start() opens no port when one can't be opened", async () => {
  using fixture = new ServerFixture();
  fixture.network.taken.add(TLS.port);
  await assert.rejects(fixture.server.start(), /port 465 is in use/);
  assert.deepEqual(fixture.network.endpoints, []);
  assert.equal(fixture.clock.timers, 0);
});

Deno.test("SmtpServer serves only the clients on plain ports that its options allow", async () => {
  const includes = (address: string) => address === "192.168.1.2";
  using fixture = new ServerFixture({}, [PLAIN, TLS], { includes });
  await fixture.server.start();
  const foreign = await fixture.connect({ remoteAddress: "192.0.2.1" });
  assert.match(foreign.told, /^554 5\.7\.1 This port serves private networks only/);
  assert(foreign.client.ended);
  assert.equal(fixture.events.at(-1), "rejected");
  assert.equal(fixture.server.connectionCount, 0);
  assert.equal((await fixture.connect({ remoteAddress: "192.168.1.2" })).told, GREETING);
  assert.equal((await fixture.connect({ remoteAddress: "192.0.2.1" }, TLS.port)).told, GREETING);
});

Deno.test("S18: SmtpServer rejects clients above its limit until one leaves", async () => {
  using fixture = new ServerFixture({ connectionCount: 2 });
  await fixture.server.start();
  const client = await fixture.logIn("anna");
  await fixture.logIn("bert");
  const third = await fixture.connect({ remoteAddress: "192.0.2.3" });
  assert.equal(third.told, TURNED_AWAY);
  assert(third.client.ended);
  assert.equal(fixture.events.at(-1), "rejected");
  client.close();
  await settle();
  assert.equal(fixture.server.connectionCount, 1);
  assert.equal((await fixture.connect({ remoteAddress: "192.0.2.3" })).told, GREETING);
});

Deno.test("S18: the oldest client without a login makes room, and gets a reply", async () => {
  using fixture = new ServerFixture({ connectionCount: 2 });
  await fixture.server.start();
  const { client: oldest } = await fixture.connect({ remoteAddress: "192.0.2.1" });
  await fixture.connect({ remoteAddress: "192.0.2.2" });
  assert.equal((await fixture.connect({ remoteAddress: "192.0.2.3" })).told, GREETING);
  assert.equal(told(oldest), TURNED_AWAY);
  assert(oldest.ended);
  assert.equal(fixture.server.connectionCount, 2);
  assert.deepEqual(fixture.cutOff, ["Too many connections, try again later"]);
});

Deno.test("S18: a client in its handshake makes room as well", async () => {
  using fixture = new ServerFixture({ connectionCount: 1 });
  await fixture.server.start();
  const handshake = Promise.withResolvers<void>();
  const { client } = await fixture.connect({ handshake: handshake.promise }, TLS.port);
  assert.equal((await fixture.connect()).told, GREETING);
  assert(client.hasUnread || client.ended);
  handshake.reject(new Error("connection ended"));
  await settle();
  assert.equal(fixture.server.connectionCount, 1);
  assert.deepEqual(fixture.events.filter((event) => event === "rejected"), ["rejected"]);
});

Deno.test("S18: SmtpServer counts the connections of each account", async () => {
  using fixture = new ServerFixture({ connectionCountPerAddress: 2 });
  await fixture.server.start();
  const clients = [
    await fixture.logIn("anna", "192.0.2.1"),
    await fixture.logIn("anna", "192.0.2.2"),
  ];
  const { client } = await fixture.connect({ remoteAddress: "192.0.2.3" });
  const text =
    "421 4.7.0 Too many connections of this account are open: close some, then try again";
  client.write(octets(authentication("anna")));
  await settle();
  assert.equal(told(client), `250 proxy.example\r\n${text}\r\n`);
  assert(client.ended);
  clients[0]!.close();
  await settle();
  await fixture.logIn("anna", "192.0.2.3");
});

Deno.test("S18: SmtpServer counts the connections of each address", async () => {
  using fixture = new ServerFixture({ connectionCountPerAddress: 1 });
  await fixture.server.start();
  const client = await fixture.logIn("anna", "192.0.2.1");
  assert.equal((await fixture.connect({ remoteAddress: "192.0.2.1" })).told, TURNED_AWAY);
  assert.equal((await fixture.connect({ remoteAddress: "192.0.2.2" })).told, GREETING);
  client.close();
  await settle();
  assert.equal((await fixture.connect({ remoteAddress: "192.0.2.1" })).told, GREETING);
});

Deno.test("S18: SmtpServer counts a whole /64 network as one IPv6 address", async () => {
  using fixture = new ServerFixture({ connectionCountPerAddress: 1 });
  await fixture.server.start();
  await fixture.logIn("anna", "2001:db8::1");
  assert.equal((await fixture.connect({ remoteAddress: "2001:db8::2" })).told, TURNED_AWAY);
  assert.equal((await fixture.connect({ remoteAddress: "2001:db8:0:1::1" })).told, GREETING);
});

Deno.test("S18: SmtpServer counts a client from its connection, including the handshake", async () => {
  using fixture = new ServerFixture({ connectionCount: 1 });
  await fixture.server.start();
  const handshake = Promise.withResolvers<void>();
  await fixture.connect({ handshake: handshake.promise }, TLS.port);
  assert.equal(fixture.server.connectionCount, 1);
  handshake.reject(new Error("no shared cipher"));
  await settle();
  assert.equal(fixture.server.connectionCount, 0);
});

Deno.test("S18: SmtpServer counts the handshake towards the login timeout", async () => {
  using fixture = new ServerFixture();
  await fixture.server.start();
  const handshake = Promise.withResolvers<void>();
  const { client } = await fixture.connect({ handshake: handshake.promise }, TLS.port);
  await fixture.clock.advance(55_000);
  handshake.resolve();
  await settle();
  assert.equal(told(client), GREETING);
  await fixture.clock.advance(7_000);
  assert.equal(told(client), "421 4.7.0 No login in time\r\n");
});

Deno.test("SmtpServer checks the timeouts of all its sessions", async () => {
  using fixture = new ServerFixture();
  await fixture.server.start();
  const clients = [(await fixture.connect()).client, (await fixture.connect()).client];
  await fixture.clock.advance(62_000);
  for (const client of clients) assert.equal(told(client), "421 4.7.0 No login in time\r\n");
  assert.equal(fixture.server.connectionCount, 0);
});

Deno.test("S18: SmtpServer cuts off a client that does not read its replies", async () => {
  using fixture = new ServerFixture();
  await fixture.server.start();
  const client = fixture.network.connect(PLAIN.port, { capacityOctets: 1 });
  client.write(octets("EHLO client.example\r\n"));
  await fixture.clock.advance(62_000);
  assert.equal(told(client), GREETING);
  assert(client.ended);
  assert.deepEqual(client.misuses, []);
  assert.equal(fixture.server.connectionCount, 0);
});

Deno.test("K4: SmtpServer.endSessions() ends the sessions of one login, and no others", async () => {
  using fixture = new ServerFixture();
  await fixture.server.start();
  const [anna, bob] = [await fixture.logIn("anna"), await fixture.logIn("bob")];
  const { client: nobody } = await fixture.connect();
  fixture.server.endSessions(({ account }) => account.id === "anna");
  await settle();
  assert.equal(told(anna), "421 4.7.0 This login has been revoked\r\n");
  assert(anna.ended);
  for (const client of [bob, nobody]) {
    client.write(octets("NOOP\r\n"));
    await settle();
    assert.equal(told(client), "250 2.0.0 OK\r\n");
  }
});

Deno.test("D2: SmtpServer.retire() closes the ports first and disconnects idle clients", async () => {
  using fixture = new ServerFixture();
  await fixture.server.start();
  const { client } = await fixture.connect();
  const stopped = fixture.server.retire();
  assert.deepEqual(fixture.network.endpoints, []);
  await settle();
  assert.equal(told(client), "421 4.3.2 Server is shutting down, try again later\r\n");
  assert(client.ended);
  await stopped;
  assert.equal(fixture.server.connectionCount, 0);
  assert.equal(fixture.clock.timers, 0);
});

Deno.test("D2: a client whose handshake ends after the stop is disconnected", async () => {
  using fixture = new ServerFixture();
  await fixture.server.start();
  const handshake = Promise.withResolvers<void>();
  const { client } = await fixture.connect({ handshake: handshake.promise }, TLS.port);
  await fixture.server.retire();
  handshake.resolve();
  await settle();
  assert.match(told(client), /421 4\.3\.2 Server is shutting down, try again later\r\n$/);
  assert(client.ended);
});

Deno.test("SmtpServer.retire() resolves at once without clients", async () => {
  using fixture = new ServerFixture();
  await fixture.server.start();
  await fixture.server.retire();
  assert.equal(fixture.clock.timers, 0);
});

Deno.test("S14 S18: SmtpServer reports why it ended a session, and no reason if the client ended it", async () => {
  using fixture = new ServerFixture();
  await fixture.server.start();
  const { client: polite } = await fixture.connect();
  polite.write(octets("QUIT\r\n"));
  const { client: confused } = await fixture.connect();
  confused.write(octets("NONSENSE\r\n".repeat(FIXED_SESSION_LIMITS.errorCount)));
  await settle();
  await fixture.connect();
  await fixture.clock.advance(61_000);
  assert.deepEqual(fixture.cutOff, [undefined, "Too many errors", "No login in time"]);
  await fixture.server.retire();
});
