/** TLS towards the upstream, over real sockets: who is trusted, and that the runtime upgrades as it should. */
import assert from "node:assert/strict";
import {
  CertificateAuthority,
  type CertificateRequest,
} from "../../tools/simulate/certificates.ts";
import type { SubmissionTarget } from "../backend.ts";
import type { CertificatePair } from "../net/transport.ts";
import { octets, text } from "../testing/assertions.ts";
import { OpenPort } from "../testing/open_port.ts";
import type { Transport } from "../net/transport.ts";
import { WireReader } from "../net/wire.ts";

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

/** Runs the program that connects, with an authority to trust. */
async function connectAll(
  ports: readonly OpenPort[],
  tls: SubmissionTarget["tls"],
  trusted: CertificateAuthority,
): Promise<unknown> {
  const file = await Deno.makeTempFile({ suffix: ".pem" });
  await Deno.writeTextFile(file, trusted.certificate);
  const program = new URL("../testing/sign_in_over_tls.ts", import.meta.url).pathname;
  const targets = ports.map((port) => `localhost:${port.number}:${tls}`);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-net", program, ...targets],
    env: { DENO_CERT: file },
  }).output();
  await Deno.remove(file);
  const decoder = new TextDecoder();
  assert.notEqual(stdout.length, 0, decoder.decode(stderr));
  return JSON.parse(decoder.decode(stdout));
}

for (const tls of ["implicit", "starttls"] as const) {
  Deno.test(`U9: of all certificates, the upstream's has to be good (${tls})`, async () => {
    const trusted = await CertificateAuthority.create("Trusted CA");
    const foreign = await CertificateAuthority.create("Foreign CA");
    const cases = Object.values(CASES);
    const ports = await Promise.all(cases.map(async (each) => {
      const issuer = each.foreign ? foreign : trusted;
      return await openUpstream(await issuer.issue(each.certificate), tls);
    }));
    const outcomes = await connectAll(ports, tls, trusted);
    assert.deepEqual(outcomes, cases.map(({ outcome }) => outcome), Object.keys(CASES).join(", "));
    for (const port of ports) port[Symbol.dispose]();
  });
}
