/** The versions and ciphers of TLS that the ports accept, tried with OpenSSL. */
import assert from "node:assert/strict";
import { requireProgram, run } from "../../test/programs.ts";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import { systemClock } from "../../lib/base/mod.ts";
import { TcpNetwork } from "./network.ts";
import { NO_PROXY } from "../testing/open_port.ts";

const GREETING = new TextEncoder().encode("220 hello\r\n");

const ACCEPTED: Readonly<Record<string, readonly string[]>> = {
  "TLS 1.3 with AES": ["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"],
  "TLS 1.3 with ChaCha20": ["-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"],
  "TLS 1.2 with AES-GCM": ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"],
  "TLS 1.2 with ChaCha20": ["-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"],
};

const REFUSED: Readonly<Record<string, readonly string[]>> = {
  "TLS 1.0": ["-tls1", "-cipher", "ALL@SECLEVEL=0"],
  "TLS 1.1": ["-tls1_1", "-cipher", "ALL@SECLEVEL=0"],
  "TLS 1.2 without authenticated encryption": ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"],
  "TLS 1.2 without forward secrecy": ["-tls1_2", "-cipher", "AES128-GCM-SHA256"],
  "TLS 1.2 with SHA-1": ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"],
};

/** Connects with OpenSSL and returns its output. */
async function connect(args: readonly string[]): Promise<string> {
  const authority = await CertificateAuthority.create("test");
  const network = new TcpNetwork({
    clock: systemClock,
    certificate: await authority.issue({ names: ["localhost"] }),
    proxyProtocol: NO_PROXY,
    inspectionDelayMs: 0,
    observe: () => {},
  });
  const ended = Promise.withResolvers<void>();
  const listener = await network.listen({ kind: "tls", host: "127.0.0.1", port: 0 }, (arrival) => {
    const greeted = arrival.accept().then(async ({ transport }) => {
      await transport.write(GREETING);
      transport.close();
    });
    greeted.then(ended.resolve, () => ended.resolve());
  });
  const target = `127.0.0.1:${listener.endpoint.port}`;
  const { output } = await run("openssl", ["s_client", "-ign_eof", "-connect", target, ...args]);
  await ended.promise;
  listener.close();
  return output;
}

for (const [name, args] of Object.entries(ACCEPTED)) {
  Deno.test({
    name: `TLS: ${name} is accepted`,
    ...requireProgram("openssl", "version"),
    fn: async () => assert.match(await connect(args), /220 hello/),
  });
}

for (const [name, args] of Object.entries(REFUSED)) {
  Deno.test({
    name: `TLS: ${name} is refused`,
    ...requireProgram("openssl", "version"),
    fn: async () =>
      assert.match(await connect(args), /alert (?:handshake failure|protocol version)/),
  });
}
