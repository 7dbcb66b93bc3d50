import assert from "node:assert/strict";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import { OpenPort } from "../testing/open_port.ts";
import { TlsEngine } from "./tls_engine.ts";

const authority = await CertificateAuthority.create("Test CA");
const other = await CertificateAuthority.create("Another CA");

/** A client that shakes hands, trusting one authority. */
async function shakeHands(port: OpenPort, trusted: CertificateAuthority): Promise<void> {
  using client = await port.connect();
  const arrival = await port.arrival();
  const [, { transport }] = await Promise.all([
    client.startTls(trusted.certificate),
    arrival.accept(),
  ]);
  transport.close();
  await client.readAll();
}

Deno.test("TlsEngine refuses a key that does not belong to the certificate", async () => {
  const pair = await authority.issue({ names: ["localhost"] });
  const { key } = await authority.issue({ names: ["localhost"] });
  assert.throws(
    () => new TlsEngine({ cert: pair.cert, key }),
    (error: Error) => error instanceof TypeError && /does not belong/.test(error.message),
  );
});

Deno.test("TlsEngine refuses what is no PEM, and shows nothing of the key", async () => {
  const { cert, key } = await authority.issue({ names: ["localhost"] });
  const cases = [
    { cert: "", key },
    { cert: "no certificate", key },
    { cert, key: "" },
    { cert, key: "no key" },
    { cert: key, key: cert },
    { cert, key: key.replace(/[A-Za-z0-9+/]{20}/, "!") },
  ];
  for (const pair of cases) {
    assert.throws(
      () => new TlsEngine(pair),
      (error: Error) => error instanceof TypeError && !error.message.includes(key.slice(30, 60)),
    );
  }
});

Deno.test("TlsEngine.reload() serves the new certificate to those who come, and open connections go on", async () => {
  const certificate = await authority.issue({ names: ["localhost"] });
  using port = await OpenPort.open("tls", { certificate });
  using early = await port.connect();
  const arrival = await port.arrival();
  const [, { transport }] = await Promise.all([
    early.startTls(authority.certificate),
    arrival.accept(),
  ]);

  port.network.useCertificate(await other.issue({ names: ["localhost"] }));
  await shakeHands(port, other);

  await transport.write(new TextEncoder().encode("still here"));
  assert.equal(await early.read(), "still here");
  transport.close();
  await early.readAll();
});

Deno.test("TlsEngine.reload() refuses a wrong pair, and the old one stays in use", async () => {
  const { cert, key } = await authority.issue({ names: ["localhost"] });
  using port = await OpenPort.open("tls", { certificate: { cert, key } });
  const { key: foreignKey } = await other.issue({ names: ["localhost"] });
  assert.throws(() => port.network.useCertificate({ cert, key: foreignKey }), /does not belong/);
  assert.throws(() => port.network.useCertificate({ cert: "broken", key }), /not valid PEM/);
  await shakeHands(port, authority);
});
