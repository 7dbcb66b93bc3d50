/**
 * K1: no secret turns up in what the program writes. The real program goes through everything that has to do with secrets,
 * with the most talkative log; then the log, the pages, the replies, the alerts and the database are searched.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { createTransport } from "nodemailer";
import { DEMO_APPLICATION, person, type TokenFault } from "../tools/simulate/identity_provider.ts";
import { SmtpClient, type SmtpLogin } from "../tools/smtp_client.ts";
import { findLeaks } from "./canaries.ts";
import { CanaryTestbed } from "./canary_testbed.ts";
import { RunningProgram } from "./running_program.ts";
import { NORA } from "./testbed.ts";

/** Access tokens of this lifetime are too old for the program as soon as they are issued. */
const TOO_SHORT_S = 30;
const LONG_S = 3600;

const TOKEN_FAULTS: readonly TokenFault[] = [
  { kind: "malformed" },
  { kind: "status", status: 503 },
  { kind: "down" },
  { kind: "error", code: "AADSTS7000215" },
  { kind: "error", code: "AADSTS70000" },
];

/** Takes over an account of the older proxy, whose database has the password in clear text. */
async function importPassword(canaries: CanaryTestbed): Promise<SmtpLogin> {
  const { bed } = canaries;
  const password = randomBytes(24).toString("base64url");
  canaries.note("imported password", password);
  const directory = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_old_" });
  const path = `${directory}/old.sqlite`;
  const database = new DatabaseSync(path);
  database.exec(
    "CREATE TABLE tokens (uid TEXT, email TEXT, smtp_password TEXT, app_id TEXT, cache TEXT)",
  );
  database.prepare("INSERT INTO tokens VALUES (?, ?, ?, ?, ?)")
    .run(person(NORA).objectId, NORA, password, DEMO_APPLICATION.id, "");
  database.close();
  const { code, output, errors } = await bed.run(["account", "import", path, "--apply"]);
  await Deno.remove(directory, { recursive: true });
  assert.equal(code, 0, errors);
  canaries.keep("output of the import", output + errors);
  return { username: NORA, password };
}

/** Sends by a real client through each kind of port. */
async function sendEverywhere(canaries: CanaryTestbed, login: SmtpLogin): Promise<void> {
  const { ports, simulation } = canaries.bed;
  const body = `body-${randomBytes(16).toString("hex")}`;
  canaries.note("message body", body);
  const ways = [
    { port: ports.smtp, ignoreTLS: true, authMethod: "PLAIN" },
    { port: ports.startTls, requireTLS: true, authMethod: "LOGIN" },
    { port: ports.tls, secure: true, authMethod: "PLAIN" },
    { port: ports.autoTls, secure: true, authMethod: "LOGIN" },
    { port: ports.autoTls, requireTLS: true, authMethod: "PLAIN" },
  ];
  for (const way of ways) {
    const transport = createTransport({
      ...way,
      host: "localhost",
      tls: { ca: simulation.certificateAuthority.certificate },
      auth: { user: login.username, pass: login.password },
    });
    const text = `${body}\n`;
    const { response } = await transport.sendMail({ from: NORA, to: "a@example.com", text });
    canaries.keep("SMTP reply", response);
    transport.close();
  }
  assert.equal(simulation.submissionServer.store.received, ways.length);
}

/** Everything that can go wrong with tokens. */
async function faults(canaries: CanaryTestbed, login: SmtpLogin): Promise<void> {
  const { browser, bed: { simulation } } = canaries;
  const { identityProvider, submissionServer } = simulation;
  identityProvider.accessTokenLifetimeS = TOO_SHORT_S;
  await canaries.signIn();
  await canaries.keepDatabase();
  identityProvider.revokeRefreshTokens(NORA);
  assert.match(await canaries.tryLogin(login), /^535 5\.7\.8 .*sign in/i);
  await canaries.alerts.first;
  await browser.get(`${canaries.url}/account`);
  for (const fault of TOKEN_FAULTS) {
    await canaries.signIn();
    identityProvider.faults.token = fault;
    assert.match(await canaries.tryLogin(login), /^(454|535) /);
    const refused = await canaries.signIn();
    assert.ok(refused.status >= 400, `${fault.kind}: ${refused.status}`);
    identityProvider.faults.token = undefined;
    // The same code and state once more, as by the button "back".
    assert.equal((await browser.get(refused.url)).status, 400);
  }
  identityProvider.accessTokenLifetimeS = LONG_S;
  await canaries.signIn();
  for (const refusal of ["direct", "challenge"] as const) {
    submissionServer.refusal = refusal;
    assert.match(await canaries.tryLogin(login), /^(454|535) /);
    await browser.post(`${canaries.url}/account/test-mail`, {});
  }
  submissionServer.refusal = undefined;
}

/** Clients that hold their passwords out in every wrong way. */
async function wrongLogins(
  canaries: CanaryTestbed,
  { username, password }: SmtpLogin,
): Promise<void> {
  const mistyped = randomBytes(24).toString("base64url");
  canaries.note("mistyped password", mistyped);
  assert.match(await canaries.tryLogin({ username, password: mistyped }), /^535 /);
  assert.match(await canaries.tryLogin({ username: password, password }), /^535 /);
  const undashed = password.replaceAll("-", "");
  assert.match(await canaries.tryLogin({ username: undashed, password: mistyped }), /^535 /);
  const base64 = btoa(password);
  assert.match(await canaries.say(`AUTH PLAIN ${password}`), /^501 /);
  assert.match(await canaries.say(`AUTH XOAUTH2 ${base64}`), /^504 /);
  assert.match(await canaries.say(base64, password, `PASS ${password}`), /^500 /);
  assert.match(await canaries.say("AUTH LOGIN", btoa(username), password), /^(501|535) /);
  using early = await SmtpClient.connect({ port: canaries.bed.ports.startTls });
  await early.hello();
  const reply = await early.command(`AUTH PLAIN ${btoa(`\0${username}\0${password}`)}`);
  assert.match(reply, /^530 /);
  canaries.keep("SMTP reply", reply);
}

/** Pages that fail in the middle of their work, since somebody else holds the database. */
async function brokenPages(canaries: CanaryTestbed): Promise<void> {
  const database = new DatabaseSync(canaries.bed.environment.SQLITE_PATH!);
  database.exec("BEGIN IMMEDIATE");
  const create = await canaries.browser.post(`${canaries.url}/account/passwords`, {
    name: "second",
  });
  assert.equal(create.status, 503);
  assert.equal((await canaries.signIn()).status, 503);
  database.exec("ROLLBACK");
  database.close();
  await canaries.signIn();
}

/** Takes everything back. */
async function leave(canaries: CanaryTestbed, login: SmtpLogin): Promise<void> {
  const { browser, url } = canaries;
  const account = await browser.get(`${url}/account`);
  const ids = [...account.text.matchAll(/\/account\/passwords\/([^"/]+)\/revoke/g)];
  assert.ok(ids.length > 0);
  for (const [, id] of ids) {
    await browser.post(`${url}/account/passwords/${id}/revoke`, { confirm: "yes" });
  }
  assert.match(await canaries.tryLogin(login), /^535 /);
  await browser.post(`${url}/account/sign-out`, {});
  await canaries.signIn();
  await browser.post(`${url}/account/delete`, { confirm: "yes" });
  assert.match(await canaries.tryLogin(login), /^(454|535) /);
}

/** The program refuses to start, and says what is wrong without the values. */
async function wrongSettings(canaries: CanaryTestbed): Promise<void> {
  const { environment } = canaries.bed;
  const weak = randomBytes(8).toString("hex");
  canaries.note("weak session secret", weak);
  const broken = await RunningProgram.toItsEnd(canaries.bed.serveCommand({
    APP_SECRETS: `${DEMO_APPLICATION.secret},${environment.APP_SECRETS}`,
    SESSION_SECRET: weak,
    ALERT_WEBHOOK_URL: `http:/${canaries.alerts.token}:x y/${canaries.alerts.token}`,
  }));
  assert.notEqual(broken.code, 0);
  for (const name of ["APP_SECRETS", "SESSION_SECRET", "ALERT_WEBHOOK_URL"]) {
    assert.match(broken.log, new RegExp(name));
  }
  canaries.keep("output with broken settings", broken.log);
  const swapped = await RunningProgram.toItsEnd(
    canaries.bed.serveCommand({ SMTP_CERT_FILE: environment.SMTP_KEY_FILE! }),
  );
  assert.match(swapped.log, /certificate/i);
  canaries.keep("output with a key for a certificate", swapped.log);
}

/** So that no kind goes unsearched because a page or a cookie has changed. */
const KINDS = [
  "TLS private key",
  "access token",
  "app password",
  "app password without dashes",
  "authorization code",
  "client secret",
  "code verifier",
  "cookie",
  "imported password",
  "line of the key file",
  "message body",
  "mistyped password",
  "nonce",
  "refresh token",
  "session id",
  "session secret",
  "state",
  "weak session secret",
  "webhook token",
];

Deno.test("K1: no secret is in the log, on a page, in a reply, an alert or the database", async () => {
  await using canaries = await CanaryTestbed.open();
  const imported = await importPassword(canaries);
  const server = await canaries.bed.serve();
  await canaries.signIn();
  const login = await canaries.createPassword();
  await sendEverywhere(canaries, login);
  assert.match(await canaries.tryLogin(imported), /^235 /);
  await canaries.keepDatabase();
  await faults(canaries, login);
  await wrongLogins(canaries, login);
  await brokenPages(canaries);
  await canaries.keepDatabase();
  await leave(canaries, login);
  await canaries.keepDatabase();
  assert.equal(await server.stop(), 0);
  await wrongSettings(canaries);

  canaries.keep("log", server.log);
  canaries.keep("database after the end", await Deno.readFile(canaries.bed.path("db.sqlite")));
  canaries.alerts.bodies.forEach((body) => canaries.keep("alert", body));
  canaries.keepAnswers();
  assert.deepEqual(canaries.kinds(), KINDS);
  // The search does find what is there.
  const found = findLeaks([{ kind: "address", value: NORA }], canaries.places);
  const where = found.map(({ place }) => place);
  for (const place of ["log", "page /account", "alert", "database-wal 1"]) {
    assert.ok(where.includes(place), `${NORA} is not in: ${place}`);
  }

  const leaks = findLeaks(canaries.canaries, canaries.places);
  const shown = ({ kind, place }: { kind: string; place: string }) =>
    kind === "app password" && /^page \/account\/passwords\/[^/]+$/.test(place);
  assert.equal(leaks.filter(shown).length, 1, "an app password is shown on one page");
  assert.deepEqual(leaks.filter((leak) => !shown(leak)), []);
});
