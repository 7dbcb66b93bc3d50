/**
 * `docs/install/vps.md`, followed word by word, as far as a machine without systemd and Docker can: in a folder in the
 * place of the file system's root, with a simulated Microsoft, and Pebble in the place of Let's Encrypt.
 */
import assert, { fail } from "node:assert/strict";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { parseConfig } from "../../lib/config/mod.ts";
import { Pebble, REQUIRES_PEBBLE } from "../pebble.ts";
import { requireProgram, run } from "../programs.ts";
import { RunningProgram } from "../running_program.ts";
import { enterCode, NORA, Testbed } from "../testbed.ts";
import { connectTls, converse } from "../tls_client.ts";

const HOST = "mail.example.org";
const USER = "smtp-oauth2-proxy";
const page = await Deno.readTextFile("docs/install/vps.md");

/** Returns the commands of the page that a comment names. */
function commands(name: string): string {
  const [, block] = new RegExp(`<!-- ${name} -->\\n\\n\`\`\`sh\\n([^]*?)\`\`\``).exec(page) ?? [];
  return block ?? fail(`The page has no commands named ${name}.`);
}

Deno.test("the settings for Docker are six lines, and complete", () => {
  const [, block = ""] = /cat > settings\.env <<'END'\n([^]*?)END\n/.exec(page) ?? [];
  const secret = "SESSION_SECRET=x".padEnd(60, "x");
  assert.equal(block.trim().split("\n").length + 1, 6);
  const config = parseConfig(parseEnv(block + secret), () => "");
  const { smtp, http } = config;
  assert.equal(config.publicUrl, "https://mail.example.com");
  assert.equal(config.automaticCertificate?.acme?.email, "you@example.com");
  const published = [...page.matchAll(/--publish (\d+):\1/g)].map(([, port]) => Number(port));
  const open = [http.redirectPort, ...http.ports, ...smtp.ports.tls, ...smtp.ports.starttls];
  assert.deepEqual(published, open);
});

Deno.test("from `init` to the first 250 over a certificate of ACME it takes five commands", () => {
  const lines = ["init", "start", "account"].flatMap((name) => commands(name).trim().split("\n"));
  const send = 1;
  assert.ok(lines.length + send <= 5, lines.join("\n"));
});

/** The machine on which the page is followed. */
class Machine implements AsyncDisposable {
  #server: RunningProgram | undefined;

  private constructor(
    readonly root: string,
    readonly bed: Testbed,
    readonly env: Record<string, string>,
  ) {}

  static async prepare(bed: Testbed): Promise<Machine> {
    const root = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_root_" });
    await Deno.chmod(root, 0o755);
    for (const folder of ["etc/systemd/system", "usr/local/bin", "opt", "var/lib"]) {
      await Deno.mkdir(join(root, folder), { recursive: true });
    }
    await Deno.writeTextFile(join(root, "ca.pem"), bed.ca);
    // Where the page wants it, for every user.
    await Deno.copyFile(Deno.execPath(), join(root, "usr/local/bin/deno"));
    await Deno.chmod(join(root, "usr/local/bin/deno"), 0o755);
    const path = [join(root, "usr/local/bin"), Deno.env.get("PATH")];
    const env = { PATH: path.join(":"), DENO_CERT: join(root, "ca.pem"), NO_COLOR: "1" };
    const machine = new Machine(root, bed, env);
    await machine.#publish();
    return machine;
  }

  /** Puts what a clone would have into a repository, with the paths of this machine. */
  async #publish(): Promise<void> {
    const source = join(this.root, "source");
    const list = "git ls-files -z --cached --others --exclude-standard";
    await this.#shell(
      `mkdir ${source} && ${list} | xargs -0 cp --parents -t ${source} 2>&1 || true`,
    );
    for (const name of ["service", "sh"]) {
      const file = join(source, `docs/operations/smtp-oauth2-proxy.${name}`);
      await Deno.writeTextFile(file, this.#here(await Deno.readTextFile(file)));
    }
    const identity = "-c user.name=Test -c user.email=test@example.org";
    await this.#shell(
      `cd ${source} && git init -q . && git add -A && git ${identity} commit -qm Release`,
    );
  }

  /** Runs commands of the page; those of systemd are left to {@linkcode start} and {@linkcode stop}. */
  async follow(name: string): Promise<void> {
    const text = commands(name).split("\n").filter((line) => !line.startsWith("systemctl "));
    await this.#shell(this.#here(text.join("\n")));
  }

  /** Runs the program by its command in /usr/local/bin. */
  command(args: readonly string[]): Deno.Command {
    return new Deno.Command("smtp-oauth2-proxy", {
      args: args.map((argument) => this.#here(argument)),
      env: this.env,
      clearEnv: true,
      cwd: "/",
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  }

  /** Does what systemd does with the unit. */
  async start(): Promise<RunningProgram> {
    const unit = await Deno.readTextFile(join(this.root, `etc/systemd/system/${USER}.service`));
    const value = (name: string) =>
      new RegExp(`^${name}=(.*)$`, "m").exec(unit)?.[1] ?? fail(`the unit has no ${name}`);
    const environment = Object.fromEntries(
      [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, list = ""]) =>
        list.split(" ").map((entry) => entry.split("="))
      ),
    );
    const user = value("User");
    const command = new Deno.Command("setpriv", {
      args: [
        `--reuid=${user}`,
        `--regid=${user}`,
        "--clear-groups",
        ...value("ExecStart").split(" "),
      ],
      cwd: value("WorkingDirectory"),
      env: { ...this.env, ...environment },
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    return this.#server = await RunningProgram.start(command);
  }

  /** Settings that differ on this machine: the ports, the authority, and Microsoft. */
  async adapt(pebble: Pebble): Promise<void> {
    const { MICROSOFT_AUTHORITY, SMTP_TARGET_HOST, SMTP_TARGET_PORT } = this.bed.environment;
    const { ports } = this.bed;
    const settings = {
      ...{ MICROSOFT_AUTHORITY, SMTP_TARGET_HOST, SMTP_TARGET_PORT },
      SMTP_HOST: "localhost",
      SMTP_TLS_PORT: ports.tls,
      SMTP_STARTTLS_PORT: ports.startTls,
      HTTP_PORT: ports.http,
      HTTP_REDIRECT_PORT: ports.metrics,
      PUBLIC_URL: `https://${HOST}`,
      ACME_DIRECTORY_URL: pebble.directoryUrl,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    await Deno.writeTextFile(this.path("/etc/smtp-oauth2-proxy/env"), lines.join(""), {
      append: true,
    });
  }

  path(path: string): string {
    return join(this.root, path);
  }

  /** The same text with the paths and the address of this machine. */
  #here(text: string): string {
    return text
      .replace("https://github.com/OWNER/smtp-oauth2-proxy ", `file://${this.root}/source `)
      .replace(/(?<![\w.:}-])\/(opt|etc|var\/lib|usr\/local\/bin)\//g, `${this.root}/$1/`);
  }

  async #shell(script: string): Promise<void> {
    const command = new Deno.Command("sh", {
      args: ["-euc", script],
      env: this.env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    const { success, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    assert.ok(success, `${script}\n${decoder.decode(stdout)}${decoder.decode(stderr)}`);
  }

  async stop(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.root, { recursive: true });
  }
}

/** Only root may make users, and no user of a real installation is touched. */
async function canInstall(): Promise<boolean> {
  const problem = Deno.build.os !== "linux" || Deno.uid() !== 0
    ? "it takes root on Linux"
    : (await run("id", [USER])).code === 0 && `there is a user ${USER} already`;
  if (problem) console.warn(`Not installed as docs/install/vps.md says: ${problem}.`);
  return !problem;
}

/** Adds Nora's account, whose code she enters in a browser. @returns her app password. */
async function addAccount(machine: Machine): Promise<string> {
  const [, ...args] = commands("account").trim().split(" ");
  const child = machine.command(args).spawn();
  const errors = new Response(child.stderr).text();
  let output = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const before = output;
    output += text;
    const [, uri, code] = /Open (\S+) and enter the code (\S+)\n/.exec(output) ?? [];
    if (uri && code && !before.includes(`code ${code}\n`)) await enterCode(uri, code);
  }
  const [, password] = /App password +(\S+)/.exec(output) ?? [];
  return password ?? fail(output + await errors);
}

Deno.test({
  name:
    "docs/install/vps.md: installed with systemd, the first mail is sent, then upgraded and removed",
  ignore: REQUIRES_PEBBLE.ignore || requireProgram("git").ignore ||
    requireProgram("runuser").ignore || requireProgram("setpriv").ignore || !await canInstall(),
  async fn() {
    await using bed = await Testbed.open();
    const { directory, ports: { metrics: challengePort }, simulation } = bed;
    const authority = simulation.certificateAuthority;
    await using pebble = await Pebble.start({ authority, directory, challengePort });
    await using machine = await Machine.prepare(bed);
    await machine.follow("install");
    try {
      const [, ...init] = commands("init").trim().split(" ");
      const answers = ["--host", HOST, "--senders", "both", "--certificate", "automatic"];
      const registration = ["--email", NORA, "--app-secrets", bed.environment.APP_SECRETS!];
      const made = await machine.command([...init, ...answers, ...registration]).output();
      const output = new TextDecoder().decode(made.stdout) + new TextDecoder().decode(made.stderr);
      assert.ok(made.success, output);
      assert.match(output, new RegExp(`^  https://${HOST}/auth$`, "m"));
      const settings = await Deno.stat(machine.path("/etc/smtp-oauth2-proxy/env"));
      assert.equal(settings.mode! & 0o777, 0o600);
      await machine.adapt(pebble);

      const server = await machine.start();
      await server.logs(/certificate replaced.*use=HTTPS/);
      assert.doesNotMatch(server.log, /NotCapable|Requires \w+ access/);
      const password = await addAccount(machine);
      const send = async () => {
        const root = await pebble.root(authority);
        const replies = await converse(await connectTls(bed.ports.tls, root, HOST), [
          "EHLO client.example",
          `AUTH PLAIN ${btoa(`\0${NORA}\0${password}`)}`,
          `MAIL FROM:<${NORA}>`,
          "RCPT TO:<a@example.com>",
          "DATA",
          "Subject: Test\r\n\r\nText\r\n.",
        ]);
        assert.match(replies.at(-1) ?? "", /^250 /);
      };
      await send();

      const checked = await machine.command(["check", "--json"]).output();
      const report = new TextDecoder().decode(checked.stdout);
      assert.match(report, /valid until .* renewed by ACME/);
      assert.match(report, /is served by the running program/);
      assert.doesNotMatch(report, /Requires \w+ access/);

      assert.equal(await server.stop(), 0);
      await machine.follow("upgrade");
      await machine.start();
      await send();
    } finally {
      await machine.stop();
      await machine.follow("remove");
    }
    for (const folder of ["opt", "etc", "var/lib"]) {
      await assert.rejects(Deno.stat(machine.path(`/${folder}/${USER}`)), Deno.errors.NotFound);
    }
    assert.notEqual((await run("id", [USER])).code, 0);
  },
});
