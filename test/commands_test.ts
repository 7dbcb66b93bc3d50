/**
 * Commands of the documents are run as they stand there, with the reader's own names in the place of the examples'.
 */
import assert from "node:assert/strict";
import type { SmtpLogin } from "../tools/smtp_client.ts";
import { blocksOf } from "./clone.ts";
import { requireProgram } from "./programs.ts";
import { NORA, Testbed } from "./testbed.ts";

let bed: Testbed;
let login: SmtpLogin;

Deno.test.beforeAll(async () => {
  bed = await Testbed.serving();
  login = await bed.signIn();
});
Deno.test.afterAll(async () => await bed[Symbol.asyncDispose]());

/** Returns the block of a document that begins with a command, with the reader's own names. */
async function commandsOf(path: string, beginning: string): Promise<string> {
  const block = (await blocksOf(path)).find((text) => text.startsWith(beginning));
  assert.ok(block, `${path} has no ${beginning}`);
  return block.replaceAll("you@outlook.com", NORA).replaceAll("APP-PASSWORD", login.password)
    .replaceAll(/(localhost|mail\.example\.com):587/g, `localhost:${bed.ports.startTls}`);
}

/** Runs command lines, and asserts that they succeed and that this many messages arrive. */
async function sends(count: number, commands: string, stdin = ""): Promise<void> {
  const { store } = bed.simulation.submissionServer;
  const before = store.received;
  const child = new Deno.Command("sh", {
    args: ["-ec", commands],
    env: bed.environment,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin)).catch(() => undefined);
  await writer.close().catch(() => undefined);
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, `${commands}\n${decoder.decode(stdout)}${decoder.decode(stderr)}`);
  assert.equal(store.received - before, count);
}

Deno.test("README.md: the commands that send do send", async () => {
  const commands = await commandsOf("README.md", "deno task send localhost");
  // The port of the test does not end in 587.
  await sends(2, commands.replace(/"Message"$/m, '"Message" --starttls'));
});

Deno.test({
  name: "docs/clients.md: the line for swaks sends",
  ...requireProgram("swaks"),
  fn: async () => {
    await sends(1, await commandsOf("docs/clients.md", "swaks"), `${login.password}\n`);
  },
});
