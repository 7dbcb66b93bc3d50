/**
 * The program under the eyes of a test that knows every secret, and keeps everything that is written.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createPrivateKey, randomBytes } from "node:crypto";
import { parseConfig } from "../lib/config/mod.ts";
import { SealedCookie } from "../lib/http/cookie.ts";
import { Secrets } from "../lib/crypto/secrets.ts";
import { SqliteStore } from "../lib/store/sqlite/sqlite_store.ts";
import { TokenVault } from "../lib/store/token_vault.ts";
import { ScriptedBrowser } from "../tools/simulate/browser.ts";
import { DEMO_APPLICATION, person } from "../tools/simulate/identity_provider.ts";
import { SmtpClient, type SmtpLogin } from "../tools/smtp_client.ts";
import type { Canary, Place } from "./canaries.ts";
import { NORA, Testbed } from "./testbed.ts";

/** The most talkative log. */
const SETTINGS = { LOG_LEVEL: "debug" };

/** An answer that a browser got. */
interface Answer {
  readonly url: URL;
  readonly headers: Headers;
  readonly text: string;
}

/** Everything that goes in and comes out, as far as it can be seen from outside. */
export class CanaryTestbed implements AsyncDisposable {
  readonly canaries: Canary[] = [];
  readonly places: Place[] = [];
  readonly answers: Answer[] = [];
  readonly browser = new ScriptedBrowser();
  readonly #secrets: Secrets;
  readonly #stack: AsyncDisposableStack;
  #databaseNumber = 0;

  private constructor(
    readonly bed: Testbed,
    readonly alerts: Alerts,
    stack: AsyncDisposableStack,
  ) {
    this.#secrets = new Secrets([bed.environment.SESSION_SECRET!]);
    this.#stack = stack;
  }

  static async open(): Promise<CanaryTestbed> {
    await using stack = new AsyncDisposableStack();
    const bed = stack.use(await Testbed.open());
    const alerts = stack.use(new Alerts());
    Object.assign(bed.environment, SETTINGS, { ALERT_WEBHOOK_URL: alerts.url });
    const canaries = new CanaryTestbed(bed, alerts, stack.move());
    canaries.#stack.use(recordAnswers(canaries.answers));
    canaries.#noteConfiguration();
    canaries.#watchAccessTokens();
    return canaries;
  }

  get url(): string {
    return this.bed.url;
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
    using client = await SmtpClient.connect({ port: this.bed.ports.smtp });
    let reply = await client.hello();
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
      const content = await Deno.readFile(this.bed.environment.SQLITE_PATH + suffix);
      this.keep(`database${suffix} ${number}`, content);
    }
    await using stack = new AsyncDisposableStack();
    const store = await SqliteStore.open(this.bed.environment.SQLITE_PATH!);
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
    const { cookieName } = parseConfig(this.bed.environment, Deno.readTextFileSync).session;
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
    const { environment } = this.bed;
    this.note("client secret", DEMO_APPLICATION.secret);
    this.note("session secret", environment.SESSION_SECRET!);
    this.note("webhook token", this.alerts.token);
    const pem = Deno.readTextFileSync(environment.SMTP_KEY_FILE!);
    const { d } = createPrivateKey(pem).export({ format: "jwk" });
    this.note("TLS private key", Buffer.from(d!, "base64url"));
    for (const line of pem.split("\n").slice(1, -2)) this.note("line of the key file", line);
  }

  /** Notes each token that reaches the submission server, those too that are never kept. */
  #watchAccessTokens(): void {
    const { identityProvider } = this.bed.simulation;
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
