/**
 * Certificates from a public authority, with Pebble as the authority.
 */
import assert from "node:assert/strict";
import { Pebble, REQUIRES_PEBBLE } from "../pebble.ts";
import { connectTls, converse } from "../tls_client.ts";
import { NORA, type Settings, Testbed } from "../testbed.ts";

const HOST = "mail.example.org";

/** Settings of an installation with ACME, where port 80 is another one. */
function acmeSettings(bed: Testbed, pebble: Pebble): Settings {
  return {
    ...{ SMTP_KEY_FILE: "", SMTP_CERT_FILE: "", PUBLIC_URL: "" },
    SMTP_PUBLIC_HOST: HOST,
    ACME_EMAIL: "operator@example.org",
    ACME_DIRECTORY_URL: pebble.directoryUrl,
    HTTP_REDIRECT_PORT: `${bed.ports.metrics}`,
  };
}

function startPebble(bed: Testbed, options: Partial<Parameters<typeof Pebble.start>[0]> = {}) {
  return Pebble.start({
    authority: bed.simulation.certificateAuthority,
    directory: bed.directory,
    challengePort: bed.ports.metrics,
    ...options,
  });
}

Deno.test({
  name: "ACME: the first certificate comes while the program runs, for mail and pages",
  ...REQUIRES_PEBBLE,
  async fn() {
    await using bed = await Testbed.open();
    await using pebble = await startPebble(bed, { rejectedNonces: 30 });
    await bed.seedAccount();
    const { username, password } = await bed.createLogin();
    await bed.serve(acmeSettings(bed, pebble));
    assert.match(bed.server.log, /clients get a temporary one, which they do not trust/);
    await bed.server.logs(/certificate replaced.*use=HTTPS/);
    const root = await pebble.root(bed.simulation.certificateAuthority);

    const replies = await converse(await connectTls(bed.ports.tls, root, HOST), [
      "EHLO client.example",
      `AUTH PLAIN ${btoa(`\0${username}\0${password}`)}`,
      `MAIL FROM:<${NORA}>`,
      "RCPT TO:<a@example.com>",
      "DATA",
      "Subject: Test\r\n\r\nText\r\n.",
    ]);
    assert.deepEqual(replies.map((line) => line.slice(0, 3)), [
      ...["220", "250", "235", "250", "250", "354", "250"],
    ]);
    (await connectTls(bed.ports.http, root, HOST)).destroy();

    const { output } = await bed.run(["check", "--json"], acmeSettings(bed, pebble));
    assert.match(output, /valid until \S+, renewed by ACME/);
    assert.match(output, /port 80 of mail\.example\.org cannot be reached from this machine/);

    const redirect = await fetch(`http://localhost:${bed.ports.metrics}/guides?a=b`, {
      redirect: "manual",
    });
    await redirect.body?.cancel();
    assert.equal(redirect.status, 308);
    assert.equal(redirect.headers.get("location"), `https://${HOST}:${bed.ports.http}/guides?a=b`);
    for (const name of ["acme/certificate.pem", "acme/account.json"]) {
      const { mode } = await Deno.stat(bed.path(name));
      if (Deno.build.os !== "windows") assert.equal(mode! & 0o777, 0o600, name);
    }
  },
});

Deno.test({
  name: "ACME: a restart keeps the certificate and asks for no other",
  ...REQUIRES_PEBBLE,
  async fn() {
    await using bed = await Testbed.open();
    await using pebble = await startPebble(bed);
    const settings = acmeSettings(bed, pebble);
    await bed.serve(settings);
    await bed.server.logs(/certificate replaced.*use=HTTPS/);
    const kept = await Deno.readTextFile(bed.path("acme/certificate.pem"));
    await bed.server.stop();
    await bed.serve(settings);
    await bed.server.stop();
    assert.doesNotMatch(bed.server.log, /requesting a certificate|temporary/);
    assert.equal(await Deno.readTextFile(bed.path("acme/certificate.pem")), kept);
  },
});

Deno.test({
  name: "ACME: an authority that binds accounts gets the binding",
  ...REQUIRES_PEBBLE,
  async fn() {
    const hmacKey = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
    await using bed = await Testbed.open();
    await using pebble = await startPebble(bed, { bindings: { "kid-1": hmacKey } });
    const settings = acmeSettings(bed, pebble);
    await bed.serve(settings);
    await bed.server.logs(/requires an account with it.*ACME_EAB_KEY_ID/);
    await bed.server.stop();
    await bed.serve({ ...settings, ACME_EAB_KEY_ID: "kid-1", ACME_EAB_HMAC_KEY: hmacKey });
    await bed.server.logs(/certificate replaced.*use=HTTPS/);
    assert.ok(!bed.server.log.includes(hmacKey));
  },
});

Deno.test({
  name: "ACME: a port 80 that the authority cannot reach is named",
  ...REQUIRES_PEBBLE,
  async fn() {
    await using bed = await Testbed.open();
    await using pebble = await startPebble(bed, { challengePort: bed.ports.unused });
    await bed.serve(acmeSettings(bed, pebble));
    await bed.server.logs(new RegExp(`cannot reach port 80 of ${HOST}.*Open port 80`));
  },
});

Deno.test({
  name: "ACME: a name that leads to another server is told",
  ...REQUIRES_PEBBLE,
  async fn() {
    await using bed = await Testbed.open();
    const { unused: port } = bed.ports;
    await using _other = Deno.serve({ hostname: "127.0.0.1", port }, () => new Response("other"));
    await using pebble = await startPebble(bed, { challengePort: bed.ports.unused });
    await bed.serve(acmeSettings(bed, pebble));
    await bed.server.logs(new RegExp(`Another server answers on port 80 of ${HOST}`));
  },
});
