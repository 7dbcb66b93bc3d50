/** PROXY headers on real ports of every kind. */
import assert from "node:assert/strict";
import { connect as connectTls } from "node:tls";
import { connect, type Socket } from "node:net";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import type { SmtpEvent } from "../events.ts";
import { concat } from "../octets.ts";
import { binaryHeader, IPV6_ADDRESSES, sslExtension } from "../testing/proxy_headers.ts";
import type { Accepted, Arrival, PortKind } from "../transport.ts";
import type { ProxyPolicy } from "./introduction.ts";
import { TcpNetwork } from "./network.ts";
import { TlsEngine } from "./tls_engine.ts";

const KINDS: readonly PortKind[] = ["plain", "tls", "starttls", "auto"];
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const GREETING = encoder.encode("220 hello\r\n");
const HELLO = encoder.encode("EHLO client.example\r\n");
const HEADER = binaryHeader();
const PEER = "127.0.0.1";
const CLIENT = "192.0.2.7";

const authority = await CertificateAuthority.create("test");
const engine = new TlsEngine(await authority.issue({ names: ["localhost"] }));

/** An open port, and what comes through it. */
interface Port {
  readonly port: number;
  readonly arrivals: Queue<Arrival>;
  readonly events: Queue<SmtpEvent>;
}

/** Hands over what is put in, in order. */
class Queue<T> {
  readonly #items: T[] = [];
  #wanted: ((item: T) => void) | undefined;

  put(item: T): void {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted !== undefined) wanted(item);
    else this.#items.push(item);
  }

  next(): Promise<T> {
    const item = this.#items.shift();
    return item === undefined
      ? new Promise((resolve) => this.#wanted = resolve)
      : Promise.resolve(item);
  }
}

type Mode = ProxyPolicy["mode"];

async function withPort(
  kind: PortKind,
  mode: Mode,
  trusted: string | undefined,
  test: (port: Port) => Promise<void>,
): Promise<void> {
  const arrivals = new Queue<Arrival>();
  const events = new Queue<SmtpEvent>();
  const network = new TcpNetwork({
    engine,
    inspectionDelayMs: 50,
    proxyProtocol: { mode, trusts: (address) => address === trusted },
    observe: (event) => events.put(event),
  });
  const endpoint = { kind, host: "127.0.0.1", port: 0 };
  const listener = await network.listen(endpoint, (arrival) => arrivals.put(arrival));
  try {
    await test({ port: listener.endpoint.port, arrivals, events });
  } finally {
    listener.close();
  }
}

/** A client's socket. */
class Client implements AsyncDisposable {
  #socket: Socket;
  readonly closed: Promise<void>;

  constructor(port: number) {
    const socket = this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.on("error", () => socket.destroy());
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  write(octets: Uint8Array): void {
    this.#socket.write(octets);
  }

  startTls(): void {
    this.#socket = connectTls({
      socket: this.#socket,
      ca: [authority.certificate],
      servername: "localhost",
    });
    this.#socket.on("error", () => this.#socket.destroy());
  }

  async read(): Promise<string> {
    return decoder.decode(
      await new Promise<Uint8Array>((resolve) => this.#socket.once("data", resolve)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }
}

/** Greets, and hears the client. */
async function talk(client: Client, { transport }: Accepted): Promise<void> {
  await transport.write(GREETING);
  assert.equal(await client.read(), "220 hello\r\n");
  client.write(HELLO);
  assert.deepEqual(concat(await transport.read() ?? new Uint8Array(0)), HELLO);
  transport.close();
}

for (const kind of KINDS) {
  for (const header of ["PROXY TCP4 192.0.2.7 192.0.2.1 56324 465\r\n", "version 2"]) {
    Deno.test(`S21: the client on a ${kind} port is whom a trusted proxy names: ${header.trim()}`, () =>
      withPort(kind, "required", PEER, async ({ port, arrivals }) => {
        await using client = new Client(port);
        client.write(header === "version 2" ? HEADER : encoder.encode(header));
        const arrival = await arrivals.next();
        assert.equal(arrival.remoteAddress, CLIENT);
        assert.equal(arrival.port, port);
        if (kind === "tls") client.startTls();
        const accepted = await arrival.accept();
        assert.equal(accepted.transport.remoteAddress, CLIENT);
        assert.equal(accepted.transport.secure, kind === "tls");
        await talk(client, accepted);
      }));
  }

  Deno.test(`A trusted proxy that terminated TLS counts as secure on a ${kind} port`, () =>
    withPort(kind, "required", PEER, async ({ port, arrivals }) => {
      await using client = new Client(port);
      const addresses = { family: 0x21, addresses: IPV6_ADDRESSES };
      client.write(binaryHeader({ ...addresses, extensions: sslExtension(1) }));
      const arrival = await arrivals.next();
      if (kind === "tls") client.startTls();
      const { transport } = await arrival.accept();
      assert.equal(transport.remoteAddress, "2001:db8::7");
      assert.equal(transport.secure, true);
      transport.close();
    }));

  Deno.test(`S21: on a ${kind} port, nobody but a trusted proxy gets in where a header is required`, () =>
    withPort(kind, "required", undefined, async ({ port, events }) => {
      await using client = new Client(port);
      client.write(HEADER);
      const reason = "not through a trusted proxy";
      assert.deepEqual(await events.next(), {
        type: "rejected",
        address: PEER,
        reason,
        cause: undefined,
      });
      await client.closed;
    }));

  Deno.test(`S21: on a ${kind} port, the header of anyone else is not believed`, () =>
    withPort(kind, "optional", undefined, async ({ port, arrivals }) => {
      await using client = new Client(port);
      const arrival = await arrivals.next();
      assert.equal(arrival.remoteAddress, PEER);
      client.write(HEADER);
      if (kind === "tls") return void await assert.rejects(arrival.accept());
      const { transport } = await arrival.accept();
      assert.deepEqual(concat(await transport.read() ?? new Uint8Array(0)), HEADER);
      assert.equal(transport.remoteAddress, PEER);
      transport.close();
    }));

  Deno.test(`S21: on a ${kind} port, a trusted proxy that sends something else is dropped`, () =>
    withPort(kind, "required", PEER, async ({ port, events }) => {
      await using client = new Client(port);
      client.write(HELLO);
      const event = await events.next();
      assert(event.type === "rejected" && event.reason === "bad PROXY header");
      assert.match(String(event.cause), /no header/);
      await client.closed;
    }));

  Deno.test(`On a ${kind} port, a trusted peer may do without a header where it is optional`, () =>
    withPort(kind, "optional", PEER, async ({ port, arrivals }) => {
      await using client = new Client(port);
      if (kind === "tls") client.startTls();
      const arrival = await arrivals.next();
      assert.equal(arrival.remoteAddress, PEER);
      await talk(client, await arrival.accept());
    }));
}

for (const kind of ["tls", "auto"] as const) {
  Deno.test(`TLS that begins in the packet of the header works on a ${kind} port`, () =>
    withPort(kind, "required", PEER, async ({ port, arrivals }) => {
      await using client = new Client(port);
      client.write(HEADER.subarray(0, 20));
      client.write(HEADER.subarray(20));
      client.startTls();
      await talk(client, await (await arrivals.next()).accept());
    }));

  Deno.test(`S17: garbage behind the header ends the handshake on a ${kind} port, and nothing else`, () =>
    withPort(kind, "required", PEER, async ({ port, arrivals }) => {
      await using client = new Client(port);
      const handshake = Uint8Array.of(0x16, 3, 1, 0, 4, 0xff, 0xff, 0xff, 0xff);
      client.write(concat(HEADER, handshake, new Uint8Array(50_000).fill(0x80)));
      await assert.rejects((await arrivals.next()).accept());
      await client.closed;
    }));
}
