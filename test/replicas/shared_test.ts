/** State that replicas share, as browsers and mail clients see it who use two of them. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { ScriptedBrowser } from "../../tools/simulate/browser.ts";
import type { SmtpLogin } from "../../tools/smtp_client.ts";
import { needsPostgres, sharedCluster } from "../postgres.ts";
import { NORA } from "../testbed.ts";
import { eventually, type Replica, ReplicasTestbed } from "./testbed.ts";

const cluster = await sharedCluster();
const MESSAGE = Buffer.from("Subject: x\r\n\r\nText\r\n");

/** A person who is signed in, behind a balancer that leads to one replica or the other. */
interface Visit {
  readonly bed: ReplicasTestbed;
  readonly one: Replica;
  readonly other: Replica;
  readonly browser: ScriptedBrowser;
  readonly login: SmtpLogin;
  /** Opens the live activity on a replica. */
  watch(replica: Replica): Promise<EventReader>;
}

function visitTest(name: string, test: (visit: Visit) => Promise<void>): void {
  Deno.test({
    name,
    ...needsPostgres,
    async fn() {
      await using bed = await ReplicasTestbed.open(cluster!);
      const [one, other] = await bed.serve(2) as [Replica, Replica];
      let cookie = "";
      const onListen = () => {};
      await using _balancer = Deno.serve({ port: bed.bed.ports.http, onListen }, (request) => {
        cookie = request.headers.get("cookie") ?? cookie;
        const url = new URL(request.url);
        url.port = `${one.ports.http}`;
        return fetch(new Request(url, request), { redirect: "manual" });
      });
      const browser = new ScriptedBrowser();
      const login = await bed.bed.signIn(browser);
      await browser.get(`${bed.bed.url}/account`);
      const watch = async ({ ports }: Replica) => {
        const url = `http://localhost:${ports.http}/activity/events?after=0`;
        const response = await fetch(url, { headers: { cookie }, redirect: "manual" });
        assert.equal(response.status, 200);
        return new EventReader(response.body!);
      };
      await test({ bed, one, other, browser, login, watch });
    },
  });
}

const TIMEOUT_MS = 30_000;

/** Reads server-sent events. */
class EventReader implements AsyncDisposable {
  #text = "";
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = body.pipeThrough(new TextDecoderStream()).getReader();
    this.#timer = setTimeout(() => void this.#reader.cancel(), TIMEOUT_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#reader.cancel();
  }

  /** Reads until a text has come; false if the stream ends before. */
  async has(text: string): Promise<boolean> {
    while (!this.#text.includes(text)) {
      const { value, done } = await this.#reader.read();
      if (done) return false;
      this.#text += value;
    }
    return true;
  }

  /** Resolves when the server ends the stream. */
  async ended(): Promise<void> {
    const startMs = performance.now();
    while (!(await this.#reader.read()).done);
    assert.ok(performance.now() - startMs < TIMEOUT_MS / 2, "the server did not end the stream");
  }
}

visitTest(
  "R3: a message through one replica shows at once on a page that another one serves",
  async ({ one, other, login, watch }) => {
    await using events = await watch(other);
    assert.ok(await events.has("hello"));
    for (const [index, replica] of [one, other, one].entries()) {
      using client = await replica.logIn(login);
      await client.envelope(NORA, ["a@example.com"]);
      assert.match(await client.data(MESSAGE), /^250 /);
      assert.ok(await events.has(`simulated message ${index + 1}`), `message ${index}`);
    }
  },
);

visitTest(
  "R3: who signs out on one replica is signed out on all: pages, and the live activity",
  async ({ bed, other, browser, watch }) => {
    await using events = await watch(other);
    assert.ok(await events.has("hello"));
    await browser.post(`${bed.bed.url}/account/sign-out`, {});
    await events.ended();
    await assert.rejects(watch(other));
  },
);

visitTest(
  "R3: an account that is deleted is gone on all replicas: pages, live activity, mail clients",
  async ({ bed, one, other, login, watch }) => {
    await using events = await watch(other);
    const clients = await Promise.all([one, other].map((replica) => replica.logIn(login)));
    const { code } = await bed.bed.run(["account", "remove", NORA, "--yes"]);
    assert.equal(code, 0);
    await events.ended();
    for (const client of clients) assert.match(await client.reply(), /^421 /);
    for (const replica of [one, other]) assert.match(await replica.tryLogin(login), /^535 /);
  },
);

visitTest(
  "R3: a revocation reaches a client whose transaction is open on another replica",
  async ({ bed, one, other, login }) => {
    const { submissionServer } = bed.bed.simulation;
    const clients = await Promise.all([one, other].map((replica) => replica.logIn(login)));
    for (const client of clients) await client.envelope(NORA, ["a@example.com"]);
    const [writing, waiting] = clients as [typeof clients[0], typeof clients[0]];
    assert.match(await writing.command("DATA"), /^354 /);
    const [password] = await bed.bed.json("account", "password", "list", NORA);
    await bed.bed.json("account", "password", "revoke", NORA, password.id);
    assert.match(await waiting.reply(), /^421 /);
    await writing.write(MESSAGE).catch(() => {});
    await writing.command(".").catch(() => {});
    for (const replica of [one, other]) assert.match(await replica.tryLogin(login), /^535 /);
    assert.ok(submissionServer.store.received <= 1, "what was under way, at most");
  },
);

visitTest(
  "R3: guesses at an account on one replica slow down guesses on another one",
  async ({ bed, one, other, login }) => {
    const guess = (replica: Replica, number: number) =>
      replica.tryLogin({ ...login, password: `guess${number}` });
    const guesses = Array.from({ length: 14 }, (_, number) => guess(one, number));
    for (const reply of await Promise.all(guesses)) assert.match(reply, /^535 |^454 /);
    const seen = async () => {
      const sql = "SELECT min(seen_at)::text AS at FROM replicas";
      return (await bed.cluster.query(bed.database, sql))[0]!.at as string;
    };
    const count = "SELECT count(*)::int AS n FROM throttle_events";
    await eventually("the failures are stored", async () => {
      return (await bed.cluster.query(bed.database, count))[0]!.n as number >= 12;
    });
    // The first of two more heartbeats may have begun before.
    for (let heartbeat = 0; heartbeat < 2; heartbeat++) {
      const last = await seen();
      await eventually("a heartbeat", async () => await seen() > last);
    }
    assert.match(await guess(other, 99), /^(421|454) /);
    assert.match(await other.tryLogin(login), /^235 /, "a right one is never refused");
    const events = await bed.cluster.query(bed.database, "SELECT event FROM throttle_events");
    assert.doesNotMatch(JSON.stringify(events), /nora|guess|127\.0\.0\.1/i);
  },
);
