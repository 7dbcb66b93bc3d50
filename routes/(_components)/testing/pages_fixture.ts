/**
 * A stand-in for everything behind the pages.
 *
 * @module
 */
import { loadBuild } from "build";
import { Secrets } from "../../../lib/crypto/mod.ts";
import { InputError, type MailboxProof } from "../../../lib/accounts/mod.ts";
import { parseSender } from "../../../lib/accounts/input.ts";
import { changedRules } from "../../../lib/accounts/restrictions.ts";
import type { Problem, SettingInEffect } from "../../../lib/config/mod.ts";
import type { HealthReport } from "../../../lib/observers/mod.ts";
import type { Alert } from "../../../lib/alerts/alerts.ts";
import { ManualClock } from "../../../lib/testing/manual_clock.ts";
import { addressMatcher } from "../../../smtp/mod.ts";
import type { BeginSignIn, SignInError } from "../../../lib/sign_in/sign_in.ts";
import type {
  AccountRecord,
  AppPassword,
  AuditEntry,
  Delivery,
  Invitation,
} from "../../../lib/store/store.ts";
import type { RegistrationStatus } from "../../../lib/microsoft/mod.ts";
import type { KnownRegistration } from "../../../lib/program/mod.ts";
import type { TokenStatus } from "../../../lib/tokens/mod.ts";
import { settle } from "../../../lib/testing/settle.ts";
import {
  carriedValues,
  type CheckedPart,
  createPages,
  LiveDeliveries,
  type PageProblem,
  type WebServices,
} from "../../../lib/web/mod.ts";
import type { OwnServer, TestMailChoice, TestMailStep } from "../../../lib/test_mail/mod.ts";
import { ACCOUNT, appPasswordOf, PASSWORD } from "./records.ts";

export { ACCOUNT, appPasswordOf, deliveryOf, PASSWORD } from "./records.ts";

/** Where the site is. */
export const ORIGIN = "http://site.example";
/** 2026-01-01 UTC. */
export const NOW_MS = 1_767_225_600_000;

const SECRET = "0123456789abcdef0123456789abcdef";

const SETTING: SettingInEffect = {
  name: "SMTP_PUBLIC_HOST",
  group: "SMTP server",
  meaning: "Host name.",
  value: "smtp.site.example",
  default: "none",
  source: ".env",
  isChanged: true,
};

const SERVER: OwnServer = {
  host: "127.0.0.1",
  port: 587,
  encryption: "STARTTLS",
  publicHost: "smtp.site.example",
  speaksProxy: false,
};

const SESSION = {
  idHash: new Uint8Array(32),
  accountId: ACCOUNT.id,
  createdAtMs: 0,
  expiresAtMs: Number.MAX_SAFE_INTEGER,
};

const PEER: Deno.ServeHandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 12_345 },
  completed: Promise.resolve(),
};

/** Routes come from it, so there has to be a build. */
const applyBuild = await loadBuild();

/** Keys of elements and the edges of islands. */
const FRESH_MARK = / data-frsh-key="[^"]*"|<!--\/?frsh:.*?-->/g;

/** Everything behind the pages, with somebody whose session cookie is `session=good`. */
export class PagesFixture {
  account: AccountRecord | undefined = ACCOUNT;
  readonly otherAccounts: AccountRecord[] = [];
  readonly passwords: AppPassword[] = [];
  /** Newest first. */
  readonly deliveries: Delivery[] = [];
  readonly alerts: Alert[] = [];
  readonly adminEmails: string[] = [];
  readonly warnings: Problem[] = [];
  /** Addresses that the account filters do not admit any more. */
  readonly excluded: string[] = [];
  health: HealthReport = { certificates: [], renewals: [], mailboxes: [] };
  readonly problems: PageProblem[] = [];
  checked: CheckedPart[] = [];
  readonly begun: BeginSignIn[] = [];
  readonly callbacks: { url: string; cookie: string | null }[] = [];
  readonly clock = new ManualClock(NOW_MS, settle);
  testMailSteps: TestMailStep[] = [];
  testMailError?: Error;
  readonly testMailChoices: (TestMailChoice | undefined)[] = [];
  tokenStatus?: TokenStatus;
  signInError?: SignInError;
  storeError?: Error;
  sessionEnded = false;
  /** Accounts whose web sessions were all ended. */
  readonly signedOut: string[] = [];
  /** App registrations that send for mailboxes. */
  readonly registrations: RegistrationStatus[] = [];
  /** The app registrations of the admin page. */
  readonly knownRegistrations: KnownRegistration[] = [];
  proof: MailboxProof = { verdict: "good", sent: false };
  /** The token of a one-time link that works. */
  linkToken: string | undefined = "good-token";
  readonly invitations: Invitation[] = [];
  /** Newest first. */
  readonly auditTrail: AuditEntry[] = [];

  readonly smtp = {
    publicHost: "smtp.site.example",
    publicStartTlsPorts: [587],
    publicTlsPorts: [465],
    ports: { plain: [] as number[], tls: [], starttls: [], auto: [] },
  };

  readonly store: WebServices["store"] = {
    accounts: {
      get: (id) => {
        if (this.storeError) return Promise.reject(this.storeError);
        return Promise.resolve(this.#accounts.find((account) => account.id === id));
      },
      list: ({ search = "", state, appOnly, order, limit, offset = 0 }) => {
        const found = this.#select(search, state, appOnly);
        if (order === "state") found.sort((a, b) => a.state < b.state ? 1 : -1);
        return Promise.resolve(found.slice(offset, offset + limit));
      },
      count: ({ search = "", state, appOnly } = {}) =>
        Promise.resolve(this.#select(search, state, appOnly).length),
    },
    appPasswords: {
      list: (accountId) =>
        Promise.resolve(this.passwords.filter((password) => password.accountId === accountId)),
      countEach: (ids) =>
        Promise.resolve(
          new Map(ids.map((id) => {
            const own = this.passwords.filter(({ accountId }) => accountId === id);
            const uses = own.flatMap(({ lastUsedAtMs }) => lastUsedAtMs ?? []);
            return [id, {
              count: own.length,
              lastUsedAtMs: uses.length ? Math.max(...uses) : undefined,
            }];
          })),
        ),
    },
    audit: {
      list: ({ search = "", action, beforeId = Infinity, limit }) =>
        Promise.resolve(
          this.auditTrail.filter((one) =>
            one.id < beforeId && one.subject.includes(search) &&
            (action === undefined || one.action === action)
          ).slice(0, limit),
        ),
    },
    deliveries: {
      list: ({ search = "", beforeId = Infinity, afterId = 0, limit, ...query }) => {
        const { sinceMs = 0, untilMs = Infinity, ...same } = query;
        const conditions = Object.entries(same).filter(([, value]) => value !== undefined);
        return Promise.resolve(
          this.deliveries.filter((one) =>
            conditions.every(([name, value]) => one[name as keyof Delivery] === value) &&
            one.sender.includes(search) && one.id < beforeId && one.id > afterId &&
            one.atMs >= sinceMs && one.atMs < untilMs
          ).slice(0, limit),
        );
      },
      search: async ({ limit, ...query }) => {
        const rows = await this.store.deliveries.list({ ...query, limit: limit + 1 });
        const found = rows.slice(0, limit);
        return { found, olderThanId: rows.length > limit ? found.at(-1)?.id : undefined };
      },
      counts: ({ sinceMs, spanMs }) =>
        Promise.resolve(
          this.deliveries.filter(({ atMs }) => atMs >= sinceMs).map(({ atMs, outcome }) => ({
            startMs: atMs - atMs % spanMs,
            outcome,
            count: 1,
          })),
        ),
    },
  };

  readonly live = new LiveDeliveries({
    deliveries: this.store.deliveries,
    clock: this.clock,
    onError: (error) => {
      throw error;
    },
  });

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
      consentUrl: ({ adminConsent }) => adminConsent && "https://login.example/adminconsent?x=1",
    },
    sessions: {
      read: (cookie) => {
        const isGood = /^session=good(;|$)/.test(cookie ?? "") && !this.sessionEnded;
        return Promise.resolve(isGood ? SESSION : undefined);
      },
      end: () => {
        this.sessionEnded = true;
        return Promise.resolve("session=; Max-Age=0");
      },
    },
    sessionCookie: "session",
    carried: carriedValues("session", new Secrets([SECRET]), this.clock),
    store: this.store,
    accounts: {
      createAppPassword: (accountId, { name, ...sender }) => {
        if (name === "") return Promise.reject(new InputError("name", "Give it a name."));
        return Promise.try(() => {
          const appPassword = { ...appPasswordOf(accountId, name), ...parseSender(sender) };
          this.passwords.push(appPassword);
          return { appPassword, password: PASSWORD };
        });
      },
      createAppPasswords: async (accountId, choices) => {
        const { createAppPassword } = this.services.accounts;
        const created = [];
        for (const choice of choices) created.push(await createAppPassword(accountId, choice));
        return created;
      },
      renameAppPassword: (accountId, id, name) => {
        if (name === "") return Promise.reject(new InputError("name", "Give it a name."));
        const index = this.#indexOf(accountId, id);
        const found = this.passwords[index];
        if (found) this.passwords[index] = { ...found, name };
        return Promise.resolve(found !== undefined);
      },
      changeAppPassword: (accountId, id, choice) =>
        Promise.try(() => {
          const index = this.#indexOf(accountId, id);
          const found = this.passwords[index];
          if (found) this.passwords[index] = { ...found, ...changedRules(found, choice, []) };
          return found !== undefined;
        }),
      revokeAppPassword: (accountId, id) => {
        const index = this.#indexOf(accountId, id);
        if (index >= 0) this.passwords.splice(index, 1);
        return Promise.resolve(index >= 0);
      },
      setShortName: (accountId, shortName) => {
        if (shortName === "taken") {
          return Promise.reject(new InputError("short-name", "The short name taken is taken."));
        }
        if (this.account?.id !== accountId) return Promise.resolve(false);
        this.account = { ...this.account, shortName };
        return Promise.resolve(true);
      },
      signOutEverywhere: (accountId) => {
        this.signedOut.push(accountId);
        if (accountId === this.account?.id) this.sessionEnded = true;
        return Promise.resolve(1);
      },
      delete: (accountId) => {
        const existed = this.#accounts.some(({ id }) => id === accountId);
        if (this.account?.id === accountId) this.account = undefined;
        const index = this.otherAccounts.findIndex(({ id }) => id === accountId);
        if (index >= 0) this.otherAccounts.splice(index, 1);
        return Promise.resolve(existed);
      },
    },
    registrations: {
      list: () => Promise.resolve(this.knownRegistrations),
      enterEnd: (id, day) => {
        if (day === "") return Promise.reject(new InputError("secret-end", "Write a day."));
        const index = this.knownRegistrations.findIndex(({ clientId }) => clientId === id);
        const endsAtMs = Date.parse(day);
        this.knownRegistrations[index] = {
          ...this.knownRegistrations[index]!,
          ...{ endsAtMs, isEndEntered: true },
        };
        return Promise.resolve();
      },
    },
    mailboxes: {
      registrations: () => this.registrations,
      add: ({ address, displayName = "", clientId = "client-1" }) => {
        if (!address.includes("@")) return Promise.reject(new InputError("mailbox", "No address."));
        const account = {
          ...ACCOUNT,
          id: address,
          appOnly: true,
          email: address,
          displayName,
          clientId,
        };
        this.otherAccounts.push(account);
        return Promise.resolve({ account, created: true });
      },
      prove: (_account, recipient) => {
        if (recipient === "wrong") return Promise.reject(new InputError("recipient", "Not here."));
        return Promise.resolve({ ...this.proof, sent: recipient !== undefined });
      },
    },
    adminAccess: {
      isLink: (token) => Promise.resolve(token === this.linkToken),
      redeem: (token) => {
        const isGood = token === this.linkToken;
        if (isGood) this.linkToken = undefined;
        return Promise.resolve(isGood ? "session-admin=good; Path=/" : undefined);
      },
      has: (cookie) => Promise.resolve(cookie?.includes("session-admin=good") ?? false),
      end: () => Promise.resolve("session-admin=; Max-Age=0"),
    },
    invitations: {
      create: ({ name }) => {
        if (this.invitations.some((one) => one.name === name)) {
          return Promise.reject(new InputError("invitation-name", "There is one already."));
        }
        const times = { createdAtMs: NOW_MS, expiresAtMs: NOW_MS + 1 };
        const invitation = { id: `id-of-${name}`, name, ...times, usesLeft: 1 };
        this.invitations.push(invitation);
        return Promise.resolve({ invitation, token: `token-of-${name}` });
      },
      list: () => Promise.resolve(this.invitations),
      isOpen: (token) =>
        Promise.resolve(this.invitations.some(({ name }) => token === `token-of-${name}`)),
      revoke: (id) => {
        const index = this.invitations.findIndex((one) => one.id === id);
        return Promise.resolve(this.invitations.splice(index, 1).length === 1);
      },
    },
    audit: {
      record: (actor, action, subject) => {
        const id = this.auditTrail.length + 1;
        this.auditTrail.unshift({ id, atMs: this.clock.now(), actor, action, subject });
        return Promise.resolve();
      },
    },
    health: { read: () => this.health },
    check: () => Promise.resolve(this.checked),
    signUpPolicy: {
      refusal: ({ email }) =>
        this.excluded.includes(email)
          ? { setting: "ALLOWED_EMAILS_LIST", entry: email }
          : undefined,
    },
    tokens: { status: () => this.tokenStatus, applicationStatus: () => this.tokenStatus },
    alerts: {
      current: () => this.alerts,
      forAccount: (id) => this.alerts.filter(({ accountId }) => accountId === id),
    },
    live: this.live,
    testMail: {
      servers: [SERVER, { ...SERVER, port: 465, encryption: "TLS" }],
      send: (_account, choice) => {
        this.testMailChoices.push(choice);
        return this.#sendTestMail();
      },
    },
    site: { trustProxy: addressMatcher([]) },
    smtp: this.smtp,
    activity: { retentionDays: 30, recipients: "domains" },
    adminEmails: this.adminEmails,
    program: {
      version: "1.2.3",
      clientIds: ["client-1", "client-2"],
      settings: [SETTING],
      warnings: this.warnings,
    },
    clock: this.clock,
    report: (problem) => this.problems.push(problem),
  };

  /** Answers requests, which come from 127.0.0.1. */
  readonly handle: (request: Request) => Promise<Response>;

  /** @param trustProxy As `TRUST_PROXY`. */
  constructor(
    publicUrl?: string,
    trustProxy: readonly string[] = [],
    changes: Partial<WebServices> = {},
  ) {
    const site = { publicUrl, trustProxy: addressMatcher(trustProxy) };
    const handle = createPages({ ...this.services, site, ...changes }, applyBuild);
    this.handle = (request) => handle(request, PEER);
  }

  get(path: string, cookie = "session=good", headers: HeadersInit = {}): Promise<Response> {
    return this.handle(new Request(ORIGIN + path, { headers: { cookie, ...headers } }));
  }

  /** Returns the page's text as {@linkcode pageText} does, after a check that it was shown. */
  async getPage(path: string, cookie?: string): Promise<string> {
    const response = await this.get(path, cookie);
    const html = await pageText(response);
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${html}`);
    return html;
  }

  post(path: string, fields: Record<string, string> = {}, headers: HeadersInit = {}) {
    return this.handle(
      new Request(ORIGIN + path, {
        method: "POST",
        body: new URLSearchParams(fields),
        headers: { cookie: "session=good", origin: ORIGIN, ...headers },
      }),
    );
  }

  /** Opens the page that an answer leads to, with the cookies that it sets. */
  follow(response: Response): Promise<Response> {
    const path = response.headers.get("location");
    if (response.status !== 303 || path === null) throw new Error(`answered ${response.status}`);
    return this.get(path, cookiesOf(response));
  }

  async *#sendTestMail(): AsyncGenerator<TestMailStep, void, void> {
    yield* this.testMailSteps;
    if (this.testMailError) throw this.testMailError;
  }

  get #accounts(): AccountRecord[] {
    return [...this.account ? [this.account] : [], ...this.otherAccounts];
  }

  #select(
    search: string,
    state: AccountRecord["state"] | undefined,
    appOnly: boolean | undefined,
  ): AccountRecord[] {
    return this.#accounts.filter((account) =>
      account.email.includes(search) && (state === undefined || account.state === state) &&
      (appOnly === undefined || account.appOnly === appOnly)
    );
  }

  #indexOf(accountId: string, id: string): number {
    return this.passwords.findIndex((one) => one.id === id && one.accountId === accountId);
  }
}

/** Returns the text of a page without the marks that Fresh itself leaves in it. */
export async function pageText(response: Response): Promise<string> {
  return (await response.text()).replace(FRESH_MARK, "");
}

/** The `Cookie` header of somebody who is signed in and has kept the cookies of an answer. */
export function cookiesOf(response: Response): string {
  const kept = response.headers.getSetCookie().filter((cookie) => !cookie.includes("Max-Age=0"));
  return ["session=good", ...kept.map((cookie) => cookie.split(";", 1)[0]!)].join("; ");
}
