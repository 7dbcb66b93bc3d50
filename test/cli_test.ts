/**
 * The command line of the real program, against the simulated Microsoft.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { CommandWorld } from "./command_world.ts";
import { NORA } from "./harness.ts";

/** Runs a test in a world of its own. */
function worldTest(name: string, test: (world: CommandWorld) => Promise<void>): void {
  Deno.test(name, async () => {
    await using world = await CommandWorld.start();
    await test(world);
  });
}

/** The same, where Nora has an account. */
function accountTest(name: string, test: (world: CommandWorld) => Promise<void>): void {
  worldTest(name, async (world) => {
    await world.seedAccount();
    await test(world);
  });
}

worldTest("the command line explains itself, and its mistakes", async (world) => {
  const help = await world.run(["--help"]);
  assert.equal(help.code, 0);
  for (const name of ["serve", "check", "send", "account list", "backup", "healthcheck"]) {
    assert.match(help.output, new RegExp(`^  ${name} `, "m"));
    const own = await world.run([...name.split(" "), "--help"]);
    assert.match(own.output, new RegExp(`^Usage: smtp-oauth2-proxy ${name}\\b`));
  }
  assert.match((await world.run(["--version"])).output, /^\d+\.\d+\.\d+\n$/);
  const wrong = await world.run(["chekc"]);
  assert.equal(wrong.code, EXIT.usage);
  assert.match(wrong.errors, /Did you mean check\?/);
});

worldTest(
  "a command with wrong settings names all of them, and ends with EX_CONFIG",
  async (world) => {
    const settings = { SMTP_PUBLIC_HOST: "", SESSION_SECRET: "short" };
    const { code, errors } = await world.run(["account", "list"], settings);
    assert.equal(code, EXIT.config);
    assert.match(errors, /SMTP_PUBLIC_HOST/);
    assert.match(errors, /SESSION_SECRET/);
    assert.doesNotMatch(errors, /short\b/);
  },
);

worldTest("`--env-file` that cannot be read ends with EX_CONFIG", async (world) => {
  const { code, errors } = await world.run(["account", "list", "--env-file", "/nowhere/x.env"]);
  assert.equal(code, EXIT.config);
  assert.match(errors, /env file cannot be read.*\/nowhere\/x\.env/);
});

worldTest("commands about accounts need a database", async (world) => {
  const { code, errors } = await world.run(["account", "list"]);
  assert.equal(code, EXIT.noInput);
  assert.match(errors, /no database .*SQLITE_PATH/);
});

worldTest("`account add` signs in by a code, and `send` sends as the account", async (world) => {
  const added = await world.addAccount(["--app-password", "printer"]);
  assert.equal(added.code, 0, added.errors);
  assert.match(added.output, /^Added: nora@outlook\.example$/m);
  assert.match(added.output, /^App password +(\w{4}-){3}\w{4}$/m);

  const sent = await world.run(["send", NORA, "a@example.com,b@example.com", "Grüße", "Hällo"]);
  assert.equal(sent.code, 0, sent.errors);
  assert.match(sent.output, /Access token .* valid for \d+ minutes/);
  assert.match(sent.output, /to b@example\.com: 250 /);
  assert.match(sent.output, /^Sent: 250 .*Queued mail/m);
  const [message] = world.simulation.submissionServer.store.messages;
  assert.equal(message?.mailbox, NORA);
  assert.deepEqual(message.recipients.map(({ address }) => address), [
    "a@example.com",
    "b@example.com",
  ]);

  world.simulation.identityProvider.revokeAccessTokens(NORA);
  assert.equal((await world.json("send", NORA, "a@example.com")).sent, true, "with a new token");
});

accountTest("`account add` renews an account that is here already", async (world) => {
  await world.json("account", "password", "create", NORA, "printer");
  const { output } = await world.addAccount();
  assert.match(output, /^Renewed: nora@outlook\.example$/m);
  const [account, ...others] = await world.json("account", "list");
  assert.equal(account.appPasswordCount, 1);
  assert.equal(others.length, 0);
});

worldTest("`account add` obeys the account filters", async (world) => {
  const settings = { DISALLOWED_DOMAINS_LIST: "outlook.example" };
  const { code, errors } = await world.addAccount([], settings);
  assert.equal(code, EXIT.noPermission);
  assert.match(errors, /may not use this proxy/);
  assert.deepEqual(await world.json("account", "list"), []);
});

accountTest(
  "`account show` and `account list` show an account to people and programs",
  async (world) => {
    const list = await world.run(["account", "list", "--search", "NORA"]);
    assert.match(list.output, /^ADDRESS +KIND +STATE/);
    assert.match(list.output, /^nora@outlook\.example +personal +active/m);
    assert.deepEqual(await world.json("account", "list", "--search", "nobody"), []);
    const shown = await world.run(["account", "show", NORA.toUpperCase()]);
    assert.match(shown.output, /^Name +Nora Lindqvist$/m);
    const { id, state, target } = await world.json("account", "show", NORA);
    assert.equal(state, "active");
    assert.equal(target.host, "localhost");
    assert.equal((await world.json("account", "show", id)).email, NORA);
  },
);

accountTest("`account password` creates, lists and revokes app passwords", async (world) => {
  const created = await world.json(
    "account",
    "password",
    "create",
    NORA,
    "printer",
    "--sender",
    "*@outlook.example",
  );
  assert.match(created.password, /^(\w{4}-){3}\w{4}$/);
  assert.equal(created.username, NORA);
  const [listed] = await world.json("account", "password", "list", NORA);
  assert.deepEqual([listed.name, listed.allowedSender], ["printer", "*@outlook.example"]);
  assert.equal("password" in listed, false);
  const wrong = await world.run([
    "account",
    "password",
    "create",
    NORA,
    "x",
    "--sender",
    "no-address",
  ]);
  assert.equal(wrong.code, EXIT.usage);
  assert.equal(
    (await world.run(["account", "password", "revoke", NORA, "other"])).code,
    EXIT.noAccount,
  );
  assert.equal((await world.json("account", "password", "revoke", NORA, "printer")).revoked, true);
  assert.deepEqual(await world.json("account", "password", "list", NORA), []);
});

accountTest("K5: `account remove` asks, and deletes", async (world) => {
  const refused = await world.run(["account", "remove", NORA]);
  assert.equal(refused.code, EXIT.usage);
  assert.match(refused.errors, /--yes/);
  assert.equal(
    (await world.run(["account", "remove", "nobody@example.com", "--yes"])).code,
    EXIT.noAccount,
  );
  assert.equal((await world.run(["account", "remove", NORA, "--yes"])).code, 0);
  assert.deepEqual(await world.json("account", "list"), []);
});

worldTest("`account import` tells first, and imports with --apply", async (world) => {
  const old = world.path("old.sqlite");
  buildOldDatabase(old);
  const dry = await world.run(["account", "import", old]);
  assert.equal(dry.code, 0, dry.errors);
  assert.match(dry.output, /^anna@example\.com +to import .*sign in with Microsoft once/m);
  assert.match(dry.output, /--apply/);
  assert.deepEqual(await world.json("account", "list"), []);
  const done = await world.json("account", "import", old, "--apply");
  assert.deepEqual([done.applied, done.accounts[0].outcome], [true, "imported"]);
  const [account] = await world.json("account", "list");
  assert.deepEqual([account.email, account.state], ["anna@example.com", "sign-in-required"]);
  const send = await world.run(["send", "anna@example.com", "a@example.com"]);
  assert.equal(send.code, EXIT.noPermission);
  assert.match(send.errors, /has to sign in with Microsoft again/);
});

worldTest("`account import` says when the file is no old database", async (world) => {
  await Deno.writeTextFile(world.path("text"), "no database");
  assert.equal((await world.run(["account", "import", world.path("text")])).code, EXIT.noInput);
  assert.equal((await world.run(["account", "import", world.path("missing")])).code, EXIT.noInput);
});

accountTest("`backup` writes a database that works, and overwrites nothing", async (world) => {
  const file = world.path("backup.sqlite");
  assert.equal((await world.json("backup", file)).file, file);
  const again = await world.run(["backup", file]);
  assert.equal(again.code, EXIT.io);
  assert.match(again.errors, /Nothing is overwritten/);
  const settings = { SQLITE_PATH: file };
  const { output } = await world.run(["send", NORA, "a@example.com", "--json"], settings);
  assert.equal(JSON.parse(output).sent, true);
});

worldTest("`send` explains why Microsoft refuses, and exits accordingly", async (world) => {
  await world.addAccount();
  const { submissionServer, identityProvider } = world.simulation;
  const send = () => world.run(["send", NORA, "a@example.com"]);
  submissionServer.refusal = "direct";
  const refused = await send();
  assert.equal(refused.code, EXIT.noPermission);
  assert.match(refused.errors, /refused the sign-in: 535 .*\n.*does not accept the sign-in/);
  submissionServer.refusal = undefined;
  await submissionServer.stop();
  const unreachable = await send();
  assert.equal(unreachable.code, EXIT.temporary);
  assert.match(unreachable.errors, /no connection to localhost:\d+/);
  await submissionServer.restart();
  identityProvider.revokeAccessTokens(NORA);
  identityProvider.revokeRefreshTokens(NORA);
  const dead = await send();
  assert.equal(dead.code, EXIT.noPermission);
  assert.match(dead.errors, /sign in/i);
});

accountTest("`send` refuses what is no address", async (world) => {
  assert.equal((await world.run(["send", NORA, "nobody"])).code, EXIT.usage);
  assert.equal(
    (await world.run(["send", "other@example.com", "a@example.com"])).code,
    EXIT.noAccount,
  );
  assert.equal(world.simulation.submissionServer.store.received, 0);
});

accountTest("`deno task send --db` is the same command", async (world) => {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "tools/send.ts", "--db", NORA, "a@example.com"],
    env: world.environment,
  }).output();
  assert.ok(success);
  assert.match(new TextDecoder().decode(stdout), /^Sent: 250 /m);
  assert.equal(world.simulation.submissionServer.store.received, 1);
});

worldTest("every command and exit code is documented", async (world) => {
  const document = await Deno.readTextFile("docs/operations/command-line.md");
  const { output } = await world.run(["--help"]);
  const [, list = ""] = /^Commands:\n([^]*?)\n\n/m.exec(output) ?? [];
  const names = list.split("\n").map((line) => line.trim().split(/ {2,}/)[0]);
  assert.ok(names.length > 10);
  for (const name of names) assert.match(document, new RegExp(`^\\| \`${name}[ \`]`, "m"));
  for (const code of Object.values(EXIT)) assert.match(document, new RegExp(`^\\| ${code} `, "m"));
});

/** A database of the older proxy, with one account whose tokens are gone. */
function buildOldDatabase(path: string): void {
  using database = new DatabaseSync(path);
  database.exec(`
    CREATE TABLE tokens (uid TEXT NOT NULL PRIMARY KEY, username TEXT NOT NULL, email TEXT NOT NULL,
      smtp_password TEXT NOT NULL, app_id TEXT NOT NULL, cache TEXT NOT NULL, expires_at TIMESTAMP NULL);
    INSERT INTO tokens VALUES ('00000000-0000-0000-0123-456789abcdef', 'anna@example.com', 'anna@example.com',
      'Zk3-9fQ_xW7bTn2LrV8cYp4s', '11111111-2222-4333-8444-555555555555', '', NULL)`);
}
