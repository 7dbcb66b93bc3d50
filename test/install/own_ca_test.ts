/**
 * A local network without a public name: the program certifies itself.
 */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import {
  MODULE_FLAGS,
  permissionFlags,
  permissionsOf,
  RUNTIME_FLAGS,
} from "../../tools/permissions.ts";
import { parseConfig } from "../../lib/config/mod.ts";
import { SmtpClient } from "../../tools/smtp_client.ts";
import { NORA, type ServeCommand, Testbed } from "../testbed.ts";

/** Starts the program with exactly the permissions that its settings need. */
const withItsPermissions: ServeCommand = (_network, _directory, args, options) => {
  const environment = options.env ?? {};
  const config = parseConfig(environment, Deno.readTextFileSync);
  const flags = permissionFlags(permissionsOf(["serve"], environment, config));
  return new Deno.Command(Deno.execPath(), {
    ...options,
    args: ["run", ...MODULE_FLAGS, ...RUNTIME_FLAGS, ...flags, "main.ts", "serve", ...args],
  });
};

Deno.test("a device that trusts /ca.crt sends over a certificate of the own authority", async () => {
  await using bed = await Testbed.open();
  await bed.seedAccount();
  const { username, password } = await bed.createLogin();
  const redirectPort = bed.ports.metrics;
  const settings = {
    ...{ SMTP_KEY_FILE: "", SMTP_CERT_FILE: "", PUBLIC_URL: "" },
    OWN_CA: "on",
    HTTP_REDIRECT_PORT: `${redirectPort}`,
  };
  await bed.serve(settings, withItsPermissions);
  const response = await fetch(`http://localhost:${redirectPort}/ca.crt`);
  assert.equal(response.headers.get("content-type"), "application/x-x509-ca-cert");
  const ca = await response.text();
  assert.ok(new X509Certificate(ca).ca);

  using client = await SmtpClient.connect({ port: bed.ports.tls, implicitTls: true, ca });
  await client.hello();
  assert.match(await client.authenticate({ username, password }), /^235 /);
  await client.envelope(NORA, ["a@example.com"]);
  assert.match(await client.data(new TextEncoder().encode("Subject: x\r\n\r\nx\r\n")), /^250 /);

  using trusting = Deno.createHttpClient({ caCerts: [ca] });
  const page = await fetch(`https://localhost:${bed.ports.http}/guides/printer`, {
    client: trusting,
  });
  assert.match(await page.text(), /certificate authority of its own[^]*href="\/ca\.crt"/);
  assert.match(page.headers.get("strict-transport-security") ?? "", /max-age/);

  const sent = await bed.run(["send", "--through-smtp", NORA, "a@example.com"], settings);
  assert.match(sent.output, /The certificate is good for localhost\./, sent.errors);
  assert.doesNotMatch(bed.server.log, /NotCapable|Requires \w+ access/);
  const { mode } = await Deno.stat(bed.path("own-ca/ca.pem"));
  if (Deno.build.os !== "windows") assert.equal(mode! & 0o777, 0o600);
  await bed.server.stop();
  await bed.serve(settings, withItsPermissions);
  const again = await fetch(`http://localhost:${redirectPort}/ca.crt`);
  assert.equal(await again.text(), ca, "the authority stays");
});
