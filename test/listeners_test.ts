/**
 * Where the program listens.
 */
import assert from "node:assert/strict";
import { SmtpClient } from "../tools/smtp_client.ts";
import { Testbed } from "./testbed.ts";

Deno.test("the program listens on several ports, on IPv4 and on IPv6", async () => {
  await using bed = await Testbed.open();
  const ports = [bed.ports.smtp, bed.ports.unused];
  await bed.serve({ SMTP_PORT: `${ports}`, SMTP_HOST: "127.0.0.1,::1" });
  for (const port of ports) {
    for (const host of ["127.0.0.1", "::1"]) {
      using client = await SmtpClient.connect({ port, host });
      assert.match(await client.command("NOOP"), /^250 /);
    }
  }
});

Deno.test("the program ends with 78 and names the problem when a setting is wrong", async () => {
  await assert.rejects(
    Testbed.serving({ SMTP_PORT: "70000" }),
    /ended with code 78 [^]*SMTP_PORT/,
  );
});
