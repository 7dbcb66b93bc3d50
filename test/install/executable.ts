/**
 * Compiles an executable and tries it: the sign-in on its pages, and mail by TLS and by STARTTLS, through a simulated Microsoft.
 *
 *     deno run -A test/install/executable.ts [COMMAND [ARG ...]]
 *
 * With a command, that one is tried as the program instead. Compiling fetches Deno's runtime for executables.
 *
 * @module
 */
import assert from "node:assert/strict";
import { resolve } from "node:path";
import manifest from "../../deno.json" with { type: "json" };
import { NORA, type ServeCommand, Testbed } from "../testbed.ts";

/** Compiles an executable that may reach a testbed. @returns its path. */
async function compile({ directory, caFile }: Testbed): Promise<string> {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "tools/compile.ts", "--output", directory],
      ...["--path", directory, "--cert", caFile],
    ],
  }).spawn().status;
  assert.equal(code, 0, "the executable is compiled");
  const suffix = Deno.build.os === "windows" ? ".exe" : "";
  return resolve(directory, `${manifest.name}-${Deno.build.target}${suffix}`);
}

/** Asserts that somebody can sign in and send through a running server. */
async function tryOut(bed: Testbed): Promise<void> {
  const login = await bed.signIn();
  console.log(`Signed in as ${login.username}`);
  for (const port of ["tls", "startTls"] as const) {
    using client = await bed.logIn(login, port);
    await client.envelope(NORA, ["a@example.com"]);
    const message = `From: <${NORA}>\r\nSubject: ${port}\r\n\r\nText\r\n`;
    const reply = await client.data(new TextEncoder().encode(message));
    assert.match(reply, /^250 /);
    console.log(`Sent by ${port}: ${reply.trim()}`);
  }
}

await using bed = await Testbed.open();
const [program = await compile(bed), ...args] = Deno.args;
const command: ServeCommand = (_network, directory, more, options) =>
  new Deno.Command(program, { ...options, cwd: directory, args: [...args, "serve", ...more] });
await bed.serve({}, command);
await tryOut(bed);
