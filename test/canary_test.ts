/**
 * K1: no secret turns up in what the program writes. The real program goes through everything that has to do with secrets,
 * with the most talkative log; then the log, the pages, the replies, the alerts and the database are searched.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createPrivateKey, randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { createTransport } from "nodemailer";
import { parseConfig } from "../lib/config.ts";
import { SealedCookie } from "../lib/cookie.ts";
import { Secrets } from "../lib/secrets.ts";
import { SqliteStore } from "../lib/store/sqlite.ts";
import { TokenVault } from "../lib/store/token_vault.ts";
import { ScriptedBrowser } from "../tools/simulate/browser.ts";
import { DEMO_APPLICATION, person, type TokenFault } from "../tools/simulate/identity_provider.ts";
import { SmtpClient, type SmtpLogin } from "../tools/simulate/smtp_client.ts";
import { type Canary, findLeaks, type Place } from "./canaries.ts";
import { CommandWorld } from "./command_world.ts";
import { NORA } from "./harness.ts";
import { RunningServer } from "./running_server.ts";

/** Has what every encoding treats differently. */
const AWKWARD = `<&"'+/=%\\ ü???`;
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

Deno.test("findLeaks() finds a secret in every encoding, and does not show it", () => {
  const value = `canary ${AWKWARD}`;
  const octets = Buffer.from(value);
  const contents = {
    "raw": `a ${value} b`,
    "base64": btoa(`\0user\0${octets.toString("latin1")}`),
    "base64url": Buffer.from(`12${value}3`).toString("base64url"),
    "hex": `x${octets.toString("hex")}x`,
    "URL-encoded": `https://example.com/?a=${encodeURIComponent(value)}&b`,
    "JSON": JSON.stringify({ a: [value] }),
    "HTML": `<p>${value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")}</p>`,
    "numbers": `Uint8Array(${octets.length}) [ ${octets.join(", ")} ]`,
  };
  const places = Object.entries(contents).map(([name, content]) => ({ name, content }));
  const leaks = findLeaks([{ kind: "canary", value }], places);
  const expected = Object.keys(contents).map((name) => [name, name]);
  assert.deepEqual(leaks.map(({ place, encoding }) => [place, encoding]), expected);
  assert.ok(!JSON.stringify(leaks).includes("canary <"));
  assert.deepEqual(findLeaks([{ kind: "canary", value: "another canary" }], places), []);
});

/** An answer that a browser got. */
interface Answer {
  readonly url: URL;
  readonly headers: Headers;
  readonly text: string;
}

/** Everything that goes in and comes out, as far as it can be seen from outside. */
class Scene implements AsyncDisposable {
  readonly canaries: Canary[] = [];
  readonly places: Place[] = [];
  readonly answers: Answer[] = [];
  readonly browser = new ScriptedBrowser();
  readonly url: string;
  readonly #secrets: Secrets;
  readonly #stack: AsyncDisposableStack;
  #databaseNumber = 0;

  private constructor(
    readonly world: CommandWorld,
    readonly alerts: Alerts,
    stack: AsyncDisposableStack,
  ) {
    this.url = `http://localhost:${world.ports.http}`;
    this.#secrets = new Secrets([world.environment.SESSION_SECRET!]);
    this.#stack = stack;
  }

  static async start(): Promise<Scene> {
    await using stack = new AsyncDisposableStack();
    const world = stack.use(await CommandWorld.start());
    const alerts = stack.use(new Alerts());
    Object.assign(world.environment, { LOG_LEVEL: "debug", ALERT_WEBHOOK_URL: alerts.url });
    const scene = new Scene(world, alerts, stack.move());
    scene.#stack.use(recordAnswers(scene.answers));
    scene.#noteConfiguration();
    scene.#watchAccessTokens();
    return scene;
  }

  note(kind: string, value: string | Uint8Array): void {
    if (!this.canaries.some((known) => known.value === value)) this.canaries.push({ kind, value });
  }

  kinds(): string[] {
    return [...new Set(this.canaries.map(({ kind }) => kind))].toSorted();
  }

  /** Something that the program said or wrote. */
  keep(name: string, content: string | Uint8Array): void {
    this.places.push({ name, content });
  }

  async signIn() {
    const signInPage = await this.browser.get(`${this.url}/auth`);
    return await this.browser.post(signInPage.url, { address: NORA });
  }

  async createPassword(): Promise<SmtpLogin> {
    const { text } = await this.browser.post(`${this.url}/account/passwords`, { name: "printer" });
    const [, password = ""] = /id="app-password"[^>]*>([^<]+)</.exec(text) ?? [];
    this.note("app password", password);
    this.note("app password without dashes", password.replaceAll("-", ""));
    return { username: NORA, password };
  }

  /** Logs in and keeps the reply, on a new connection. */
  async tryLogin(login: SmtpLogin): Promise<string> {
    return await this.say(`AUTH PLAIN ${btoa(`\0${login.username}\0${login.password}`)}`);
  }

  /** Says things on a new connection to a plain port. @returns the last reply. */
  async say(...lines: readonly string[]): Promise<string> {
    using client = await SmtpClient.connect(this.world.ports.smtp);
    let reply = await client.command("EHLO client.example");
    for (const line of lines) {
      reply = await client.command(line);
      this.keep("SMTP reply", reply);
    }
    return reply;
  }

  /** Takes what lies on the disk now, and notes the tokens that are sealed in it. */
  async keepDatabase(): Promise<void> {
    const number = ++this.#databaseNumber;
    for (const suffix of ["", "-wal", "-shm"]) {
      const content = await Deno.readFile(this.world.environment.SQLITE_PATH + suffix);
      this.keep(`database${suffix} ${number}`, content);
    }
    await using stack = new AsyncDisposableStack();
    const store = await SqliteStore.open(this.world.environment.SQLITE_PATH!);
    stack.defer(() => store.close());
    const { tenantId, objectId } = person(NORA);
    const account = await store.accounts.getByIdentity({ tenantId, objectId });
    if (!account) return;
    const loaded = await new TokenVault(store, this.#secrets).load(account);
    assert.ok(loaded);
    if (loaded.tokens.accessToken) this.note("access token", loaded.tokens.accessToken);
    if (loaded.tokens.refreshToken) this.note("refresh token", loaded.tokens.refreshToken);
  }

  /** Takes the secrets out of what browsers got, and keeps what may not have any. */
  keepAnswers(): void {
    const { cookieName } = parseConfig(this.world.environment, {
      readFile: Deno.readTextFileSync,
      production: true,
    }).session;
    const sessions = new SealedCookie(cookieName, "cookie", this.#secrets);
    const transactions = new SealedCookie(`${cookieName}-sign-in`, "sign-in", this.#secrets);
    for (const { url, headers, text } of this.answers) {
      this.#noteParameters(headers.get("location"));
      if (url.origin !== this.url) continue;
      this.keep(`page ${url.pathname}`, text);
      for (const [cookie] of headers.getSetCookie().map((line) => line.split(";"))) {
        if (cookie === undefined || cookie.endsWith("=")) continue;
        this.note("cookie", cookie.slice(cookie.indexOf("=") + 1));
        const id = sessions.read(cookie);
        if (id) this.note("session id", id);
        const transaction = transactions.read(cookie);
        if (transaction) {
          const { codeVerifier } = JSON.parse(new TextDecoder().decode(transaction));
          this.note("code verifier", codeVerifier);
        }
      }
      for (const [name, value] of headers) {
        const leaves = name === "location" && new URL(value, url).origin !== url.origin;
        if (name !== "set-cookie" && !leaves) this.keep(`header ${name} of ${url.pathname}`, value);
      }
    }
  }

  /** In the addresses between us and Microsoft they belong; nowhere else. */
  #noteParameters(location: string | null): void {
    if (location === null || !URL.canParse(location)) return;
    const { searchParams } = new URL(location);
    for (const [name, kind] of [["code", "authorization code"], ["state"], ["nonce"]] as const) {
      const value = searchParams.get(name);
      if (value) this.note(kind ?? name, value);
    }
  }

  #noteConfiguration(): void {
    const { environment } = this.world;
    this.note("client secret", DEMO_APPLICATION.secret);
    this.note("session secret", environment.SESSION_SECRET!);
    this.note("webhook token", this.alerts.token);
    const key = createPrivateKey(Deno.readTextFileSync(environment.SMTP_KEY_FILE!));
    this.note("TLS private key", Buffer.from(key.export({ format: "jwk" }).d!, "base64url"));
  }

  /** Notes each token that reaches the submission server, those too that are never kept. */
  #watchAccessTokens(): void {
    const { identityProvider } = this.world.simulation;
    const verify = identityProvider.verifyAccessToken.bind(identityProvider);
    identityProvider.verifyAccessToken = (token) => {
      if (token) this.note("access token", token);
      return verify(token);
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** A receiver of alerts that takes none of them. */
class Alerts implements AsyncDisposable {
  readonly token = randomBytes(24).toString("base64url");
  readonly bodies: string[] = [];
  readonly first: Promise<void>;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.first = promise;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        this.bodies.push(await request.text());
        resolve();
        return new Response("No.", { status: 500 });
      },
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/hooks/${this.token}?key=${this.token}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** Keeps all answers to `fetch` of this process, while it lasts. */
function recordAnswers(answers: Answer[]): Disposable {
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const response = await fetch(input, init);
    const text = await response.clone().text();
    answers.push({ url: new URL(String(input)), headers: response.headers, text });
    return response;
  };
  return { [Symbol.dispose]: () => void (globalThis.fetch = fetch) };
}

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
  for (const refusal of ["direct", "challenge", "concurrency"] as const) {
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
  const broken = await scene.world.run(["serve"], {
    APP_SECRETS: `${DEMO_APPLICATION.secret},${environment.APP_SECRETS}`,
    SESSION_SECRET: weak,
    ALERT_WEBHOOK_URL: `http:/${scene.alerts.token}:x y/${scene.alerts.token}`,
    SMTP_CERT_FILE: environment.SMTP_KEY_FILE!,
  });
  assert.notEqual(broken.code, 0);
  scene.keep("output with broken settings", broken.output + broken.errors);
}

/** What a reader of the report needs to know which secrets were looked for. */
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
  const server = await RunningServer.start(scene.world.command(["serve"]));
  await using _server = server;
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
