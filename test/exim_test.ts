/**
 * Messages arrive as sent at a submission server that others have written, by BDAT.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { EXIM, Exim } from "./exim.ts";
import { MESSAGES } from "./messages.ts";
import { requireProgram } from "./programs.ts";
import { NORA, Testbed } from "./testbed.ts";

Deno.test({
  name: "Exim gets messages as they were sent, one after the other on few connections",
  ...requireProgram(EXIM, "-bV"),
  async fn(test) {
    await using bed = await Testbed.open();
    const { unused: port } = bed.ports;
    const { certificateAuthority } = bed.simulation;
    const certificate = await certificateAuthority.issue({ names: ["localhost"] });
    await using exim = await Exim.start({ port, certificate, user: NORA });
    await bed.serve({ SMTP_TARGET_HOST: "localhost", SMTP_TARGET_PORT: `${port}` });
    using client = await bed.logIn(await bed.signIn(), "startTls");
    for (const { name, content, recipients = ["a@example.com"], parameters } of MESSAGES) {
      await test.step(name, async () => {
        await client.envelope(NORA, recipients, parameters);
        assert.match(await client.data(content), /^250/);
        assert.equal(Buffer.compare(await exim.nextMessage(), content), 0, "the content differs");
      });
    }
  },
});
