/**
 * Everything around `Tokens` for its tests: accounts in memory, an identity service in memory, and a clock that is moved by hand.
 *
 * @module
 */
import type { Account } from "../../smtp/mod.ts";
import { Alerts } from "../alerts/alerts.ts";
import { HOUR_MS } from "../base/mod.ts";
import { ManualClock } from "./manual_clock.ts";
import { Microsoft, PERSONAL_TENANT_ID } from "../microsoft/mod.ts";
import type { AccountRecord, SignInReason } from "../store/store.ts";
import type { StoredTokens, TokenSet } from "../store/token_vault.ts";
import type { StoredValue } from "../store/value_vault.ts";
import { Tokens } from "../tokens/mod.ts";
import {
  AUTHORITY,
  CLIENT_ID,
  IdentityService,
  OFFICE_REGISTRATION,
  OFFICE_TENANT_ID,
  REGISTRATION,
} from "./identity_service.ts";
import { settle } from "./settle.ts";

export const START_MS = Date.parse("2026-01-01T00:00:00Z");

/** A database of accounts and tokens in memory. */
export class MemoryAccounts {
  readonly records = new Map<string, AccountRecord>();
  readonly stored = new Map<string, StoredTokens>();
  /** Last use of an account's app password. */
  readonly lastUses = new Map<string, number>();
  /** Called before each write; may throw or wait. */
  beforeWrite: () => void | Promise<void> = () => {};

  readonly accounts = {
    get: (id: string) => Promise.resolve(this.records.get(id)),
    listUses: (afterId: string, limit: number) =>
      Promise.resolve(
        [...this.records.values()]
          .filter(({ id }) => id > afterId)
          .sort((one, other) => one.id < other.id ? -1 : 1)
          .slice(0, limit)
          .map((account) => ({ account, lastLoginAtMs: this.lastUses.get(account.id) })),
      ),
  };

  readonly tokens = {
    requireSignIn: async (id: string, because: SignInReason) => {
      await this.beforeWrite();
      if (this.stored.get(id)?.version !== because.version) return false;
      const state = { state: "sign-in-required", stateReason: because.reason } as const;
      this.records.set(id, { ...this.records.get(id)!, ...state });
      return true;
    },
  };

  readonly vault = {
    load: ({ id }: AccountRecord) => Promise.resolve(this.stored.get(id)),
    replace: async (
      { id }: AccountRecord,
      tokens: TokenSet,
      version: number,
      names: Partial<AccountRecord> = {},
    ) => {
      await this.beforeWrite();
      if (this.stored.get(id)?.version !== version) return false;
      this.put(id, tokens, version + 1);
      const record = this.records.get(id)!;
      const isConfirmed = record.signInNameConfirmed || names.signInName !== undefined;
      this.records.set(id, { ...record, ...names, signInNameConfirmed: isConfirmed });
      return true;
    },
  };

  /** Values of the program, by name. */
  readonly kept = new Map<string, StoredValue>();
  readonly values = {
    load: (name: string) => Promise.resolve(this.kept.get(name)),
    replace: async (name: string, text: string, version: number) => {
      await this.beforeWrite();
      if ((this.kept.get(name)?.version ?? 0) !== version) return false;
      this.kept.set(name, { text, version: version + 1 });
      return true;
    },
  };

  /** Adds an account that has just signed in. */
  add(id: string, nowMs: number, tokens: Partial<TokenSet> = {}): AccountRecord {
    const record: AccountRecord = {
      id,
      appOnly: false,
      tenantId: PERSONAL_TENANT_ID,
      objectId: id,
      signInName: `${id}@outlook.example`,
      signInNameConfirmed: true,
      email: `${id}@outlook.example`,
      emailVerified: true,
      displayName: id,
      isInvited: false,
      clientId: CLIENT_ID,
      state: "active",
      stateSinceMs: nowMs,
      createdAtMs: nowMs,
      signedInAtMs: nowMs,
      refreshedAtMs: nowMs,
    };
    this.records.set(id, record);
    this.put(id, {
      accessToken: `first-access-${id}`,
      accessTokenExpiresAtMs: nowMs + HOUR_MS,
      refreshToken: `first-refresh-${id}`,
      obtainedAtMs: nowMs,
      ...tokens,
    });
    return record;
  }

  /** Adds a mailbox that nobody signs in to. */
  addMailbox(id: string, nowMs: number): AccountRecord {
    const record = {
      ...this.add(id, nowMs),
      appOnly: true,
      tenantId: OFFICE_TENANT_ID,
      clientId: OFFICE_REGISTRATION.clientId,
    };
    this.records.set(id, record);
    this.stored.delete(id);
    return record;
  }

  put(id: string, tokens: TokenSet, version = 1): void {
    this.stored.set(id, { tokens, version });
    const record = this.records.get(id)!;
    this.records.set(id, { ...record, refreshedAtMs: tokens.obtainedAtMs });
  }
}

/** The account as the SMTP side knows it. */
export function account(id: string): Account {
  return {
    id,
    mailbox: `${id}@outlook.example`,
    signInName: `${id}@outlook.example`,
    target: { host: "smtp.example", port: 587, tls: "starttls" },
    appPasswordId: `password of ${id}`,
  };
}

/** An app-only mailbox as the SMTP side knows it. */
export function mailboxAccount(id: string): Account {
  const application = { tenantId: OFFICE_TENANT_ID, clientId: OFFICE_REGISTRATION.clientId };
  return { ...account(id), kind: "mailbox", application };
}

/** The surroundings of `Tokens`, at {@linkcode START_MS}. */
export class TokensFixture {
  readonly clock: ManualClock;
  readonly service = new IdentityService();
  readonly database = new MemoryAccounts();
  readonly alerts: Alerts;

  /** @param settled Waits for what a moved clock has set off. */
  constructor(settled = settle) {
    this.clock = new ManualClock(START_MS, settled);
    this.alerts = new Alerts({ clock: this.clock, fetch: this.service.fetch });
  }

  /** A program that starts on this database; several may follow one another. */
  tokens(options: Partial<ConstructorParameters<typeof Tokens>[0]> = {}): Tokens {
    const { clock, service, database, alerts } = this;
    const microsoft = new Microsoft({
      authority: AUTHORITY,
      registrations: [REGISTRATION, OFFICE_REGISTRATION],
      defaultClientId: CLIENT_ID,
      clock,
      fetch: service.fetch,
    });
    return new Tokens({
      store: database,
      vault: database.vault,
      values: database.values,
      microsoft,
      alerts,
      clock,
      publicUrl: "https://mail.example/",
      random: pseudoRandom(),
      ...options,
    });
  }
}

/** The same "random" numbers in each run (Park and Miller). */
export function pseudoRandom(seed = 1): () => number {
  const MODULUS = 2 ** 31 - 1;
  let state = seed;
  return () => (state = (state * 48271) % MODULUS) / MODULUS;
}
