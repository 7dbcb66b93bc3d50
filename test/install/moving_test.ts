/**
 * Somebody who has used the older proxy follows docs/moving.md line by line: nobody signs in again, and no mail client changes.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { blocksOf, cloneInto } from "./clone.ts";
import { makeOldProxy, msalCacheOf } from "./old_proxy.ts";
import { requireProgram } from "../programs.ts";
import { RunningProgram } from "../running_program.ts";
import { NORA, Testbed } from "../testbed.ts";

/** As the older proxy made them. */
const NORAS_PASSWORD = "9f86d081884c7d659a2feaa0c55ad015";
const JUERGEN = { address: "juergen.weiss@hotmail.example", password: "hunter2", cache: "" };

const START = "deno task start";
const MESSAGE = new TextEncoder().encode("Subject: As before\r\n\r\nText\r\n");

/** A place to follow the document in. */
class Newcomer {
  constructor(readonly bed: Testbed, readonly clone: string, readonly old: string) {}

  /** Puts what is the reader's own in the place of the document's examples. */
  adapt(command: string): string {
    return command.replaceAll("/path/to/old", this.old)
      .replaceAll(/docker run .*smtp-oauth2-proxy account/g, "tools/smtp-oauth2-proxy account")
      .replaceAll(" /old/db.sqlite", ` ${this.old}/data/db.sqlite`)
      .replaceAll("you@outlook.com", NORA);
  }

  get environment(): Record<string, string> {
    const { DENO_CERT = "" } = this.bed.environment;
    const folder = join(Deno.execPath(), "..");
    return { DENO_CERT, NO_COLOR: "1", PATH: `${folder}:${Deno.env.get("PATH")}` };
  }

  async run(command: string): Promise<{ code: number; output: string }> {
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: ["-ec", command],
      cwd: this.clone,
      env: this.environment,
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
  }

  async succeed(command: string): Promise<string> {
    const { code, output } = await this.run(command);
    assert.equal(code, 0, `${command}\n${output}`);
    return output;
  }
}

/** Returns the settings of an older proxy behind a plain port, which reach the simulated Microsoft. */
function oldSettings({ environment, ports }: Testbed): Record<string, string> {
  const { APP_SECRETS, SESSION_SECRET, MICROSOFT_AUTHORITY, SMTP_TARGET_HOST, SMTP_TARGET_PORT } =
    environment as Record<string, string>;
  return {
    ...{
      APP_SECRETS,
      SESSION_SECRET,
      MICROSOFT_AUTHORITY,
      SMTP_TARGET_HOST,
      SMTP_TARGET_PORT,
    } as Record<string, string>,
    SMTP_HOST: "localhost",
    SMTP_PUBLIC_HOST: "localhost",
    SMTP_PORT: `${ports.smtp}`,
    HTTP_PORT: `${ports.http},${ports.autoTls}`,
  };
}

/** Returns what a report says of the accounts, whether it has been done or not. */
function saidBy(report: string): string {
  return report.replace(/\n\nNothing was changed.*/s, "").replaceAll(
    /to import|imported/g,
    "import",
  )
    .replaceAll(/ +/g, " ").trim();
}

Deno.test({
  name: "docs/moving.md, followed line by line, moves accounts, tokens and passwords",
  ...requireProgram("git"),
  async fn() {
    await using bed = await Testbed.open();
    const folder = bed.path("clone");
    await cloneInto(folder);
    const newcomer = new Newcomer(bed, folder, bed.path("old"));
    const cache = await msalCacheOf(NORA, bed.simulation.identityProvider);
    const nora = { address: NORA, password: NORAS_PASSWORD, cache };
    using _running = await makeOldProxy(newcomer.old, oldSettings(bed), [nora, JUERGEN]);
    await newcomer.succeed("deno task build");

    const blocks = (await blocksOf("docs/moving.md")).map((block) => newcomer.adapt(block));
    const [settings = "", look = "", apply = "", start = "", send = "", container = ""] = blocks;
    await newcomer.run(settings.replace("check", "check || true"));

    const dry = await newcomer.succeed(look);
    assert.match(dry, new RegExp(`${NORA} +to import *\n`));
    assert.match(dry, /juergen.* to import +Its tokens are gone.*weaker/);
    const applied = await newcomer.succeed(apply);
    assert.equal(saidBy(applied), saidBy(dry));
    assert.match(await newcomer.succeed(container), new RegExp(`${NORA} +known`));

    assert.equal(start.trim(), START);
    await using _program = await RunningProgram.start(
      new Deno.Command("sh", {
        args: ["-c", `exec ${START}`],
        cwd: folder,
        env: newcomer.environment,
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }),
    );
    await newcomer.succeed(send);
    const { store } = bed.simulation.submissionServer;
    assert.match(new TextDecoder().decode(store.last.content), /^From: "You"\r\n <nora@/m);

    using client = await bed.logIn({ username: NORA, password: NORAS_PASSWORD });
    await client.envelope(NORA, ["bob@example.com"]);
    assert.match(await client.data(MESSAGE), /^250 /);
    assert.match(new TextDecoder().decode(store.last.content), /^Subject: As before\r$/m);

    for (const port of [bed.ports.http, bed.ports.autoTls]) {
      const url = `http://localhost:${port}/configuration`;
      const page = await fetch(url, { redirect: "manual" });
      await page.body?.cancel();
      assert.equal(page.headers.get("location"), "/account");
    }
  },
});
