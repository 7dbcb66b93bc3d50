/**
 * The real program with a submission server that breaks, or that stops reading, over real sockets and real TLS. All the other
 * combinations are in `smtp/server/faults_test.ts` and `smtp/server/back_pressure_test.ts`.
 */
import assert from "node:assert/strict";
import { systemClock } from "../lib/base/mod.ts";
import { NativeTransport } from "../smtp/net/native_transport.ts";
import {
  type Fault,
  HostileUpstream,
  type Phase,
  type Plan,
} from "../smtp/testing/hostile_upstream.ts";
import { RetryingClient } from "../smtp/testing/retrying_client.ts";
import { stalls } from "../smtp/testing/stalls.ts";
import { CertificateAuthority } from "../tools/simulate/certificates.ts";
import type { SmtpLogin } from "../tools/smtp_client.ts";
import { MIB } from "./messages.ts";
import { NORA, Testbed } from "./testbed.ts";
import { UpstreamPort } from "./upstream_port.ts";

const PHASES: readonly Phase[] = [
  "greeting",
  "STARTTLS",
  "handshake",
  "AUTH",
  "RCPT",
  "body",
  "end",
];
const FAULTS: readonly Fault[] = ["reset", "close", "garbage"];

const FLAWLESS: Plan = { phase: "greeting", fault: "split", chunking: true };

const PIECES = [
  "Subject: a message\r\n\r\n",
  ".dot\r\n",
  `${"x".repeat(70)}\r\n`.repeat(5_000),
  "end\r\n",
];

let bed: Testbed;
let login: SmtpLogin;
let port: UpstreamPort;

Deno.test.beforeAll(async () => {
  bed = await Testbed.open();
  port = new UpstreamPort(await bed.simulation.certificateAuthority.issue({ names: ["unused"] }));
  await bed.serve({
    SMTP_TARGET_HOST: "localhost",
    SMTP_TARGET_PORT: `${await port.listen()}`,
    SMTP_TARGET_TLS: "false",
  });
});
// With a new access token the program has to sign in at the submission server before it lets a client in.
Deno.test.beforeEach(async () => {
  login = await bed.signIn();
});
Deno.test.afterAll(async () => {
  await bed[Symbol.asyncDispose]();
  await port[Symbol.asyncDispose]();
});

/** Lets a client send a message through an upstream that is new. */
async function send(plan: Plan) {
  await port.dropAll();
  const upstream = port.upstream = new HostileUpstream(plan);
  const connect = async () => {
    const { smtp } = bed.ports;
    return new NativeTransport(
      await Deno.connect({ hostname: "127.0.0.1", port: smtp }),
      systemClock,
    );
  };
  const client = new RetryingClient(connect, {
    clock: systemClock,
    ...login,
    sender: NORA,
    recipient: "somebody@example.com",
    way: plan.chunking ? "BDAT" : "DATA",
    startTls: false,
    pieces: PIECES,
    retryDelayMs: 0,
  });
  const outcome = await client.send();
  client.close();
  return { upstream, outcome, refusals: client.refusals };
}

Deno.test("U1 U2 U3 U4 U8: a submission server that breaks, over real TLS", async (test) => {
  const { certificateAuthority } = bed.simulation;
  port.engine.reload(await certificateAuthority.issue({ names: ["localhost"] }));
  for (const phase of PHASES) {
    for (const fault of FAULTS) {
      for (const chunking of [true, false]) {
        await test.step(`${fault} at ${phase}, by ${chunking ? "BDAT" : "DATA"}`, async () => {
          const { upstream, outcome, refusals } = await send({ phase, fault, chunking });
          assert.equal(outcome, "accepted");
          assert.equal(refusals.length, 1);
          assert.match(refusals[0]!, /^45[14] 4\.[47]\.\d /);
          assert.equal(upstream.messages.length, phase === "end" ? 2 : 1);
          for (const message of upstream.messages) assert.equal(message, PIECES.join(""));
        });
      }
    }
  }
  assert.doesNotMatch(bed.server.log, /fault=insecure/);
});

Deno.test("U8: a reply that nobody asked for is no verdict, over real TLS", async (test) => {
  const { certificateAuthority } = bed.simulation;
  port.engine.reload(await certificateAuthority.issue({ names: ["localhost"] }));
  // Only where a client's next step lies between: what follows at once may be under way before the second reply is there.
  for (const [phase, chunking] of [["RCPT", true], ["RCPT", false], ["body", true]] as const) {
    await test.step(`behind the reply at ${phase}, ${chunking ? "BDAT" : "DATA"}`, async () => {
      const { upstream, outcome, refusals } = await send({ phase, fault: "extra", chunking });
      assert.equal(outcome, "accepted");
      assert.equal(refusals.length, 1);
      assert.match(refusals[0]!, /^451 4\.4\.2 /);
      assert.equal(upstream.messages.length, 1);
    });
  }
});

Deno.test("U9: no token goes to a submission server whose certificate can't be trusted", async (test) => {
  const trusted = bed.simulation.certificateAuthority;
  const stranger = await CertificateAuthority.create("stranger");
  const longAgo = { notBefore: new Date("2020-01-01"), notAfter: new Date("2020-02-01") };
  const pairs = {
    "another name": await trusted.issue({ names: ["upstream.example"] }),
    "an expired one": await trusted.issue({ names: ["localhost"], ...longAgo }),
    "one of nobody's": await stranger.issue({ names: ["localhost"] }),
  };
  for (const [name, pair] of Object.entries(pairs)) {
    await test.step(name, async () => {
      port.engine.reload(pair);
      const { outcome, refusals, upstream } = await send(FLAWLESS);
      assert.equal(outcome, "given up");
      for (const refusal of refusals) assert.match(refusal, /^454 4\.7\.0 /);
      assert(!upstream.verbs.includes("AUTH"));
    });
  }
  await bed.server.logs(/fault=insecure/);
});

/** Nearly the largest message. */
const LARGE_OCTETS = 140 * MIB;
/** More than the buffers of the system hold for two connections. */
const ON_THE_WAY_OCTETS = 64 * MIB;
const LARGE_PIECE = new TextEncoder().encode(`${"x".repeat(62)}\r\n`.repeat(MIB / 64));

for (const clientPort of ["smtp", "tls"] as const) {
  for (const chunking of [true, false]) {
    const way = chunking ? "BDAT" : "DATA";
    Deno.test(`D4: a client on the port ${clientPort} waits for a server that stops reading ${way}`, async () => {
      port.engine.reload(await bed.simulation.certificateAuthority.issue({ names: ["localhost"] }));
      await port.dropAll();
      const upstream = port.upstream = new HostileUpstream({
        phase: "body",
        fault: "stall",
        chunking,
      });
      using client = await bed.logIn(login, clientPort);
      await client.envelope(NORA, ["a@example.com"]);
      assert.match(await client.command("DATA"), /^354 /);
      let sent = 0;
      let enough = false;
      const sending = (async () => {
        for (; sent < LARGE_OCTETS && !enough; sent += MIB) await client.write(LARGE_PIECE);
      })();

      await stalls(() => sent);

      assert.ok(sent < ON_THE_WAY_OCTETS, `${sent} octets went out, and nobody takes them`);
      enough = true;
      await port.dropAll();
      await sending;
      assert.match(await client.command("."), /^451 4\.4\.2 /);
      assert.deepEqual(upstream.messages, []);
    });
  }
}
