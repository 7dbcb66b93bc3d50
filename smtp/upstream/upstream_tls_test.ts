/** TLS towards the upstream, over real sockets: who is trusted, and that the runtime upgrades as it should. */
import assert from "node:assert/strict";
import {
  CertificateAuthority,
  type CertificateRequest,
} from "../../tools/simulate/certificates.ts";
import { systemClock } from "../../lib/base/mod.ts";
import type { SubmissionTarget } from "../backend.ts";
import { TcpDialer } from "../net/native_transport.ts";
import type { CertificatePair } from "../net/transport.ts";
import { octets, text } from "../testing/assertions.ts";
import { OpenPort } from "../testing/open_port.ts";
import type { Transport } from "../net/transport.ts";
import { WireReader } from "../net/wire.ts";
import { UpstreamError } from "../protocol/failure.ts";
import { UpstreamConnection } from "./connection.ts";
import { Deadlines } from "./deadlines.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const LINE_LIMIT_OCTETS = 512;

interface Case {
  readonly certificate: CertificateRequest;
  /** Whether an authority issued it that nobody trusts. */
  readonly foreign?: boolean;
  readonly outcome: "open" | "insecure";
}

const GOOD: CertificateRequest = { names: ["localhost"] };

const CASES: Readonly<Record<string, Case>> = {
  "a good certificate": { certificate: GOOD, outcome: "open" },
  "a certificate for another name": {
    certificate: { names: ["other.example"] },
    outcome: "insecure",
  },
  "a certificate that has expired": {
    certificate: {
      ...GOOD,
      notBefore: new Date(Date.now() - 30 * DAY_MS),
      notAfter: new Date(Date.now() - DAY_MS),
    },
    outcome: "insecure",
  },
  "a certificate that is not valid yet": {
    certificate: { ...GOOD, notBefore: new Date(Date.now() + DAY_MS) },
    outcome: "insecure",
  },
  "a certificate of an unknown issuer": { certificate: GOOD, foreign: true, outcome: "insecure" },
};

/** An upstream, up to where a sign-in would begin. */
async function serve(transport: Transport): Promise<void> {
  const reader = new WireReader(transport);
  await transport.write(octets("220 upstream.example\r\n"));
  for (;;) {
    const line = await reader.readLine(LINE_LIMIT_OCTETS);
    if (line === null) return transport.close();
    switch (text(line).split(" ")[0]) {
      case "EHLO":
        await transport.write(octets("250-upstream.example\r\n250 STARTTLS\r\n"));
        break;
      case "STARTTLS":
        reader.discard();
        await transport.startTls(octets("220 Go ahead\r\n"));
        break;
      default:
        await transport.write(octets("221 Bye\r\n"));
        return transport.close();
    }
  }
}

/** Opens an upstream for one connection. */
async function openUpstream(
  certificate: CertificatePair,
  tls: SubmissionTarget["tls"],
): Promise<OpenPort> {
  const port = await OpenPort.open(tls === "implicit" ? "tls" : "starttls", { certificate });
  serveOne(port);
  return port;
}

async function serveOne(port: OpenPort): Promise<void> {
  const arrival = await port.arrival();
  try {
    await serve((await arrival.accept()).transport);
  } catch {
    // A client that does not like the certificate breaks off: what it says of it is what counts.
  }
}

/** Connects, trusting an authority. @returns `open`, or the fault of the {@linkcode UpstreamError}. */
async function connect(target: SubmissionTarget, ca: string): Promise<string> {
  try {
    const connection = await UpstreamConnection.open({
      deadlines: new Deadlines(systemClock),
      target,
      greetingName: "proxy.example",
      dialer: new TcpDialer(systemClock, [ca]),
      clock: systemClock,
    });
    await connection.quit();
    return "open";
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return error.fault;
  }
}

for (const tls of ["implicit", "starttls"] as const) {
  Deno.test(`U9: of all certificates, the upstream's has to be good (${tls})`, async (test) => {
    const trusted = await CertificateAuthority.create("Trusted CA");
    const foreign = await CertificateAuthority.create("Foreign CA");
    for (const [name, { certificate, foreign: isForeign, outcome }] of Object.entries(CASES)) {
      await test.step(name, async () => {
        const issuer = isForeign ? foreign : trusted;
        using port = await openUpstream(await issuer.issue(certificate), tls);
        const target = { host: "localhost", port: port.number, tls };
        assert.equal(await connect(target, trusted.certificate), outcome);
      });
    }
  });
}
