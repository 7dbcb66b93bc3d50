/**
 * Fidelity: messages arrive as they were sent, octet for octet, but for headers that they lacked.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { SmtpClient, SmtpLogin } from "../tools/smtp_client.ts";
import { HEADER, largeMessage, MESSAGES, MIB } from "./messages.ts";
import { NORA, Testbed } from "./testbed.ts";

/** Programs whose submission server offers BDAT, as Microsoft's does, or DATA alone. */
const beds = new Map<string, { readonly bed: Testbed; readonly login: SmtpLogin }>();

Deno.test.beforeAll(async () => {
  for (const [upstream, hide] of [["BDAT", []], ["DATA", ["CHUNKING"]]] as const) {
    const bed = await Testbed.serving({}, { hide });
    beds.set(upstream, { bed, login: await bed.signIn() });
  }
});
Deno.test.afterAll(async () => {
  for (const { bed } of beds.values()) await bed[Symbol.asyncDispose]();
});

const CHUNK_OCTETS = 3 * MIB + 1;
const COMMANDS = {
  DATA: (client: SmtpClient, content: Uint8Array) => client.data(content),
  BDAT: (client: SmtpClient, content: Uint8Array) => client.bdat(content, CHUNK_OCTETS),
};
const WAYS = [["DATA", "DATA"], ["DATA", "BDAT"], ["BDAT", "DATA"], ["BDAT", "BDAT"]] as const;

for (const [downstream, upstream] of WAYS) {
  Deno.test(`messages arrive as sent, by ${downstream} and then by ${upstream}`, async (test) => {
    const { bed, login } = beds.get(upstream)!;
    // Mail programs send DATA, and Microsoft takes BDAT.
    const large = downstream === "DATA" && upstream === "BDAT" ? [largeMessage()] : [];
    const messages = [...MESSAGES, ...large];
    for (const { name, content, recipients = ["a@example.com"], parameters } of messages) {
      await test.step(name, async () => {
        using client = await bed.logIn(login, "startTls");
        await client.envelope(NORA, recipients, parameters);

        assert.match(await COMMANDS[downstream](client, content), /^250 /);

        const { last } = bed.simulation.submissionServer.store;
        assertSame(last.content, content);
        assert.deepEqual(last.recipients.map(({ address }) => address), recipients);
        assert.equal(last.sender.address, NORA);
        assert.equal(last.command, upstream);
      });
    }
  });
}

const ADDED =
  /^(?:From: nora@outlook\.example\r\n)?(?:Date: .*\r\nMessage-ID: <\S+@outlook\.example>\r\n)?$/;

/** Asserts that nothing differs but one block of added headers. */
function assertSame(arrived: Uint8Array, sent: Uint8Array): void {
  const difference = arrived.findIndex((octet, index) => octet !== sent[index]);
  const start = difference < 0 ? sent.length : difference;
  const added = arrived.subarray(start, start + arrived.length - sent.length);
  assert.match(new TextDecoder().decode(added), ADDED);
  const rest = arrived.subarray(start + added.length);
  assert.equal(Buffer.compare(rest, sent.subarray(start)), 0, "the content differs");
}

Deno.test("recipients and parameters of a pipelined transaction arrive in order", async () => {
  const { bed, login } = beds.get("BDAT")!;
  using client = await bed.logIn(login);
  await client.write(
    `MAIL FROM:<${NORA}> SIZE=100\r\nRCPT TO:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n`,
  );
  for (const code of ["250", "250", "250", "354"]) await client.expect(code);
  assert.match(await client.command(`${HEADER}Text\r\n.`), /^250 /);
  const { recipients } = bed.simulation.submissionServer.store.last;
  assert.deepEqual(recipients.map(({ address }) => address), ["a@example.com", "b@example.com"]);
});
