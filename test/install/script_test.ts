/**
 * `tools/smtp-oauth2-proxy` runs each command with the permissions that it needs, as the image and the service do.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { dirname, join, resolve } from "node:path";
import { VERSION } from "../../lib/base/version.ts";
import { ReservedPorts } from "../ports.ts";
import { requireProgram } from "../programs.ts";

const SCRIPT = resolve("tools/smtp-oauth2-proxy");
/** Windows has no POSIX shell; there `deno task start` does the same. */
const ignore = Deno.build.os === "windows";
const NOT_CAPABLE = /NotCapable|Requires \w+ access/;

/** An installation with a directory of its own, in whose name there is a space. */
class Installation implements Disposable {
  readonly directory = Deno.makeTempDirSync({ prefix: "smtp oauth2 proxy " });
  readonly #ports = ReservedPorts.reserve();

  constructor(readonly database = "db.sqlite") {}

  #environment(): Record<string, string> {
    const ports = this.#ports;
    return {
      ...Deno.env.toObject(),
      // The script finds the Deno that runs the test.
      PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`,
      APP_SECRETS: "application-id:secret",
      SESSION_SECRET: "at-least-32-random-characters-xx",
      SMTP_PUBLIC_HOST: "localhost",
      SMTP_HOST: "127.0.0.1",
      SMTP_PORT: `${ports.smtp}`,
      HTTP_PORT: `${ports.http}`,
      // Nobody listens there.
      MICROSOFT_AUTHORITY: `http://localhost:${ports.unused}`,
      SMTP_TARGET_HOST: "localhost",
      SMTP_TARGET_PORT: `${ports.unused}`,
      SQLITE_PATH: this.file(this.database),
    };
  }

  file(name: string): string {
    return join(this.directory, name);
  }

  /** An env file with a misspelt name. @returns its path. */
  envFile(): string {
    const path = this.file("env");
    Deno.writeTextFileSync(path, "SMTP_PROT=25\n");
    return path;
  }

  start(...args: string[]): Deno.ChildProcess {
    return new Deno.Command(SCRIPT, {
      args,
      env: this.#environment(),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  async run(...args: string[]): Promise<{ code: number; output: string }> {
    const { code, stdout, stderr } = await this.start(...args).output();
    const decoder = new TextDecoder();
    return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
  }

  /** A database of the older proxy, without accounts. @returns its path. */
  oldDatabase(): string {
    const path = this.file("old.sqlite");
    new DatabaseSync(path).exec(
      "CREATE TABLE tokens (uid, username, email, smtp_password, app_id, cache, expires_at)",
    );
    return path;
  }

  [Symbol.dispose](): void {
    this.#ports[Symbol.dispose]();
    Deno.removeSync(this.directory, { recursive: true });
  }
}

Deno.test({
  name: "the script tells the version, and what a command does",
  ignore,
  async fn() {
    using installation = new Installation();
    assert.equal((await installation.run("--version")).output.trim(), VERSION);
    assert.match((await installation.run("backup", "--help")).output, /^Usage: .* backup FILE/);
  },
});

Deno.test({
  name: "the script lets `account import` read the old file, and `backup` write its own",
  ignore,
  async fn() {
    using installation = new Installation();
    const imported = await installation.run("account", "import", installation.oldDatabase());
    assert.equal(imported.code, 0, imported.output);
    assert.match(imported.output, /no accounts/);
    const copy = installation.file("a copy, of today.sqlite");
    const { code, output } = await installation.run("backup", copy);
    assert.equal(code, 0, output);
    assert.ok((await Deno.stat(copy)).size > 0);
  },
});

Deno.test({
  name: "the script lets `check` and `healthcheck` look around",
  ignore,
  async fn() {
    using installation = new Installation();
    for (const command of ["check", "healthcheck"]) {
      const { code, output } = await installation.run(command);
      assert.equal(code, 1, output);
      assert.doesNotMatch(output, NOT_CAPABLE);
    }
  },
});

Deno.test({
  name: "the script becomes the program: SIGHUP reads files again, SIGTERM ends it",
  ignore,
  async fn() {
    using installation = new Installation();
    const child = installation.start("serve");
    const errors = new Response(child.stderr).text();
    let log = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const before = log;
      log += text;
      const appeared = (words: string) => !before.includes(words) && log.includes(words);
      if (appeared(" ready ")) child.kill("SIGHUP");
      if (appeared("certificates again")) child.kill("SIGTERM");
    }
    const { code, signal } = await child.status;
    assert.deepEqual([code, signal], [0, null], log);
    assert.match(log, /stopped\n$/);
    assert.doesNotMatch(log + await errors, NOT_CAPABLE);
  },
});

/** A clone in which nothing was built, or a cache in which nothing is. */
for (const missing of ["the pages", "the packages"] as const) {
  Deno.test({
    name: `the script says in one sentence how to build ${missing}`,
    ignore,
    async fn() {
      const clone = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_clone_" });
      await Deno.mkdir(join(clone, "tools"));
      await Deno.copyFile(SCRIPT, join(clone, "tools/smtp-oauth2-proxy"));
      const place = missing === "the pages" ? clone : resolve(".");
      const { code, stderr } = await new Deno.Command(join(place, "tools/smtp-oauth2-proxy"), {
        args: ["check"],
        env: {
          PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`,
          DENO_DIR: join(clone, "empty"),
        },
      }).output();
      const text = new TextDecoder().decode(stderr);
      assert.equal(code, 78, text);
      assert.match(
        text,
        /^The program is not built for this user yet: run `deno task build` .*\n$/,
      );
      await Deno.remove(clone, { recursive: true });
    },
  });
}

Deno.test({
  name: "the script passes on what tools/permissions.ts says",
  ignore,
  async fn() {
    using installation = new Installation();
    const { output } = await installation.run("check", "--env-file", installation.envFile());
    assert.match(output, /SMTP_PROT: is not a setting\. Did you mean SMTP_PORT\?/);
  },
});

Deno.test({
  name: "the script tells of an env file that is missing or a folder in one sentence",
  ignore,
  async fn() {
    using installation = new Installation();
    for (const path of [installation.file("missing"), installation.directory]) {
      const { code, output } = await installation.run("check", "--env-file", path);
      assert.equal(code, 78, output);
      assert.match(output, /^The env file cannot be read: .+\n$/);
      assert.doesNotMatch(output, NOT_CAPABLE);
    }
  },
});

Deno.test({
  name: "the script lets `init` write the env file",
  ignore,
  async fn() {
    using installation = new Installation();
    const path = installation.file("new env");
    const answers = ["--host", "nas.lan", "--senders", "both", "--certificate", "lan"];
    const { code, output } = await installation.run("init", "--env-file", path, ...answers);
    assert.equal(code, 0, output);
    assert.doesNotMatch(output, NOT_CAPABLE);
    assert.match(await Deno.readTextFile(path), /^SMTP_PUBLIC_HOST=nas\.lan$/m);
  },
});

Deno.test({
  name: "the script lets `check` see that the folder of the database can be made",
  ignore,
  async fn() {
    using installation = new Installation("new folder/db.sqlite");
    const { output } = await installation.run("check");
    assert.match(output, /^ok +database +\S.* does not exist yet, and can be created$/m);
    await assert.rejects(Deno.stat(installation.file("new folder")), Deno.errors.NotFound);
  },
});

Deno.test({
  name: "`init` ends at Ctrl-D, as at Ctrl-C, and writes nothing",
  ignore: ignore || requireProgram("script").ignore,
  async fn() {
    using installation = new Installation();
    const path = installation.file("new env");
    const searchPath = `PATH=${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`;
    const words = [
      "env",
      searchPath,
      SCRIPT,
      "init",
      "--env-file",
      path,
      "--host",
      "mail.example.com",
    ];
    const child = new Deno.Command("script", {
      // A terminal for the program.
      args: [
        "--quiet",
        "--return",
        "--command",
        words.map((word) => `'${word}'`).join(" "),
        "/dev/null",
      ],
      ...{ stdin: "piped", stdout: "piped" },
    }).spawn();
    const keyboard = child.stdin.getWriter();
    let output = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const wasAsked = output.includes("Who sends mail?");
      output += text;
      if (!wasAsked && output.includes("Who sends mail?")) {
        await keyboard.write(new TextEncoder().encode("\x04"));
      }
    }
    await keyboard.close();
    assert.equal((await child.status).code, 64, output);
    assert.match(output, /Cancelled\. Nothing was written\./);
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
  },
});
