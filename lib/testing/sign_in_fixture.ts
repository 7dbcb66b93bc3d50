/**
 * Signing in and sending, with a simulated Microsoft that really listens and a database that is really a file.
 *
 * @module
 */
import { join } from "node:path";
import type { Account } from "../../smtp/mod.ts";
import { ScriptedBrowser } from "../../tools/simulate/browser.ts";
import { DEMO_APPLICATION, IdentityProvider } from "../../tools/simulate/identity_provider.ts";
import { Alerts } from "../alerts/alerts.ts";
import { type Clock, systemClock } from "../base/mod.ts";
import type { AppRegistration } from "../config/mod.ts";
import { getLogger } from "../log/mod.ts";
import { Microsoft } from "../microsoft/mod.ts";
import { Secret } from "../base/secret.ts";
import { Secrets } from "../crypto/secrets.ts";
import { Sessions, SignIn } from "../sign_in/mod.ts";
import type { BeginSignIn, SignInOptions } from "../sign_in/sign_in.ts";
import { SqliteStore } from "../store/sqlite/sqlite_store.ts";
import { TokenVault } from "../store/token_vault.ts";
import { Tokens } from "../tokens/mod.ts";

export const REDIRECT_URI = "http://localhost:3000/auth";
/** A personal account of the simulated Microsoft. */
export const NORA = "nora@outlook.example";
/** A work account. */
export const WORK = "office@contoso.example";

const log = getLogger("sign-in");

/** Our side and a simulated Microsoft, connected. */
export class SignInFixture implements AsyncDisposable {
  readonly alerts: Alerts;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly signIn: SignIn;
  #offsetMs = 0;
  readonly #clock: Clock = {
    now: () => systemClock.now() + this.#offsetMs,
    setTimer: systemClock.setTimer,
  };

  private constructor(
    readonly idp: IdentityProvider,
    readonly store: SqliteStore,
    readonly directory: string,
    readonly microsoft: Microsoft,
    options: Partial<SignInOptions>,
  ) {
    const secrets = new Secrets(["0123456789abcdef0123456789abcdef"]);
    const vault = new TokenVault(store, secrets);
    const clock = this.#clock;
    this.alerts = new Alerts({ clock, fetch });
    const common = { store, vault, microsoft, clock };
    this.sessions = new Sessions({
      store: store.webSessions,
      secrets,
      clock,
      cookieName: "session",
    });
    this.tokens = new Tokens({ ...common, alerts: this.alerts });
    this.signIn = new SignIn({
      ...common,
      tokens: this.tokens,
      signUpPolicy: { refusal: () => undefined },
      invitations: { use: () => Promise.resolve(undefined) },
      sessions: this.sessions,
      secrets,
      cookieName: "session",
      digest: { write: ({ level, message, properties }) => log[level](message, properties) },
      ...options,
    });
  }

  static async open(
    tenant = "consumers",
    options: Partial<SignInOptions> = {},
  ): Promise<SignInFixture> {
    const idp = await IdentityProvider.start();
    const directory = await Deno.makeTempDir();
    const store = await SqliteStore.open(join(directory, "db.sqlite"));
    const registration: AppRegistration = {
      clientId: DEMO_APPLICATION.id,
      tenant,
      authentication: { kind: "secret", secret: new Secret(DEMO_APPLICATION.secret) },
    };
    const microsoft = new Microsoft({
      authority: idp.authority,
      registrations: [registration],
      defaultClientId: registration.clientId,
      clock: systemClock,
      fetch,
    });
    return new SignInFixture(idp, store, directory, microsoft, options);
  }

  /** Moves our clock, not Microsoft's. */
  wait(durationMs: number): void {
    this.#offsetMs += durationMs;
  }

  /** A person's browser goes from our page to Microsoft's and back. */
  async visit(
    choice: Record<string, string>,
    request: Partial<BeginSignIn> = {},
    browser = new ScriptedBrowser(REDIRECT_URI),
  ) {
    const { location, setCookies } = await this.signIn.begin({
      redirectUri: REDIRECT_URI,
      returnTo: "/account",
      ...request,
    });
    let page = await browser.get(location);
    if (!page.url.startsWith(REDIRECT_URI)) page = await browser.post(page.url, choice);
    return { callback: new URL(page.url), cookies: toHeader(setCookies), setCookies };
  }

  async signInAs(address: string, request: Partial<BeginSignIn> = {}) {
    const { callback, cookies } = await this.visit({ address }, request);
    return await this.signIn.complete(callback, cookies);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tokens.stop();
    await this.idp.stop();
    await this.store.close();
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** Returns the cookies that a browser sends back after these `Set-Cookie` values. */
export function toHeader(setCookies: readonly string[]): string {
  return setCookies.map((cookie) => cookie.split(";", 1)[0]).join("; ");
}

/** The account as the SMTP side knows it. */
export function smtpAccount(id: string): Account {
  return {
    id,
    mailbox: NORA,
    signInName: NORA,
    target: { host: "smtp.example", port: 587, tls: "starttls" },
    appPasswordId: "",
  };
}
