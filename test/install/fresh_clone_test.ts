/**
 * Someone who has nothing but Deno clones the repository and follows the README.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import { cloneInto } from "./clone.ts";
import { ReservedPorts } from "../ports.ts";
import { requireProgram } from "../programs.ts";

/** The settings that the README names. */
async function settingsOfReadme(): Promise<Record<string, string>> {
  const readme = await Deno.readTextFile("README.md");
  const [, block = ""] = /```sh\n( *APP_SECRETS=[^`]*)```/.exec(readme) ?? [];
  return parseEnv(block.replace(/^ +/gm, "")) as Record<string, string>;
}

Deno.test({
  name: "`deno task start` runs in a fresh clone with an empty cache and the README's settings",
  ...requireProgram("git"),
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_clone_" });
    await cloneInto(directory);
    const authority = await CertificateAuthority.create("Test");
    const { key, cert } = await authority.issue({ names: ["localhost"] });
    await Deno.writeTextFile(join(directory, "key.pem"), key);
    await Deno.writeTextFile(join(directory, "cert.pem"), cert);
    using ports = ReservedPorts.reserve();
    const settings = {
      ...await settingsOfReadme(),
      // What differs on this machine.
      SESSION_SECRET: "at-least-32-random-characters-xx",
      SMTP_STARTTLS_PORT: `${ports.startTls}`,
      SMTP_KEY_FILE: "key.pem",
      SMTP_CERT_FILE: "cert.pem",
      HTTP_PORT: `${ports.http}`,
    };
    assert.ok("APP_SECRETS" in settings, "the README has an example");
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    await Deno.writeTextFile(join(directory, ".env"), lines.join(""));

    const child = new Deno.Command(Deno.execPath(), {
      args: ["task", "start"],
      cwd: directory,
      env: { DENO_DIR: join(directory, ".deno"), NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const errors = new Response(child.stderr).text();
    let log = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const wasReady = / ready /.test(log);
      log += text;
      if (!wasReady && / ready /.test(log)) child.kill("SIGTERM");
    }
    await child.status;
    assert.match(log, / ready .*starttls/, await errors);
    assert.match(log, / stopped\n$/);
    await Deno.remove(directory, { recursive: true });
  },
});
