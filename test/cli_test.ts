/**
 * The command line, against the simulated Microsoft. The commands run in the process of the test; how the real program runs
 * them is in `script_test.ts`.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { NORA, Testbed } from "./testbed.ts";

let bed: Testbed;

Deno.test.beforeAll(async () => {
  bed = await Testbed.open();
  bed.simulation.identityProvider.deviceCodeIntervalS = 0.05;
});
Deno.test.beforeEach(async () => {
  await bed.recover();
  bed.useNewDatabase();
});
Deno.test.afterAll(async () => await bed[Symbol.asyncDispose]());

Deno.test("the command line explains itself, and its mistakes", async () => {
  const help = await bed.run(["--help"]);
  assert.equal(help.code, 0);
  for (const name of ["serve", "check", "send", "account list", "backup", "healthcheck"]) {
    assert.match(help.output, new RegExp(`^  ${name} `, "m"));
    const own = await bed.run([...name.split(" "), "--help"]);
    assert.match(own.output, new RegExp(`^Usage: smtp-oauth2-proxy ${name}\\b`));
  }
  assert.match((await bed.run(["--version"])).output, /^\d+\.\d+\.\d+\n$/);
  const wrong = await bed.run(["chekc"]);
  assert.equal(wrong.code, EXIT.usage);
  assert.match(wrong.errors, /Did you mean check\?/);
});

Deno.test(
  "a command with wrong settings names all of them, and ends with EX_CONFIG",
  async () => {
    const settings = { SMTP_PUBLIC_HOST: "", SESSION_SECRET: "short" };
    const { code, errors } = await bed.run(["account", "list"], settings);
    assert.equal(code, EXIT.config);
    assert.match(errors, /SMTP_PUBLIC_HOST/);
    assert.match(errors, /SESSION_SECRET/);
    assert.doesNotMatch(errors, /short\b/);
  },
);

Deno.test("`--env-file` that cannot be read ends with EX_CONFIG", async () => {
  const { code, errors } = await bed.run(["account", "list", "--env-file", "/nowhere/x.env"]);
  assert.equal(code, EXIT.config);
  assert.match(errors, /env file cannot be read.*\/nowhere\/x\.env/);
});

Deno.test("commands about accounts need a database", async () => {
  const { code, errors } = await bed.run(["account", "list"]);
  assert.equal(code, EXIT.noInput);
  assert.match(errors, /no database .*SQLITE_PATH/);
});

Deno.test("`account add` signs in by a code, and `send` sends as the account", async () => {
  const added = await bed.addAccount(["--app-password", "printer"]);
  assert.equal(added.code, 0, added.errors);
  assert.match(added.output, /^Added: nora@outlook\.example$/m);
  assert.match(added.output, /^App password +(\w{4}-){3}\w{4}$/m);

  const sent = await bed.run(["send", NORA, "a@example.com,b@example.com", "Grüße", "Hällo"]);
  assert.equal(sent.code, 0, sent.errors);
  assert.match(sent.output, /Access token .* valid for \d+ minutes/);
  assert.match(sent.output, /to b@example\.com: 250 /);
  assert.match(sent.output, /^Sent: 250 .*Queued mail/m);
  const message = bed.simulation.submissionServer.store.last;
  assert.equal(message.mailbox, NORA);
  assert.deepEqual(message.recipients.map(({ address }) => address), [
    "a@example.com",
    "b@example.com",
  ]);

  bed.simulation.identityProvider.revokeAccessTokens(NORA);
  assert.equal((await bed.json("send", NORA, "a@example.com")).sent, true, "with a new token");
});

Deno.test("`account add` renews an account that is here already", async () => {
  await bed.seedAccount();
  await bed.json("account", "password", "create", NORA, "printer");
  const { output } = await bed.addAccount();
  assert.match(output, /^Renewed: nora@outlook\.example$/m);
  const [account, ...others] = await bed.json("account", "list");
  assert.equal(account.appPasswordCount, 1);
  assert.equal(others.length, 0);
});

Deno.test("`account add` obeys the account filters", async () => {
  const settings = { DISALLOWED_DOMAINS_LIST: "outlook.example" };
  const { code, errors } = await bed.addAccount([], settings);
  assert.equal(code, EXIT.noPermission);
  assert.match(errors, /may not use this proxy/);
  assert.deepEqual(await bed.json("account", "list"), []);
});

Deno.test(
  "`account show` and `account list` show an account to people and programs",
  async () => {
    await bed.seedAccount();
    const list = await bed.run(["account", "list", "--search", "NORA"]);
    assert.match(list.output, /^ADDRESS +KIND +STATE/);
    assert.match(list.output, /^nora@outlook\.example +personal +active/m);
    assert.deepEqual(await bed.json("account", "list", "--search", "nobody"), []);
    const shown = await bed.run(["account", "show", NORA.toUpperCase()]);
    assert.match(shown.output, /^Name +Nora Lindqvist$/m);
    const { id, state, target } = await bed.json("account", "show", NORA);
    assert.equal(state, "active");
    assert.equal(target.host, "localhost");
    assert.equal((await bed.json("account", "show", id)).email, NORA);
  },
);

Deno.test("`account password` creates, lists and revokes app passwords", async () => {
  await bed.seedAccount();
  const created = await bed.json(
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
  const [listed] = await bed.json("account", "password", "list", NORA);
  assert.deepEqual([listed.name, listed.allowedSender], ["printer", "*@outlook.example"]);
  assert.equal("password" in listed, false);
  const wrong = await bed.run([
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
    (await bed.run(["account", "password", "revoke", NORA, "other"])).code,
    EXIT.noAccount,
  );
  assert.equal((await bed.json("account", "password", "revoke", NORA, "printer")).revoked, true);
  const forced = ["account", "password", "create", NORA, "scanner", "--always-mailbox"];
  assert.equal((await bed.json(...forced)).senderRule, "always");
  assert.match((await bed.run(["account", "show", NORA])).output, /scanner +always the mailbox/);
  assert.equal((await bed.run([...forced, "--sender", NORA])).code, EXIT.usage);
  assert.equal((await bed.json("account", "password", "revoke", NORA, "scanner")).revoked, true);
  assert.deepEqual(await bed.json("account", "password", "list", NORA), []);
});

Deno.test("K5: `account remove` asks, and deletes", async () => {
  await bed.seedAccount();
  const refused = await bed.run(["account", "remove", NORA]);
  assert.equal(refused.code, EXIT.usage);
  assert.match(refused.errors, /--yes/);
  assert.equal(
    (await bed.run(["account", "remove", "nobody@example.com", "--yes"])).code,
    EXIT.noAccount,
  );
  assert.equal((await bed.run(["account", "remove", NORA, "--yes"])).code, 0);
  assert.deepEqual(await bed.json("account", "list"), []);
});

Deno.test("`account import` tells first, and imports with --apply", async () => {
  const old = bed.path("old.sqlite");
  buildOldDatabase(old);
  const dry = await bed.run(["account", "import", old]);
  assert.equal(dry.code, 0, dry.errors);
  assert.match(dry.output, /^anna@example\.com +to import .*sign in with Microsoft once/m);
  assert.match(dry.output, /--apply/);
  assert.deepEqual(await bed.json("account", "list"), []);
  const done = await bed.json("account", "import", old, "--apply");
  assert.deepEqual([done.applied, done.accounts[0].outcome], [true, "imported"]);
  const [account] = await bed.json("account", "list");
  assert.deepEqual([account.email, account.state], ["anna@example.com", "sign-in-required"]);
  const send = await bed.run(["send", "anna@example.com", "a@example.com"]);
  assert.equal(send.code, EXIT.noPermission);
  assert.match(send.errors, /has to sign in with Microsoft again/);
});

Deno.test("`account import` says when the file is no old database", async () => {
  await Deno.writeTextFile(bed.path("text"), "no database");
  assert.equal((await bed.run(["account", "import", bed.path("text")])).code, EXIT.noInput);
  assert.equal((await bed.run(["account", "import", bed.path("missing")])).code, EXIT.noInput);
});

Deno.test("`backup` writes a database that works, and overwrites nothing", async () => {
  await bed.seedAccount();
  const file = bed.path("backup.sqlite");
  assert.equal((await bed.json("backup", file)).file, file);
  const again = await bed.run(["backup", file]);
  assert.equal(again.code, EXIT.io);
  assert.match(again.errors, /Nothing is overwritten/);
  const settings = { SQLITE_PATH: file };
  const { output } = await bed.run(["send", NORA, "a@example.com", "--json"], settings);
  assert.equal(JSON.parse(output).sent, true);
});

Deno.test("`send` explains why Microsoft refuses, and exits accordingly", async () => {
  await bed.addAccount();
  const { submissionServer, identityProvider } = bed.simulation;
  const send = () => bed.run(["send", NORA, "a@example.com"]);
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
  assert.match(dead.errors, /The sign-in was revoked\.\n.*password was changed.*\nSign in with/);
});

Deno.test("`send` sends no owner of a personal account to an administrator", async () => {
  await bed.seedAccount();
  const { troubles } = bed.simulation;
  troubles.set({ mailbox: NORA }, "smtp-auth-off-mailbox");
  const { code, errors } = await bed.run(["send", NORA, "a@example.com"]);
  troubles.clear();
  assert.equal(code, EXIT.noPermission);
  assert.match(errors, /does not let this mailbox send by SMTP\.\n.*\nSign in at outlook\.com/);
  assert.doesNotMatch(errors, /administrator|Set-CASMailbox/);
});

Deno.test("`send` refuses what is no address", async () => {
  await bed.seedAccount();
  const { store } = bed.simulation.submissionServer;
  const before = store.received;
  assert.equal((await bed.run(["send", NORA, "nobody"])).code, EXIT.usage);
  assert.equal(
    (await bed.run(["send", "other@example.com", "a@example.com"])).code,
    EXIT.noAccount,
  );
  assert.equal(store.received, before);
});

Deno.test("`send` shows the names of both parties", async () => {
  await bed.seedAccount();
  const names = ["Nora L <nora@outlook.example>", '"Doe, Jane" <jane@example.com>, b@example.com'];
  assert.equal((await bed.run(["send", ...names])).code, 0);
  const { content, recipients } = bed.simulation.submissionServer.store.last;
  const text = new TextDecoder().decode(content);
  assert.match(text, /^From: "Nora L"\r\n <nora@outlook\.example>\r$/m);
  assert.match(text, /^To: "Doe, Jane"\r\n <jane@example\.com>,\r\n <b@example\.com>\r$/m);
  assert.deepEqual(
    recipients.map(({ address }) => address),
    ["jane@example.com", "b@example.com"],
  );
});

Deno.test("`send --through-smtp` says that no server runs, and leaves no app password behind", async () => {
  await bed.seedAccount();
  const before = await bed.json("account", "password", "list", NORA);
  const { code, errors } = await bed.run(["send", NORA, "a@example.com", "--through-smtp"]);
  assert.equal(code, EXIT.temporary);
  assert.match(errors, /does not answer.*Is it running\?/);
  assert.deepEqual(await bed.json("account", "password", "list", NORA), before);
});

Deno.test("`deno task send --db` is the same command", async () => {
  await bed.seedAccount();
  const { store } = bed.simulation.submissionServer;
  const before = store.received;
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "tools/send.ts", "--db", NORA, "a@example.com"],
    env: bed.environment,
  }).output();
  assert.ok(success);
  assert.match(new TextDecoder().decode(stdout), /^Sent: 250 /m);
  assert.equal(store.received, before + 1);
});

Deno.test("every command and exit code is documented", async () => {
  const document = await Deno.readTextFile("docs/operations/command-line.md");
  const { output } = await bed.run(["--help"]);
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
