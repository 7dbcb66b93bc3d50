/**
 * Where the program listens.
 */
import assert from "node:assert/strict";
import { findPorts, Product } from "./harness.ts";
import { SmtpClient } from "../tools/simulate/smtp_client.ts";

Deno.test("the program listens on several ports, on IPv4 and on IPv6", async () => {
  const { smtp: first, tls: second } = findPorts();
  await using _product = await Product.start({
    SMTP_PORT: `${first},${second}`,
    SMTP_HOST: "127.0.0.1,::1",
  });
  for (const port of [first, second]) {
    for (const hostname of ["127.0.0.1", "::1"]) {
      using client = await SmtpClient.connect(port, hostname);
      assert.match(await client.command("NOOP"), /^250 /);
    }
  }
});

Deno.test("the program ends with 78 and names the problem when a setting is wrong", async () => {
  await assert.rejects(Product.start({ SMTP_PORT: "70000" }), /ended with code 78 [^]*SMTP_PORT/);
});
