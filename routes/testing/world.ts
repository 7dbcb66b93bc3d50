/**
 * A stand-in for everything behind the pages.
 *
 * @module
 */
import { InputError } from "../../lib/accounts.ts";
import { addressMatcher } from "../../lib/config/addresses.ts";
import type { BeginSignIn, SignInError } from "../../lib/sign_in.ts";
import type { AccountRecord, AppPassword } from "../../lib/store/store.ts";
import type { PageProblem, WebServices } from "../../lib/web/services.ts";
import { createWebApp } from "../app.ts";

/** Where the site is. */
export const ORIGIN = "http://site.example";
/** Every new app password. */
export const PASSWORD = "22222-33333-44444-55555-66666-77777";

/** Who is signed in. */
export const ACCOUNT: AccountRecord = {
  id: "account-1",
  tenantId: "9188040d-6c67-4c5b-b112-36a304b66dad",
  objectId: "00000000-0000-0000-0000-000000000001",
  email: "me@example.com",
  emailVerified: true,
  displayName: "Me",
  clientId: "client-1",
  state: "active",
  stateSinceMs: 0,
  createdAtMs: 0,
  signedInAtMs: 0,
  refreshedAtMs: 0,
};

/** A small world behind the pages, with somebody whose session cookie is `session=good`. */
export class World {
  account: AccountRecord | undefined = ACCOUNT;
  readonly passwords: AppPassword[] = [];
  readonly problems: PageProblem[] = [];
  readonly begun: BeginSignIn[] = [];
  readonly callbacks: { url: string; cookie: string | null }[] = [];
  signInError?: SignInError;
  storeError?: Error;
  sessionEnded = false;

  readonly smtp = {
    publicHost: "smtp.site.example",
    publicStartTlsPorts: [587],
    publicTlsPorts: [465],
    ports: { plain: [], tls: [], startTls: [], autoTls: [] },
  };

  readonly services: WebServices = {
    signIn: {
      begin: (request) => {
        this.begun.push(request);
        return Promise.resolve({
          location: "https://login.example/authorize?x=1",
          setCookies: ["sign-in=sealed; Path=/"],
        });
      },
      complete: (url, cookie) => {
        this.callbacks.push({ url: url.href, cookie });
        if (this.signInError) return Promise.reject(this.signInError);
        return Promise.resolve({
          location: "/account",
          setCookies: ["sign-in=; Max-Age=0", "session=good"],
          accountId: ACCOUNT.id,
          session: SESSION,
          created: true,
        });
      },
    },
    sessions: {
      read: (cookie) => Promise.resolve(cookie === "session=good" ? SESSION : undefined),
      end: () => {
        this.sessionEnded = true;
        return Promise.resolve(["session=; Max-Age=0"]);
      },
    },
    store: {
      accounts: {
        get: (id) =>
          this.storeError
            ? Promise.reject(this.storeError)
            : Promise.resolve(id === this.account?.id ? this.account : undefined),
      },
      appPasswords: { list: () => Promise.resolve(this.passwords) },
    },
    accounts: {
      createAppPassword: (accountId, { name }) => {
        if (name === "") return Promise.reject(new InputError("name", "Give it a name."));
        const appPassword = appPasswordOf(accountId, name);
        this.passwords.push(appPassword);
        return Promise.resolve({ appPassword, password: PASSWORD });
      },
      revokeAppPassword: (accountId, id) => {
        const index = this.passwords.findIndex((p) => p.id === id && p.accountId === accountId);
        if (index >= 0) this.passwords.splice(index, 1);
        return Promise.resolve(index >= 0);
      },
      delete: () => {
        this.account = undefined;
        return Promise.resolve(true);
      },
    },
    site: { trustProxy: addressMatcher([]) },
    smtp: this.smtp,
    report: (problem) => this.problems.push(problem),
  };

  readonly #handle: (request: Request) => Promise<Response>;

  constructor(publicUrl?: string) {
    const site = { ...this.services.site, publicUrl };
    this.#handle = createWebApp({ ...this.services, site }).handler();
  }

  get(path: string, cookie = "session=good"): Promise<Response> {
    return this.#handle(new Request(ORIGIN + path, { headers: { cookie } }));
  }

  post(path: string, fields: Record<string, string> = {}, headers: HeadersInit = {}) {
    return this.#handle(
      new Request(ORIGIN + path, {
        method: "POST",
        body: new URLSearchParams(fields),
        headers: { cookie: "session=good", origin: ORIGIN, ...headers },
      }),
    );
  }
}

const SESSION = {
  idHash: new Uint8Array(32),
  accountId: ACCOUNT.id,
  createdAtMs: 0,
  expiresAtMs: Number.MAX_SAFE_INTEGER,
};

/** An app password of this name. */
export function appPasswordOf(accountId: string, name: string): AppPassword {
  return { id: `id-of-${name}`, accountId, name, imported: false, createdAtMs: 1_700_000_000_000 };
}
