/**
 * K1: no secret turns up in what the program writes. The real program goes through everything that has to do with secrets,
 * with the most talkative log; then the log, the pages, the replies, the alerts and the database are searched.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { createTransport } from "nodemailer";
import { DEMO_APPLICATION, person, type TokenFault } from "../tools/simulate/identity_provider.ts";
import { SmtpClient, type SmtpLogin } from "../tools/simulate/smtp_client.ts";
import { findLeaks } from "./canaries.ts";
import { Scene } from "./canary_scene.ts";
import { NORA } from "./harness.ts";
import { RunningServer } from "./running_server.ts";

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
async function importPassword(scene: Scene): Promise<SmtpLogin> {
  const { world } = scene;
  const password = randomBytes(24).toString("base64url");
  scene.note("imported password", password);
  const directory = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_old_" });
  const path = `${directory}/old.sqlite`;
  const database = new DatabaseSync(path);
  database.exec(
    "CREATE TABLE tokens (uid TEXT, email TEXT, smtp_password TEXT, app_id TEXT, cache TEXT)",
  );
  database.prepare("INSERT INTO tokens VALUES (?, ?, ?, ?, ?)")
    .run(person(NORA).objectId, NORA, password, DEMO_APPLICATION.id, "");
  database.close();
  const { code, output, errors } = await world.run(["account", "import", path, "--apply"]);
  await Deno.remove(directory, { recursive: true });
  assert.equal(code, 0, errors);
  scene.keep("output of the import", output + errors);
  return { username: NORA, password };
}

/** Sends by a real client through each kind of port. */
async function sendEverywhere(scene: Scene, login: SmtpLogin): Promise<void> {
  const { ports, simulation } = scene.world;
  const body = `body-${randomBytes(16).toString("hex")}`;
  scene.note("message body", body);
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
    scene.keep("SMTP reply", response);
    transport.close();
  }
  assert.equal(simulation.submissionServer.store.received, ways.length);
}

/** Everything that can go wrong with tokens. */
async function faults(scene: Scene, login: SmtpLogin): Promise<void> {
  const { browser, world: { simulation } } = scene;
  const { identityProvider, submissionServer } = simulation;
  identityProvider.accessTokenLifetimeS = TOO_SHORT_S;
  await scene.signIn();
  await scene.keepDatabase();
  identityProvider.revokeRefreshTokens(NORA);
  assert.match(await scene.tryLogin(login), /^535 5\.7\.8 .*sign in/i);
  await scene.alerts.first;
  await browser.get(`${scene.url}/account`);
  for (const fault of TOKEN_FAULTS) {
    await scene.signIn();
    identityProvider.tokenFault = fault;
    assert.match(await scene.tryLogin(login), /^(454|535) /);
    const refused = await scene.signIn();
    assert.ok(refused.status >= 400, `${fault.kind}: ${refused.status}`);
    identityProvider.tokenFault = undefined;
    // The same code and state once more, as by the button "back".
    assert.equal((await browser.get(refused.url)).status, 400);
  }
  identityProvider.accessTokenLifetimeS = LONG_S;
  await scene.signIn();
  for (const refusal of ["direct", "challenge"] as const) {
    submissionServer.refusal = refusal;
    assert.match(await scene.tryLogin(login), /^(454|535) /);
    await browser.post(`${scene.url}/account/test-mail`, {});
  }
  submissionServer.refusal = undefined;
}

/** Clients that hold their passwords out in every wrong way. */
async function wrongLogins(scene: Scene, { username, password }: SmtpLogin): Promise<void> {
  const mistyped = randomBytes(24).toString("base64url");
  scene.note("mistyped password", mistyped);
  assert.match(await scene.tryLogin({ username, password: mistyped }), /^535 /);
  assert.match(await scene.tryLogin({ username: password, password }), /^535 /);
  const undashed = password.replaceAll("-", "");
  assert.match(await scene.tryLogin({ username: undashed, password: mistyped }), /^535 /);
  const base64 = btoa(password);
  assert.match(await scene.say(`AUTH PLAIN ${password}`), /^501 /);
  assert.match(await scene.say(`AUTH XOAUTH2 ${base64}`), /^504 /);
  assert.match(await scene.say(base64, password, `PASS ${password}`), /^500 /);
  assert.match(await scene.say("AUTH LOGIN", btoa(username), password), /^(501|535) /);
  using early = await SmtpClient.connect(scene.world.ports.startTls);
  await early.command("EHLO client.example");
  const reply = await early.command(`AUTH PLAIN ${btoa(`\0${username}\0${password}`)}`);
  assert.match(reply, /^530 /);
  scene.keep("SMTP reply", reply);
}

/** Pages that fail in the middle of their work, since somebody else holds the database. */
async function brokenPages(scene: Scene): Promise<void> {
  const database = new DatabaseSync(scene.world.environment.SQLITE_PATH!);
  database.exec("BEGIN IMMEDIATE");
  const create = await scene.browser.post(`${scene.url}/account/passwords`, { name: "second" });
  assert.equal(create.status, 503);
  assert.equal((await scene.signIn()).status, 503);
  database.exec("ROLLBACK");
  database.close();
  await scene.signIn();
}

/** Takes everything back. */
async function leave(scene: Scene, login: SmtpLogin): Promise<void> {
  const { browser, url } = scene;
  const account = await browser.get(`${url}/account`);
  const ids = [...account.text.matchAll(/\/account\/passwords\/([^"/]+)\/revoke/g)];
  assert.ok(ids.length > 0);
  for (const [, id] of ids) await browser.post(`${url}/account/passwords/${id}/revoke`, {});
  assert.match(await scene.tryLogin(login), /^535 /);
  await browser.post(`${url}/account/sign-out`, {});
  await scene.signIn();
  await browser.post(`${url}/account/delete`, { confirm: "yes" });
  assert.match(await scene.tryLogin(login), /^(454|535) /);
}

/** The program refuses to start, and says what is wrong without the values. */
async function wrongSettings(scene: Scene): Promise<void> {
  const { environment } = scene.world;
  const weak = randomBytes(8).toString("hex");
  scene.note("weak session secret", weak);
  const { code, output, errors } = await scene.world.run(["serve"], {
    APP_SECRETS: `${DEMO_APPLICATION.secret},${environment.APP_SECRETS}`,
    SESSION_SECRET: weak,
    ALERT_WEBHOOK_URL: `http:/${scene.alerts.token}:x y/${scene.alerts.token}`,
  });
  assert.notEqual(code, 0);
  for (const name of ["APP_SECRETS", "SESSION_SECRET", "ALERT_WEBHOOK_URL"]) {
    assert.match(errors, new RegExp(name));
  }
  scene.keep("output with broken settings", output + errors);
  const settings = { SMTP_CERT_FILE: environment.SMTP_KEY_FILE! };
  const swapped = await scene.world.run(["serve"], settings);
  assert.match(swapped.errors, /certificate/i);
  scene.keep("output with a key for a certificate", swapped.output + swapped.errors);
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
  await using scene = await Scene.start();
  const imported = await importPassword(scene);
  await using server = await RunningServer.start(scene.world.command(["serve"]));
  await scene.signIn();
  const login = await scene.createPassword();
  await sendEverywhere(scene, login);
  assert.match(await scene.tryLogin(imported), /^235 /);
  await scene.keepDatabase();
  await faults(scene, login);
  await wrongLogins(scene, login);
  await brokenPages(scene);
  await scene.keepDatabase();
  await leave(scene, login);
  await scene.keepDatabase();
  assert.equal(await server.stop(), 0);
  await wrongSettings(scene);

  scene.keep("log", server.log);
  scene.keep("database after the end", await Deno.readFile(scene.world.path("db.sqlite")));
  scene.alerts.bodies.forEach((body) => scene.keep("alert", body));
  scene.keepAnswers();
  assert.deepEqual(scene.kinds(), KINDS);
  // The search does find what is there.
  const found = findLeaks([{ kind: "address", value: NORA }], scene.places);
  const where = found.map(({ place }) => place);
  for (const place of ["log", "page /account", "alert", "database-wal 1"]) {
    assert.ok(where.includes(place), `${NORA} is not in: ${place}`);
  }

  const leaks = findLeaks(scene.canaries, scene.places);
  const shown = ({ kind, place }: { kind: string; place: string }) =>
    kind === "app password" && place === "page /account/passwords";
  assert.equal(leaks.filter(shown).length, 1, "an app password is shown on one page");
  assert.deepEqual(leaks.filter((leak) => !shown(leak)), []);
});
