/** The end of the real program while others leave it waiting. */
import assert from "node:assert/strict";
import { HOUR_MS, systemClock } from "../lib/base/mod.ts";
import { HostileUpstream, type Phase } from "../smtp/testing/hostile_upstream.ts";
import type { SmtpClient, SmtpLogin } from "../tools/smtp_client.ts";
import { NORA, Testbed } from "./testbed.ts";
import { UpstreamPort } from "./upstream_port.ts";

const MESSAGE = new TextEncoder().encode("Subject: Test\r\n\r\nText\r\n");
const CHUNK_OCTETS = 9;
/** An account whose token has ended. */
const LATE = "late@outlook.example";
/** Longer than any test may take. */
const LONG_GRACE_S = 3_600;

/** The moment at which the upstream falls silent, and what a client has done until then. @returns its last reply. */
interface Way {
  readonly phase: Phase;
  act(client: SmtpClient): Promise<string>;
}

const AT_MAIL: Way = { phase: "MAIL", act: envelope };
const AT_RECIPIENT: Way = { phase: "RCPT", act: envelope };
const AFTER_DATA: Way = {
  phase: "end",
  act: (client) => envelope(client, () => client.data(MESSAGE)),
};
const INSIDE_CHUNKS: Way = { phase: "body", act: sendChunks };
const AFTER_CHUNKS: Way = { phase: "end", act: sendChunks };

/** A client whose upstream is silent. */
interface Stalled {
  readonly client: SmtpClient;
  /** Resolves to the client's last reply, or how it went without. */
  readonly end: Promise<string>;
}

async function envelope(client: SmtpClient, then = () => Promise.resolve("")): Promise<string> {
  assert.match(await client.command(`MAIL FROM:<${NORA}>`), /^250 /);
  const reply = await client.command("RCPT TO:<a@example.com>");
  return reply.startsWith("250") ? await then() : reply;
}

function sendChunks(client: SmtpClient): Promise<string> {
  return envelope(client, () => client.bdat(MESSAGE, CHUNK_OCTETS));
}

/** A server whose submission server, webhook and HTTP clients leave it waiting. */
class StoppingTestbed implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();

  private constructor(
    readonly bed: Testbed,
    readonly port: UpstreamPort,
    readonly login: SmtpLogin,
    readonly lateLogin: SmtpLogin,
  ) {}

  static async open(graceS: number): Promise<StoppingTestbed> {
    const bed = await Testbed.open();
    const { certificateAuthority } = bed.simulation;
    const port = new UpstreamPort(await certificateAuthority.issue({ names: ["localhost"] }));
    await bed.seedAccount();
    await bed.seedAccount(LATE, 0);
    const logins = [await bed.createLogin(), await bed.createLogin(LATE)] as const;
    const stopping = new StoppingTestbed(bed, port, ...logins);
    stopping.#stack.use(port);
    stopping.#stack.use(bed);
    const webhook = stopping.#openWebhook();
    // A certificate that ends soon is an alert.
    await bed.certify(["localhost"], { notAfter: new Date(systemClock.now() + HOUR_MS) });
    port.upstream = new HostileUpstream({ phase: "greeting", fault: "split", chunking: true });
    await bed.serve({
      SMTP_TARGET_HOST: "localhost",
      SMTP_TARGET_PORT: `${await port.listen()}`,
      SMTP_TARGET_TLS: "false",
      SMTP_SHUTDOWN_GRACE_S: `${graceS}`,
      UPSTREAM_MAX_CONNECTIONS_PER_MAILBOX: "10",
      ALERT_WEBHOOK_URL: webhook.url,
    });
    await webhook.called;
    return stopping;
  }

  /** Asks for a token, which the identity service never gives. */
  async askForToken(): Promise<void> {
    this.bed.simulation.identityProvider.faults.token = { kind: "hang" };
    const client = await this.bed.connect();
    this.#stack.defer(() => client.close());
    client.authenticate(this.lateLogin).catch(() => {}); // Its answer is of no interest.
  }

  /** Opens a webhook that never answers. */
  #openWebhook() {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#stack.defer(() => listener.close());
    const called = listener.accept().then((connection) =>
      this.#stack.defer(() => connection.close())
    );
    return { url: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/`, called };
  }

  /** Connects to the web pages, and sends this much of a request. */
  async browse(request: string): Promise<void> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: this.bed.ports.http });
    this.#stack.defer(() => connection.close());
    await connection.write(new TextEncoder().encode(request));
  }

  /** Logs clients in, one for each way, and lets each come to the point where the upstream says nothing more. */
  async stall(ways: readonly Way[]): Promise<readonly Stalled[]> {
    const clients: SmtpClient[] = [];
    for (const _way of ways) clients.push(await this.bed.logIn(this.login));
    this.#stack.defer(() => clients.forEach((client) => client.close()));
    // So that each transaction gets a connection of its own.
    await this.port.dropAll();
    const stalled: Stalled[] = [];
    for (const [index, { phase, act }] of ways.entries()) {
      const client = clients[index]!;
      const upstream = new HostileUpstream({ phase, fault: "stall", chunking: true });
      this.port.upstream = upstream;
      const end = act(client).catch((error: Error) => error.message);
      await upstream.faulty;
      stalled.push({ client, end });
    }
    return stalled;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

Deno.test({
  name: "D2: SIGTERM ends the program after the grace period, whatever is silent",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using stopping = await StoppingTestbed.open(1);
    const { bed } = stopping;
    await stopping.askForToken();
    await stopping.browse("GET / HTTP/1.1\r\nHost: local");
    await stopping.browse("POST /account HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n");
    const [atMail, atRecipient, afterData, insideChunks, afterChunks, gone] = await stopping.stall(
      [AT_MAIL, AT_RECIPIENT, AFTER_DATA, INSIDE_CHUNKS, AFTER_CHUNKS, AFTER_DATA],
    );
    gone!.client.close();
    assert.equal(await bed.server.stop(), 0);
    for (
      const { end } of [atMail, atRecipient, afterData, insideChunks, afterChunks] as Stalled[]
    ) {
      assert.match(await end, /^421 4\.3\.2 /);
    }
    const outcomes = await bed.withServices(({ store }) => store.deliveries.list({ limit: 9 }));
    assert.deepEqual(
      outcomes.filter(({ stage }) => stage !== "auth").map(({ outcome }) => outcome).toSorted(),
      ["deferred", "deferred", "deferred", "unknown", "unknown", "unknown"],
    );
  },
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test({
    name: `D2: a second signal ends the program at once (${signal})`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using stopping = await StoppingTestbed.open(LONG_GRACE_S);
      const { server } = stopping.bed;
      await stopping.stall([AFTER_DATA]);
      server.signal("SIGTERM");
      await server.logs(/stopping signal=SIGTERM/);
      server.signal(signal);
      assert.equal(await server.exitCode(), signal === "SIGINT" ? 130 : 143);
    },
  });
}
