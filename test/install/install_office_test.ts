/**
 * `docs/install/office.md`, followed word by word in a fresh clone: from `init` to the first mail of a device that trusts the
 * office's own authority. Only the name, the ports and Microsoft are those of this machine.
 */
import assert, { fail } from "node:assert/strict";
import { join } from "node:path";
import { blocksOf, cloneInto } from "./clone.ts";
import { requireProgram, run } from "../programs.ts";
import { RunningProgram } from "../running_program.ts";
import { enterCode, NORA, Testbed } from "../testbed.ts";
import { connectTls, converse } from "../tls_client.ts";

const ADDRESS = "192.168.1.10";

/** The clone in which the page is followed. */
class Office {
  constructor(readonly clone: string, readonly bed: Testbed) {}

  command(line: string): Deno.Command {
    const deno = join(Deno.execPath(), "..");
    return new Deno.Command("sh", {
      args: ["-c", `exec ${line}`],
      cwd: this.clone,
      env: {
        DENO_CERT: this.bed.caFile,
        NO_COLOR: "1",
        PATH: `${deno}:${Deno.env.get("PATH")}`,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  }

  /** Writes the app registration into `.env`, as the page says, and what differs on this machine. */
  async adapt(): Promise<void> {
    const { bed: { environment, ports }, clone } = this;
    const { APP_SECRETS, MICROSOFT_AUTHORITY, SMTP_TARGET_HOST, SMTP_TARGET_PORT } = environment;
    const settings = {
      ...{ APP_SECRETS, MICROSOFT_AUTHORITY, SMTP_TARGET_HOST, SMTP_TARGET_PORT },
      MICROSOFT_TENANT: "common",
      SMTP_HOST: "localhost",
      SMTP_TLS_PORT: ports.tls,
      SMTP_STARTTLS_PORT: ports.startTls,
      HTTP_PORT: ports.http,
      HTTP_REDIRECT_PORT: ports.metrics,
      PUBLIC_URL: `https://localhost:${ports.http}`,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    const file = join(clone, ".env");
    const text = (await Deno.readTextFile(file)).replaceAll(ADDRESS, "localhost");
    await Deno.writeTextFile(file, text + lines.join(""));
  }

  /** Signs Nora in by a code that she enters in a browser. */
  async addAccount(line: string): Promise<void> {
    const child = this.command(line).spawn();
    const errors = new Response(child.stderr).text();
    let output = "";
    let isEntered = false;
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      output += text;
      const [, uri, code] = /Open (\S+) and enter the code (\S+)\n/.exec(output) ?? [];
      if (isEntered || !uri || !code) continue;
      isEntered = true;
      await enterCode(uri, code);
    }
    assert.ok((await child.status).success, output + await errors);
  }
}

Deno.test({
  name: "docs/install/office.md: from `init` to the first mail over the office's own certificate",
  ...requireProgram("git"),
  async fn() {
    await using bed = await Testbed.open();
    const office = new Office(bed.path("clone"), bed);
    await cloneInto(office.clone);
    const [init = "", start = "", check = "", add = ""] = (await blocksOf("docs/install/office.md"))
      .map((block) => block.trim());
    const page = await Deno.readTextFile("docs/install/office.md");
    const [, create = fail()] = /`(tools\/smtp-oauth2-proxy account password create [^`]+)`/
      .exec(page.replaceAll("\n", " ")) ?? [];

    const { code, log } = await RunningProgram.toItsEnd(office.command(init));
    assert.equal(code, 0, log);
    assert.match(log, new RegExp(`^  https://${ADDRESS}/auth$`, "m"));
    await office.adapt();

    await using program = await RunningProgram.start(office.command(start));
    const checked = await RunningProgram.toItsEnd(office.command(check));
    assert.match(checked.log, /^ok +settings .* settings are valid$/m);
    assert.match(checked.log, /^\d+ failures?, \d+ warnings?\.$|^No failures/m);
    assert.doesNotMatch(checked.log, /Requires \w+ access/);
    // README.md has another way to the same.
    const [, again = ""] = /^ +(deno task check)$/m.exec(await Deno.readTextFile("README.md")) ??
      [];
    const { log: repeated } = await RunningProgram.toItsEnd(office.command(again));
    assert.match(repeated, /^ok +settings .* settings are valid$/m);
    await office.addAccount(add);
    const made = await RunningProgram.toItsEnd(
      office.command(create.replace("scanner@example.com", NORA)),
    );
    const [, password = fail(made.log)] = /((?:\w{4}-){3}\w{4})/.exec(made.log) ?? [];

    const ca = await run("curl", [
      ...["--silent", "--insecure", "--fail", `https://localhost:${bed.ports.http}/ca.crt`],
    ]);
    const replies = await converse(await connectTls(bed.ports.tls, ca.output, "localhost"), [
      "EHLO scanner",
      `AUTH PLAIN ${btoa(`\0${NORA}\0${password}`)}`,
      `MAIL FROM:<${NORA}>`,
      "RCPT TO:<a@example.com>",
      "DATA",
      "Subject: Scan\r\n\r\nText\r\n.",
    ]);
    assert.match(replies.at(-1) ?? "", /^250 /, program.log);
  },
});
