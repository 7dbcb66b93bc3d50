/**
 * Commands of the documents are run as they stand there, with the reader's own names in the place of the examples'.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { SmtpLogin } from "../../tools/smtp_client.ts";
import { blocksOf, cloneInto } from "./clone.ts";
import { needsPostgres, sharedCluster } from "../postgres.ts";
import { requireProgram, run } from "../programs.ts";
import { NORA, Testbed } from "../testbed.ts";

const cluster = await sharedCluster();
let bed: Testbed;
let login: SmtpLogin;

Deno.test.beforeAll(async () => {
  bed = await Testbed.open();
  await bed.serve();
  login = await bed.signIn();
  await Deno.mkdir(bed.path("bin"));
  await Deno.symlink(
    join(Deno.cwd(), "tools/smtp-oauth2-proxy"),
    bed.path("bin/smtp-oauth2-proxy"),
  );
});
Deno.test.afterAll(async () => await bed[Symbol.asyncDispose]());

/** Returns the block of a document that begins with a command, with the reader's own names and folders. */
async function commandsOf(path: string, beginning: string): Promise<string> {
  const block = (await blocksOf(path)).find((text) => text.startsWith(beginning));
  assert.ok(block, `${path} has no ${beginning}`);
  return block.replaceAll("you@outlook.com", NORA)
    .replaceAll("data/backup.sqlite", bed.path("backup.sqlite"))
    .replaceAll("/etc/smtp-oauth2-proxy/", `${bed.directory}/`)
    .replaceAll("/etc/letsencrypt/", `${bed.directory}/letsencrypt/`).replaceAll(
      "APP-PASSWORD",
      login.password,
    )
    .replaceAll(/(localhost|mail\.example\.com):587/g, `localhost:${bed.ports.startTls}`);
}

/** Runs command lines that have to succeed. @returns everything that they printed. */
async function succeed(commands: string, stdin = "", cwd = Deno.cwd()): Promise<string> {
  const { code, output } = await run("sh", ["-ec", commands], {
    stdin,
    cwd,
    env: {
      ...bed.environment,
      NO_COLOR: "1",
      PATH: [bed.path("bin"), join(Deno.execPath(), ".."), Deno.env.get("PATH")].join(":"),
    },
  });
  assert.equal(code, 0, `${commands}\n${output}`);
  return output;
}

/** Runs command lines, and asserts that they succeed and that this many messages arrive. */
async function sends(count: number, commands: string, stdin = ""): Promise<void> {
  const { store } = bed.simulation.submissionServer;
  const before = store.received;
  await succeed(commands, stdin);
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

Deno.test("docs/operations.md: check, backup and the list of permissions", async () => {
  const path = "docs/operations.md";
  assert.match(await succeed(await commandsOf(path, "smtp-oauth2-proxy check")), /0 failures/);
  await succeed(await commandsOf(path, "smtp-oauth2-proxy backup"));
  assert.ok((await Deno.stat(bed.path("backup.sqlite"))).size > 0);
  const permissions = await succeed(await commandsOf(path, "deno run --cached-only"));
  assert.match(permissions, /^--allow-net=/m);
});

Deno.test("docs/operations.md: certbot's hook copies the certificate", async () => {
  const group = "$(id -gn)";
  const [, ...lines] = (await commandsOf("docs/operations.md", "certbot certonly")).split("\n");
  const hook = lines.join("\n").replace("<<'END'", "<<END").replaceAll(/\$(?=RENEWED|file)/g, "\\$")
    .replace("-g smtp-oauth2-proxy", `-g ${group}`);
  const live = bed.path("letsencrypt/live/mail.example.com");
  for (const folder of [live, bed.path("letsencrypt/renewal-hooks/deploy")]) {
    await Deno.mkdir(folder, { recursive: true });
  }
  for (const name of ["privkey.pem", "fullchain.pem"]) {
    await Deno.writeTextFile(join(live, name), name);
  }
  await succeed(hook);
  for (const name of ["privkey.pem", "fullchain.pem"]) {
    assert.equal(await Deno.readTextFile(bed.path(name)), name);
    assert.equal((await Deno.stat(bed.path(name))).mode! & 0o777, 0o640);
  }
});

Deno.test("docs/microsoft-setup.md, docs/troubleshooting.md: `check` finds no failure", async () => {
  for (const path of ["docs/microsoft-setup.md", "docs/troubleshooting.md"]) {
    assert.match(
      await succeed(await commandsOf(path, "tools/smtp-oauth2-proxy check")),
      /0 failures/,
    );
  }
});

Deno.test("bench/README.md: the benchmarks explain themselves", async () => {
  for (const beginning of ["deno task bench", "deno task soak"]) {
    const lines = (await commandsOf("bench/README.md", beginning)).split("\n");
    const help = lines.find((line) => line.includes("--help")) ?? "";
    assert.match(await succeed(help), /Usage/);
  }
});

Deno.test({
  name: "docs/operations.md: `deno task compile` makes an executable",
  ...requireProgram("git"),
  fn: async () => {
    const clone = bed.path("clone");
    await cloneInto(clone);
    // The runtime of executables is not part of Deno: Deno itself stands for it.
    const runtime = `DENORT_BIN=${await Deno.realPath(Deno.execPath())}`;
    for (const beginning of ["deno task compile\n", "deno task compile --net"]) {
      await succeed(`${runtime} ${await commandsOf("docs/operations.md", beginning)}`, "", clone);
    }
    const [made] = await Array.fromAsync(Deno.readDir(join(clone, "dist")));
    assert.match(made?.name ?? "", /^smtp-oauth2-proxy-/);
  },
});

Deno.test({
  name: "docs/replicas.md: a database is copied to PostgreSQL",
  ...needsPostgres,
  fn: async () => {
    const name = await cluster!.createDatabase();
    await bed.json("backup", bed.path("stopped.sqlite"));
    const copy = (await commandsOf("docs/replicas.md", "smtp-oauth2-proxy database copy"))
      .replace("data/db.sqlite", bed.path("stopped.sqlite"));
    const output = await succeed(`SQLITE_PATH= DATABASE_URL=${cluster!.url(name)} ${copy}`);
    assert.match(output, /accounts +[1-9]\d* rows?/);
  },
});
