/**
 * Messages arrive as sent at a submission server that others have written, by BDAT.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { EXIM, Exim } from "./exim.ts";
import { findPorts, NORA, Product, requireProgram } from "./harness.ts";
import { MESSAGES } from "./messages.ts";

Deno.test({
  name: "Exim gets messages as they were sent, one after the other on few connections",
  ...requireProgram(EXIM, "-bV"),
  async fn(test) {
    const { smtp: port } = findPorts();
    const settings = { SMTP_TARGET_HOST: "localhost", SMTP_TARGET_PORT: `${port}` };
    await using product = await Product.start(settings);
    const certificate = await product.simulation.certificateAuthority.issue({
      names: ["localhost"],
    });
    await using exim = await Exim.start({ port, certificate, user: NORA });
    using client = await product.connect(await product.signIn());
    for (const { name, content, recipients = ["a@example.com"], parameters } of MESSAGES) {
      await test.step(name, async () => {
        await client.envelope(NORA, recipients, parameters);
        assert.match(await client.data(content), /^250/);
        assert.equal(Buffer.compare(await exim.nextMessage(), content), 0, "the content differs");
      });
    }
  },
});
