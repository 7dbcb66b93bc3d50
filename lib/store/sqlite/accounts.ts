/**
 * Accounts in SQLite.
 *
 * @module
 */
import type {
  AccountConditions,
  AccountQuery,
  AccountRecord,
  AccountState,
  AccountStore,
  AccountUse,
  Identity,
  SignedInAccount,
  SignInRecord,
} from "../store.ts";
import type { Parameter, SqliteDatabase, Statement } from "./database.ts";
import { contains, where } from "./search.ts";

/** A row of `accounts`. */
export interface AccountRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly object_id: string;
  readonly email: string;
  readonly email_verified: number;
  readonly display_name: string;
  readonly client_id: string;
  readonly short_name: string | null;
  readonly state: AccountState;
  readonly state_reason: string | null;
  readonly state_since_ms: number;
  readonly created_at_ms: number;
  readonly signed_in_at_ms: number;
  readonly refreshed_at_ms: number;
}

interface AccountUseRow extends AccountRow {
  readonly last_login_at_ms: number | null;
}

const BY_IDENTITY = "WHERE tenant_id = ? AND object_id = ?";

const INSERT = `
  INSERT INTO accounts (id, tenant_id, object_id, email, email_verified, display_name, client_id,
    state, state_since_ms, created_at_ms, signed_in_at_ms, refreshed_at_ms)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'active', ?8, ?8, ?8, ?8)`;

/** The right-hand sides see the row as it was: an account that stays active keeps the time since which it is. */
const UPDATE = `
  UPDATE accounts SET email = ?2, email_verified = ?3, display_name = ?4, client_id = ?5,
    state_since_ms = iif(state = 'active', state_since_ms, ?6), state = 'active', state_reason = NULL,
    signed_in_at_ms = ?6, refreshed_at_ms = ?6
  WHERE id = ?1`;

const SET_TOKENS = `
  INSERT INTO tokens (account_id, sealed, version) VALUES (?1, ?2, 1)
  ON CONFLICT DO UPDATE SET sealed = ?2, version = version + 1`;

/** By the index of ids: a page is found as fast at the end as at the beginning. */
export const LIST_USES = `
  SELECT accounts.*, (
    SELECT max(last_used_at_ms) FROM app_passwords WHERE account_id = accounts.id
  ) AS last_login_at_ms
  FROM accounts WHERE id > ? ORDER BY id LIMIT ?`;

export class SqliteAccounts implements AccountStore {
  readonly #database: SqliteDatabase;
  readonly #byId: Statement<AccountRow>;
  readonly #byIdentity: Statement<AccountRow>;
  readonly #byEmail: Statement<AccountRow>;
  readonly #listUses: Statement<AccountUseRow>;
  readonly #insert: Statement<never>;
  readonly #update: Statement<never>;
  readonly #setTokens: Statement<never>;
  readonly #setShortName: Statement<never>;
  readonly #delete: Statement<never>;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#byId = database.prepare("SELECT * FROM accounts WHERE id = ?");
    this.#byIdentity = database.prepare(`SELECT * FROM accounts ${BY_IDENTITY}`);
    this.#byEmail = database.prepare(
      "SELECT * FROM accounts WHERE email = ? ORDER BY created_at_ms",
    );
    this.#listUses = database.prepare(LIST_USES);
    this.#insert = database.prepare(INSERT);
    this.#update = database.prepare(UPDATE);
    this.#setTokens = database.prepare(SET_TOKENS);
    this.#setShortName = database.prepare("UPDATE accounts SET short_name = ? WHERE id = ?");
    this.#delete = database.prepare("DELETE FROM accounts WHERE id = ?");
  }

  get(id: string): Promise<AccountRecord | undefined> {
    return Promise.try(() => this.#byId.all(id).map(toAccount)[0]);
  }

  getByIdentity({ tenantId, objectId }: Identity): Promise<AccountRecord | undefined> {
    return Promise.try(() => this.#byIdentity.all(tenantId, objectId).map(toAccount)[0]);
  }

  listByEmail(email: string): Promise<readonly AccountRecord[]> {
    return Promise.try(() => this.#byEmail.all(email).map(toAccount));
  }

  list(query: AccountQuery): Promise<readonly AccountRecord[]> {
    return Promise.try(() => {
      const { sql, parameters } = whereAccount(query);
      return this.#database
        .prepare<AccountRow>(
          `SELECT * FROM accounts ${sql} ORDER BY email, id LIMIT ? OFFSET ?`,
        )
        .all(...parameters, query.limit, query.offset ?? 0)
        .map(toAccount);
    });
  }

  listUses(afterId: string, limit: number): Promise<readonly AccountUse[]> {
    return Promise.try(() =>
      this.#listUses.all(afterId, limit).map((row) => ({
        account: toAccount(row),
        lastLoginAtMs: row.last_login_at_ms ?? undefined,
      }))
    );
  }

  count(conditions: AccountConditions = {}): Promise<number> {
    return Promise.try(() => {
      const { sql, parameters } = whereAccount(conditions);
      const statement = this.#database.prepare<{ count: number }>(
        `SELECT count(*) AS count FROM accounts ${sql}`,
      );
      return statement.get(...parameters)!.count;
    });
  }

  recordSignIn(signIn: SignInRecord, sealed: Uint8Array): Promise<SignedInAccount> {
    return Promise.try(() =>
      this.#database.transaction(() => {
        const known = this.#byIdentity.get(signIn.tenantId, signIn.objectId);
        const id = known?.id ?? crypto.randomUUID();
        if (known) this.#bringUpToDate(id, signIn);
        else this.#create(id, signIn);
        this.#setTokens.run(id, sealed);
        return { account: toAccount(this.#byId.get(id)!), created: !known };
      })
    );
  }

  setShortName(accountId: string, shortName: string | undefined): Promise<boolean> {
    return Promise.try(() => this.#setShortName.run(shortName, accountId) > 0);
  }

  /** The write-ahead log would keep copies of the deleted rows for a while: it is emptied. */
  delete(accountId: string): Promise<boolean> {
    return Promise.try(() => {
      const existed = this.#delete.run(accountId) > 0;
      if (existed) this.#database.checkpoint();
      return existed;
    });
  }

  #create(id: string, signIn: SignInRecord): void {
    this.#insert.run(id, signIn.tenantId, signIn.objectId, ...signedInColumns(signIn));
  }

  #bringUpToDate(id: string, signIn: SignInRecord): void {
    this.#update.run(id, ...signedInColumns(signIn));
  }
}

function signedInColumns(signIn: SignInRecord): Parameter[] {
  const { email, emailVerified, displayName, clientId, atMs } = signIn;
  return [email, Number(emailVerified), displayName, clientId, atMs];
}

function whereAccount({ state, clientId, refreshedBeforeMs, search }: AccountConditions) {
  return where([
    ["state = ?", state],
    ["client_id = ?", clientId],
    ["refreshed_at_ms < ?", refreshedBeforeMs],
    contains(["email", "display_name", "short_name"], search),
  ]);
}

export function toAccount(row: AccountRow): AccountRecord {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    objectId: row.object_id,
    email: row.email,
    emailVerified: row.email_verified !== 0,
    displayName: row.display_name,
    clientId: row.client_id,
    shortName: row.short_name ?? undefined,
    state: row.state,
    stateReason: row.state_reason ?? undefined,
    stateSinceMs: row.state_since_ms,
    createdAtMs: row.created_at_ms,
    signedInAtMs: row.signed_in_at_ms,
    refreshedAtMs: row.refreshed_at_ms,
  };
}
