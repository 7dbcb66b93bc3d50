/** Certificates and tokens of applications that replicas of the real program share. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import type { TLSSocket } from "node:tls";
import { DEMO_APPLICATION, OFFICE_APPLICATION } from "../../tools/simulate/identity_provider.ts";
import { tenantIdOf } from "../../tools/simulate/people.ts";
import { Pebble, REQUIRES_PEBBLE } from "../pebble.ts";
import { ReservedPorts } from "../ports.ts";
import { needsPostgres, sharedCluster } from "../postgres.ts";
import { ReplicasTestbed } from "./testbed.ts";
import type { Settings } from "../testbed.ts";
import { connectTls } from "../tls_client.ts";

const cluster = await sharedCluster();
const HOST = "mail.example.org";

/** Settings of replicas whose certificate is no file. */
function automatic(redirectPort: number): Settings {
  return {
    ...{ SMTP_KEY_FILE: "", SMTP_CERT_FILE: "", PUBLIC_URL: "" },
    HTTP_REDIRECT_PORT: `${redirectPort}`,
  };
}

function serialNumber(socket: TLSSocket): string {
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

Deno.test({
  name:
    "R3: one replica requests a certificate, another one answers the challenge, and both show it",
  ignore: needsPostgres.ignore || REQUIRES_PEBBLE.ignore,
  async fn() {
    await using replicas = await ReplicasTestbed.open(cluster!);
    const { bed } = replicas;
    using spare = ReservedPorts.reserve();
    const withAcme = (redirectPort: number, directoryUrl: string) => ({
      ...automatic(redirectPort),
      SMTP_PUBLIC_HOST: HOST,
      ACME: "on",
      ACME_DIRECTORY_URL: directoryUrl,
    });
    const nowhere = `https://localhost:${spare.unused}/dir`;
    const answering = await replicas.serveOne(withAcme(spare.http, nowhere));
    await answering.program.logs(/no new certificate/);
    await using pebble = await Pebble.start({
      authority: bed.simulation.certificateAuthority,
      directory: bed.directory,
      challengePort: spare.http,
    });
    const asking = await replicas.serveOne(withAcme(spare.smtp, pebble.directoryUrl));
    assert.doesNotMatch(
      asking.program.log,
      /requesting a certificate/,
      "both wait after a failure",
    );
    asking.program.signal("SIGHUP");
    for (const { program } of [asking, answering]) {
      await program.logs(/certificate replaced.*use=HTTPS/);
    }
    const root = await pebble.root(bed.simulation.certificateAuthority);
    const numbers = new Set<string>();
    for (const { ports } of [asking, answering]) {
      for (const port of [ports.tls, ports.http]) {
        numbers.add(serialNumber(await connectTls(port, root, HOST)));
      }
    }
    assert.equal(numbers.size, 1);
    assert.ok(!existsSync(bed.path("acme")), "nothing is stored beside the database");

    const settings = withAcme(spare.smtp, pebble.directoryUrl);
    const { output } = await bed.run(["check", "--json"], settings);
    assert.match(output, /valid until \S+, renewed by ACME/);
    const late = await replicas.serveOne(withAcme(spare.tls, pebble.directoryUrl));
    assert.equal(serialNumber(await connectTls(late.ports.tls, root, HOST)), [...numbers][0]);
    assert.doesNotMatch(late.program.log, /requesting|temporary/);
    const rows = await replicas.cluster.query(replicas.database, "SELECT * FROM acme_challenges");
    assert.deepEqual(rows, []);
  },
});

Deno.test({
  name: "R3: replicas with an authority of their own show one and the same",
  ...needsPostgres,
  async fn() {
    await using replicas = await ReplicasTestbed.open(cluster!);
    using spare = ReservedPorts.reserve();
    const redirectPorts = [spare.http, spare.smtp, spare.tls];
    const started = await Promise.all(
      redirectPorts.map((port) => replicas.serveOne({ ...automatic(port), OWN_CA: "on" })),
    );
    const shown = await Promise.all(redirectPorts.map(async (port) => {
      return await (await fetch(`http://localhost:${port}/ca.crt`)).text();
    }));
    assert.equal(new Set(shown).size, 1);
    assert.ok(new X509Certificate(shown[0]!).ca);
    for (const { ports } of started) {
      for (const port of [ports.tls, ports.http]) {
        (await connectTls(port, shown[0]!, "localhost")).destroy();
      }
    }
    assert.ok(!existsSync(replicas.bed.path("own-ca")), "nothing is stored beside the database");
  },
});

Deno.test({
  name:
    "R3: replicas fetch one token for an organisation, and it survives a restart of all of them",
  ...needsPostgres,
  async fn() {
    await using replicas = await ReplicasTestbed.open(cluster!);
    const { bed } = replicas;
    const scanner = "scanner@contoso.example";
    const { id, secret } = OFFICE_APPLICATION;
    const office = `${id}@${tenantIdOf(scanner)}:${secret}`;
    const people = `${DEMO_APPLICATION.id}:${DEMO_APPLICATION.secret}`;
    bed.environment.APP_SECRETS = `${people},${office}`;
    const [added] = await bed.json("mailbox", "add", scanner, "--app-password", "scanner");
    const login = { username: scanner, password: added.appPassword };
    const { identityProvider } = bed.simulation;
    const before = identityProvider.tokenRequests;
    const started = await replicas.serve(3);
    const replies = await Promise.all(
      Array.from({ length: 30 }, (_, index) => started[index % 3]!.tryLogin(login)),
    );
    for (const reply of replies) assert.match(reply, /^235 /);
    assert.equal(identityProvider.tokenRequests - before, 1);

    for (const { program } of started) await program.stop();
    await identityProvider.stop();
    const again = await replicas.serveOne();
    assert.match(await again.tryLogin(login), /^235 /);
    using client = await again.logIn(login);
    await client.envelope(scanner, ["a@example.com"]);
    assert.match(await client.data(new TextEncoder().encode("Subject: x\r\n\r\nx\r\n")), /^250 /);
    await identityProvider.restart();
    const stored = await replicas.cluster.query(replicas.database, "SELECT * FROM sealed_values");
    assert.doesNotMatch(JSON.stringify(stored), /eyJ/);
  },
});
