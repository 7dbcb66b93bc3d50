/**
 * Guides are followed as they are written: what a reader would paste is run, with nothing changed but the password.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { findGuide, type GuideStep, PASSWORD_PLACEHOLDER } from "../lib/guides/mod.ts";
import { ScriptedBrowser } from "../tools/simulate/browser.ts";
import type { SmtpLogin } from "../tools/smtp_client.ts";
import { PrivatePostfix, requirePostfix } from "./postfix.ts";
import { requireProgram } from "./programs.ts";
import { NORA, Testbed } from "./testbed.ts";

type Encryption = "STARTTLS" | "TLS" | "none";

let bed: Testbed;
let login: SmtpLogin;
const browser = new ScriptedBrowser();

Deno.test.beforeAll(async () => {
  bed = await Testbed.open();
  await bed.serve({ SMTP_PUBLIC_CA_FILE: bed.caFile });
  login = await bed.signIn(browser);
});
Deno.test.afterAll(async () => await bed[Symbol.asyncDispose]());

/** Returns a guide's steps, as the page shows them to Nora, for one of the ports. */
function stepsOf(slug: string, encryption: Encryption): readonly GuideStep[] {
  const { smtp, tls, startTls } = bed.ports;
  const port = { STARTTLS: startTls, TLS: tls, none: smtp }[encryption];
  return findGuide(slug)!.steps({
    ...{ host: "localhost", endpoint: { port, encryption }, caFile: bed.caFile },
    ...{ username: login.username, mailbox: NORA },
  });
}

/** Returns what a reader copies, with their password. */
function codesOf(slug: string, encryption: Encryption): readonly string[] {
  return stepsOf(slug, encryption).flatMap(({ code }) => code ?? [])
    .map((code) => code.replaceAll(PASSWORD_PLACEHOLDER, login.password));
}

/** The reader has the packages that the tests have. */
const DENO_DIR = Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "", ".cache/deno");

/** A home folder of a reader, in which files are written and commands run. */
class Reader implements AsyncDisposable {
  private constructor(readonly home: string) {}

  static async arrive(): Promise<Reader> {
    return new Reader(await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_reader_" }));
  }

  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(join(this.home, name), `${text}\n`);
  }

  /** Runs a command line, and asserts that it succeeds and that one message arrives. */
  async sends(command: string, stdin = ""): Promise<void> {
    const { store } = bed.simulation.submissionServer;
    const before = store.received;
    const child = new Deno.Command("sh", {
      args: ["-ec", command],
      cwd: this.home,
      env: { HOME: this.home, DENO_DIR, SMTP_PASSWORD: login.password },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    // A command that needs no input may have ended before.
    await writer.write(new TextEncoder().encode(stdin)).catch(() => undefined);
    await writer.close().catch(() => undefined);
    const { code, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    assert.equal(code, 0, `${command}\n${decoder.decode(stdout)}${decoder.decode(stderr)}`);
    await store.arrived(before + 1);
    assert.equal(store.received, before + 1);
    assert.equal(store.last.mailbox, NORA);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.home, { recursive: true });
  }
}

/** How a reader follows a guide that ends with a message. */
type Following = (reader: Reader, codes: readonly string[]) => Promise<void>;

/** Debian's PHPMailer in the place of the one that Composer installs. */
const AUTOLOAD = "<?php require '/usr/share/php/libphp-phpmailer/autoload.php';";

const FOLLOWINGS: Record<string, readonly [{ ignore: boolean }, Following]> = {
  swaks: [requireProgram("swaks"), (reader, [command = ""]) => reader.sends(command)],
  // curl asks for the password at the terminal.
  curl: [requireProgram("curl"), async (reader, [message = "", command = ""]) => {
    await reader.write("send.sh", `${message}\n${command}`);
    await reader.sends(
      `script --quiet --return --command 'sh send.sh' /dev/null`,
      `${login.password}\n`,
    );
  }],
  msmtp: [requireProgram("msmtp"), async (reader, [settings = "", protect = "", send = ""]) => {
    await reader.write(".msmtprc", settings);
    await reader.sends(`${protect}\n${send}`);
  }],
  python: [requireProgram("python3"), async (reader, [program = ""]) => {
    await reader.write("send.py", program);
    await reader.sends("python3 send.py");
  }],
  nodemailer: [{ ignore: false }, async (reader, [program = ""]) => {
    await reader.write("send.mjs", program);
    const config = `${Deno.cwd()}/deno.json`;
    await reader.sends(
      `${Deno.execPath()} run --quiet --cached-only -A --config ${config} send.mjs`,
    );
  }],
  php: [requireProgram("php"), async (reader, [program = ""]) => {
    await Deno.mkdir(join(reader.home, "vendor"));
    await reader.write("vendor/autoload.php", AUTOLOAD);
    await reader.write("send.php", program);
    await reader.sends("php send.php");
  }],
};

/** The reader's /etc/postfix is a folder of the test, and lines of main.cf are added by postconf. */
FOLLOWINGS.postfix = [requirePostfix(), async (reader, [settings = "", login = "", send = ""]) => {
  await using postfix = await PrivatePostfix.start(reader.home);
  const here = (text: string) => text.replaceAll("/etc/postfix", postfix.configuration);
  for (const line of here(settings).split("\n")) await postfix.set(line);
  await reader.write("postfix/sasl_passwd", login);
  await reader.sends(`PATH=${postfix.programs}:$PATH\n${here(send)}`);
}];

for (const [slug, [options, follow]] of Object.entries(FOLLOWINGS)) {
  for (const encryption of ["STARTTLS", "TLS", "none"] as const) {
    Deno.test({
      name: `the guide for ${slug}, followed as it is written, sends a message: ${encryption}`,
      ...options,
      async fn() {
        await using reader = await Reader.arrive();
        await follow(reader, codesOf(slug, encryption));
      },
    });
  }
}

/** Returns the text of HTML. */
function textOf(html: string): string {
  return html.replaceAll(/<[^>]*>/g, "").replaceAll("&lt;", "<").replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}

Deno.test("the pages show the guides as they were followed", async () => {
  for (const slug of Object.keys(FOLLOWINGS)) {
    const page = textOf((await browser.get(`${bed.url}/guides/${slug}`)).text);
    for (const { code = "" } of stepsOf(slug, "STARTTLS")) {
      assert.ok(page.includes(code), `${slug}: ${code}`);
    }
  }
});
