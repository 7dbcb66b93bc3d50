/**
 * The program ends in the middle of its work, by SIGKILL or SIGTERM: no message that a client was told is accepted may be
 * missing, none may be cut or doubled, and the next start finds everything in order.
 *
 * Each instant is a random number of steps of the load, the same numbers in each run. `CRASH_SEED` gives others,
 * `CRASH_ROUNDS` more of them.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DatabaseSync } from "node:sqlite";
import type { SmtpClient, SmtpLogin } from "../tools/smtp_client.ts";
import { NORA, Testbed } from "./testbed.ts";

const SEED = Number(Deno.env.get("CRASH_SEED") ?? 20_261_122);
/** Of each signal. */
const ROUND_COUNT = Number(Deno.env.get("CRASH_ROUNDS") ?? 4);
const CLIENT_COUNT = 6;
/** The instant comes after at most so many steps of the load. */
const MAX_STEPS = 250;
/** Small ones that are over in a moment, and large ones that are cut with some certainty. */
const MESSAGE_OCTETS = [300, 5_000, 60_000, 400_000];
const CHUNK_OCTETS = 50_000;
const LINE = `${"x".repeat(70)}\r\n`;

/** Numbers from 0 to 1 that look random (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Clients that send until they are cut off, and know what has become of each message. */
class Load {
  /** By message id. */
  readonly sent = new Map<string, Uint8Array>();
  readonly acknowledged = new Set<string>();
  /** Those that the program has asked for by 354 and not yet answered. */
  readonly underWay = new Set<string>();
  readonly #bed: Testbed;
  readonly #login: SmtpLogin;
  readonly #random: () => number;
  #stepsLeft = Infinity;
  #atInstant = () => {};

  constructor(bed: Testbed, login: SmtpLogin, random: () => number) {
    this.#bed = bed;
    this.#login = login;
    this.#random = random;
    bed.simulation.submissionServer.pace = () => Promise.resolve(this.#step());
  }

  /** Sends until the program ends, to which `atInstant` is the occasion. */
  async run(atInstant: () => void): Promise<void> {
    this.#stepsLeft = 1 + Math.floor(this.#random() * MAX_STEPS);
    this.#atInstant = atInstant;
    const clients = Array.from({ length: CLIENT_COUNT }, (_, index) => this.#runClient(index));
    await Promise.all(clients);
  }

  async #runClient(index: number): Promise<void> {
    try {
      using client = await this.#bed.logIn(this.#login);
      for (;;) await this.#send(client, index % 2 === 0 ? "DATA" : "BDAT");
    } catch (error) {
      // Until the instant nothing may go wrong.
      if (this.#stepsLeft > 0) throw error;
    }
  }

  async #send(client: SmtpClient, command: "DATA" | "BDAT"): Promise<void> {
    const id = `<${this.sent.size}@crash.example>`;
    const content = this.#message(id);
    this.sent.set(id, content);
    await client.envelope(NORA, ["a@example.com"]);
    this.#step();
    const reply = command === "DATA"
      ? await this.#data(client, id, content)
      : await client.bdat(content, CHUNK_OCTETS);
    assert.match(reply, /^250 /);
    this.acknowledged.add(id);
    this.#step();
  }

  async #data(client: SmtpClient, id: string, content: Uint8Array): Promise<string> {
    assert.match(await client.command("DATA"), /^354 /);
    this.underWay.add(id);
    this.#step();
    await client.write(content);
    const reply = await client.command(".");
    this.underWay.delete(id);
    return reply;
  }

  #message(id: string): Uint8Array {
    const size = MESSAGE_OCTETS[this.sent.size % MESSAGE_OCTETS.length]!;
    const lines = LINE.repeat(Math.ceil(size / LINE.length));
    return Buffer.from(`Message-ID: ${id}\r\n\r\n${lines}End of ${id}\r\n`);
  }

  /** Anything that happens, at a client or at the upstream. */
  #step(): void {
    if (--this.#stepsLeft === 0) this.#atInstant();
  }
}

/** Compares what the upstream has with what the clients were told. */
function checkMessages({ simulation: { submissionServer: { store } } }: Testbed, load: Load) {
  const received = new Set<string>();
  for (const { content } of store.messages) {
    const [, id = ""] = /^Message-ID: (\S+)/.exec(new TextDecoder().decode(content)) ?? [];
    assert.ok(!received.has(id), `${id} came twice`);
    received.add(id);
    assert.ok(load.sent.has(id), `${id} was never sent`);
    assert.ok(Buffer.from(content).equals(load.sent.get(id)!), `${id} was changed or cut`);
  }
  const missing = load.acknowledged.difference(received);
  assert.deepEqual([...missing], [], "acknowledged, but missing");
}

/** The database is whole, and a login works, as soon as the program has started. */
async function checkStart(bed: Testbed, login: SmtpLogin): Promise<void> {
  using _client = await bed.logIn(login);
  const database = new DatabaseSync(bed.environment.SQLITE_PATH!);
  const { integrity_check: result } = database.prepare("PRAGMA integrity_check").get() ?? {};
  database.close();
  assert.equal(result, "ok");
}

for (const signal of ["SIGKILL", "SIGTERM"] as const) {
  Deno.test({
    name: `D2: ${signal} under load loses, cuts and doubles no message (seed ${SEED})`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using bed = await Testbed.open();
      await bed.seedAccount();
      const login = await bed.createLogin();
      const load = new Load(bed, login, randomNumbers(SEED));
      for (let round = 0; round < ROUND_COUNT; round++) {
        await using server = await bed.serve();
        await checkStart(bed, login);
        let underWay: string[] = [];
        await load.run(() => {
          underWay = [...load.underWay];
          server.signal(signal);
        });
        checkMessages(bed, load);
        load.underWay.clear();
        if (signal === "SIGKILL") continue;
        const finished = underWay.filter((id) => load.acknowledged.has(id));
        assert.deepEqual(finished, underWay, "under way at SIGTERM, but not finished");
        assert.equal(await server.exitCode(), 0);
      }
      await bed.serve();
      await checkStart(bed, login);
      assert.ok(load.acknowledged.size > 0, "no message was accepted");
      assert.ok(load.acknowledged.size < load.sent.size, "no message was interrupted");
    },
  });
}

/** Waits until nobody listens any more: the system closes a port a moment after the program has. */
async function refused(port: number): Promise<void> {
  for (;;) {
    try {
      (await Deno.connect({ port })).close();
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionRefused) return;
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    }
  }
}

Deno.test({
  name: "D2: SIGTERM closes the ports first, and lets the message under way finish",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using bed = await Testbed.open();
    await bed.seedAccount();
    const login = await bed.createLogin();
    const server = await bed.serve();
    const { submissionServer } = bed.simulation;
    const arrives = Promise.withResolvers<void>();
    const goesOn = Promise.withResolvers<void>();
    submissionServer.pace = () => {
      arrives.resolve();
      return goesOn.promise;
    };
    using busy = await bed.logIn(login);
    using idle = await bed.logIn(login);
    await busy.envelope(NORA, ["a@example.com"]);
    const reply = busy.data(Buffer.from(LINE));
    reply.catch(() => {}); // It is awaited below, unless something else fails first.
    await arrives.promise;
    server.signal("SIGTERM");
    assert.match(await idle.reply(), /^421 4\.3\.2 /);
    for (const port of [bed.ports.smtp, bed.ports.startTls, bed.ports.tls]) {
      await refused(port);
    }
    assert.equal(submissionServer.store.received, 0);
    goesOn.resolve();
    assert.match(await reply, /^250 /);
    assert.equal(await server.exitCode(), 0);
    assert.equal(submissionServer.store.received, 1);
  },
});
