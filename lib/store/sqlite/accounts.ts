/**
 * Accounts in SQLite.
 *
 * @module
 */
import type {
  AccountConditions,
  AccountQuery,
  AccountRecord,
  AccountStore,
  AccountUse,
  Identity,
  SignedInAccount,
  SignInRecord,
} from "../store.ts";
import type { SqliteDatabase, Statement } from "./database.ts";
import { contains, where } from "./sql.ts";

const INSERT = `
  INSERT INTO accounts (id, tenant_id, object_id, email, email_verified, display_name, client_id,
    state, state_since_ms, created_at_ms, signed_in_at_ms, refreshed_at_ms)
  VALUES (:id, :tenantId, :objectId, :email, :emailVerified, :displayName, :clientId,
    'active', :atMs, :atMs, :atMs, :atMs)`;

/** The right-hand sides see the old row: an account that stays active keeps its `state_since_ms`. */
const UPDATE = `
  UPDATE accounts SET email = :email, email_verified = :emailVerified, display_name = :displayName,
    client_id = :clientId, state_since_ms = iif(state = 'active', state_since_ms, :atMs),
    state = 'active', state_reason = NULL, signed_in_at_ms = :atMs, refreshed_at_ms = :atMs
  WHERE id = :id`;

const SET_TOKENS = `
  INSERT INTO tokens (account_id, sealed, version) VALUES (?1, ?2, 1)
  ON CONFLICT DO UPDATE SET sealed = ?2, version = version + 1`;

/** By the index of ids: the last page is found as fast as the first. */
export const LIST_USES = `
  SELECT accounts.*, (
    SELECT max(last_used_at_ms) FROM app_passwords WHERE account_id = accounts.id
  ) AS last_login_at_ms
  FROM accounts WHERE id > ? ORDER BY id LIMIT ?`;

export class SqliteAccounts implements AccountStore {
  readonly #database: SqliteDatabase;
  readonly #byId: Statement<AccountRecord>;
  readonly #byIdentity: Statement<AccountRecord>;
  readonly #byEmail: Statement<AccountRecord>;
  readonly #listUses: Statement<AccountRecord & Pick<AccountUse, "lastLoginAtMs">>;
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #setTokens: Statement;
  readonly #setShortName: Statement;
  readonly #delete: Statement;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#byId = database.prepare("SELECT * FROM accounts WHERE id = ?");
    this.#byIdentity = database.prepare(
      "SELECT * FROM accounts WHERE tenant_id = ? AND object_id = ?",
    );
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
    return Promise.try(() => this.#byId.get(id));
  }

  getByIdentity({ tenantId, objectId }: Identity): Promise<AccountRecord | undefined> {
    return Promise.try(() => this.#byIdentity.get(tenantId, objectId));
  }

  listByEmail(email: string): Promise<readonly AccountRecord[]> {
    return Promise.try(() => this.#byEmail.all(email));
  }

  list(query: AccountQuery): Promise<readonly AccountRecord[]> {
    return Promise.try(() => {
      const { sql, parameters } = whereAccount(query);
      return this.#database
        .prepare<AccountRecord>(`SELECT * FROM accounts ${sql} ORDER BY email, id LIMIT ? OFFSET ?`)
        .all(...parameters, query.limit, query.offset ?? 0);
    });
  }

  listUses(afterId: string, limit: number): Promise<readonly AccountUse[]> {
    return Promise.try(() =>
      this.#listUses.all(afterId, limit).map(({ lastLoginAtMs, ...account }) => ({
        account,
        lastLoginAtMs,
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
        (known ? this.#update : this.#insert).runNamed({ ...signIn, id });
        this.#setTokens.run(id, sealed);
        return { account: this.#byId.get(id)!, created: !known };
      })
    );
  }

  setShortName(accountId: string, shortName: string | undefined): Promise<boolean> {
    return Promise.try(() => this.#setShortName.run(shortName, accountId) > 0);
  }

  /** Also empties the write-ahead log, which would keep copies of the deleted rows for a while. */
  delete(accountId: string): Promise<boolean> {
    return Promise.try(() => {
      const existed = this.#delete.run(accountId) > 0;
      if (existed) this.#database.checkpoint();
      return existed;
    });
  }
}

function whereAccount({ state, clientId, refreshedBeforeMs, search }: AccountConditions) {
  return where([
    ["state = ?", state],
    ["client_id = ?", clientId],
    ["refreshed_at_ms < ?", refreshedBeforeMs],
    contains(["email", "display_name", "short_name"], search),
  ]);
}
