/**
 * Accounts.
 *
 * @module
 */
import type {
  AccountConditions,
  AccountOrder,
  AccountQuery,
  AccountRecord,
  AccountStore,
  AccountUse,
  Identity,
  MailboxRecord,
  SignedInAccount,
  SignInRecord,
} from "../store.ts";
import type { Dialect, SqlDatabase } from "./database.ts";
import { contains, where } from "./sql.ts";

/**
 * Adds an account, unless there is one of this identity. An update follows in any case, and not as a part of this statement:
 * its DO UPDATE would also decide what SQLite's triggers do on a conflict.
 */
const ADD = `
  INSERT INTO accounts (id, tenant_id, object_id, sign_in_name, sign_in_name_confirmed, email,
    email_verified, display_name, client_id,
    state, state_since_ms, created_at_ms, signed_in_at_ms, refreshed_at_ms)
  VALUES (:id, :tenantId, :objectId, :signInName, :signInNameConfirmed, :email,
    :emailVerified, :displayName, :clientId,
    'active', :atMs, :atMs, :atMs, :atMs)
  ON CONFLICT (tenant_id, object_id) DO NOTHING RETURNING id`;

/** The right-hand sides see the old row: an account that stays active keeps its `state_since_ms`. */
const UPDATE = `
  UPDATE accounts SET sign_in_name = :signInName, sign_in_name_confirmed = :signInNameConfirmed,
    email = :email, email_verified = :emailVerified, display_name = :displayName,
    client_id = :clientId, is_invited = is_invited OR :isInvited,
    state_since_ms = CASE WHEN state = 'active' THEN state_since_ms ELSE :atMs END,
    state = 'active', state_reason = NULL, signed_in_at_ms = :atMs, refreshed_at_ms = :atMs
  WHERE tenant_id = :tenantId AND object_id = :objectId RETURNING *`;

const SET_TOKENS = ({ endTokenLease }: Dialect) => `
  INSERT INTO tokens (account_id, sealed, version)
  SELECT id, :sealed, 1 FROM accounts WHERE tenant_id = :tenantId AND object_id = :objectId
  ON CONFLICT (account_id) DO UPDATE
  SET sealed = excluded.sealed, version = tokens.version + 1 ${endTokenLease}`;

const ADD_MAILBOX = `
  INSERT INTO accounts (id, app_only, tenant_id, object_id, sign_in_name, sign_in_name_confirmed, email,
    email_verified, display_name, client_id,
    state, state_since_ms, created_at_ms, signed_in_at_ms, refreshed_at_ms)
  VALUES (:id, true, :tenantId, :objectId, :email, true, :email,
    true, :displayName, :clientId,
    'active', :atMs, :atMs, :atMs, :atMs)
  ON CONFLICT (tenant_id, object_id) DO NOTHING RETURNING id`;

const UPDATE_MAILBOX = `
  UPDATE accounts SET sign_in_name = :email, email = :email, display_name = :displayName,
    client_id = :clientId
  WHERE tenant_id = :tenantId AND object_id = :objectId RETURNING *`;

/** An expression, unlike a column, is compared in its case by SQLite, too. */
const CONFIRM_SIGN_IN_NAME = `
  UPDATE accounts SET sign_in_name = :signInName, sign_in_name_confirmed = true
  WHERE id = :accountId AND (sign_in_name || '' <> :signInName OR NOT sign_in_name_confirmed)`;

const REFUSE = `
  UPDATE accounts SET
    state_since_ms = CASE WHEN state = 'refused' THEN state_since_ms ELSE :atMs END,
    state = 'refused', state_reason = :reason
  WHERE id = :accountId AND state <> 'sign-in-required'
    AND (state <> 'refused' OR state_reason <> :reason)`;

const ACCEPT = `
  UPDATE accounts SET state = 'active', state_reason = NULL, state_since_ms = ?2
  WHERE id = ?1 AND state = 'refused'`;

/** Three searches by index, since the condition has an index for each of its sides. */
export const BY_NAME = ({ hasName }: Dialect) => `WHERE ${hasName} ORDER BY created_at_ms`;

/** By the index of ids: the last page is found as fast as the first. */
export const LIST_USES = `
  SELECT accounts.*, (
    SELECT max(last_used_at_ms) FROM app_passwords WHERE account_id = accounts.id
  ) AS last_login_at_ms
  FROM accounts WHERE id > ? ORDER BY id LIMIT ?`;

/** In descending order of their names, `active` is the last state. */
const ORDER_PREFIXES: Readonly<Record<AccountOrder, string>> = {
  email: "",
  state: "state DESC, ",
  renewed: "refreshed_at_ms DESC, ",
  created: "created_at_ms DESC, ",
};

/** The accounts of a database. */
export class SqlAccounts implements AccountStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  get(id: string): Promise<AccountRecord | undefined> {
    return this.#database.get("SELECT * FROM accounts WHERE id = ?", id);
  }

  getByIdentity({ tenantId, objectId }: Identity): Promise<AccountRecord | undefined> {
    const sql = "SELECT * FROM accounts WHERE tenant_id = ? AND object_id = ?";
    return this.#database.get(sql, tenantId, objectId);
  }

  listByName(name: string): Promise<readonly AccountRecord[]> {
    return this.#database.all(`SELECT * FROM accounts ${BY_NAME(this.#database.dialect)}`, name);
  }

  list(query: AccountQuery): Promise<readonly AccountRecord[]> {
    const { sql, parameters } = this.#where(query);
    const { order = "email", limit, offset = 0 } = query;
    const by = `${ORDER_PREFIXES[order]}${this.#database.dialect.sortedEmail}, id`;
    return this.#database.all(
      `SELECT * FROM accounts ${sql} ORDER BY ${by} LIMIT ? OFFSET ?`,
      ...parameters,
      limit,
      offset,
    );
  }

  async listUses(afterId: string, limit: number): Promise<readonly AccountUse[]> {
    type Row = AccountRecord & Pick<AccountUse, "lastLoginAtMs">;
    const rows = await this.#database.report<Row>(LIST_USES, afterId, limit);
    return rows.map(({ lastLoginAtMs, ...account }) => ({ account, lastLoginAtMs }));
  }

  async count(conditions: AccountConditions = {}): Promise<number> {
    const { sql, parameters } = this.#where(conditions);
    const [row] = await this.#database.report<{ count: number }>(
      `SELECT count(*) AS count FROM accounts ${sql}`,
      ...parameters,
    );
    return row!.count;
  }

  async recordSignIn(signIn: SignInRecord, sealed: Uint8Array): Promise<SignedInAccount> {
    const { isInvited = false } = signIn;
    const values = { ...signIn, isInvited, sealed, id: crypto.randomUUID() };
    const [added, updated] = await this.#database.transact<AccountRecord>([
      [ADD, values],
      [UPDATE, values],
      [SET_TOKENS(this.#database.dialect), values],
    ]);
    return { account: updated![0]!, created: added!.length > 0 };
  }

  async addMailbox(mailbox: MailboxRecord): Promise<SignedInAccount> {
    const values = { ...mailbox, id: crypto.randomUUID() };
    const [added, updated] = await this.#database.transact<AccountRecord>([
      [ADD_MAILBOX, values],
      [UPDATE_MAILBOX, values],
    ]);
    return { account: updated![0]!, created: added!.length > 0 };
  }

  async setShortName(accountId: string, shortName: string | undefined): Promise<boolean> {
    const sql = "UPDATE accounts SET short_name = ? WHERE id = ?";
    return await this.#database.run(sql, shortName, accountId) > 0;
  }

  async confirmSignInName(accountId: string, signInName: string): Promise<boolean> {
    return await this.#database.run(CONFIRM_SIGN_IN_NAME, { accountId, signInName }) > 0;
  }

  async refuse(accountId: string, reason: string, atMs: number): Promise<boolean> {
    return await this.#database.run(REFUSE, { accountId, reason, atMs }) > 0;
  }

  async accept(accountId: string, atMs: number): Promise<boolean> {
    return await this.#database.run(ACCEPT, accountId, atMs) > 0;
  }

  /** In a transaction, so that what others have written until it has the lock goes, too, whatever PostgreSQL's defaults are. */
  async delete(accountId: string): Promise<boolean> {
    const [deleted] = await this.#database.transact([
      ["DELETE FROM accounts WHERE id = ? RETURNING id", accountId],
    ]);
    const existed = deleted!.length > 0;
    if (existed) await this.#database.truncateLog();
    return existed;
  }

  #where({ state, clientId, appOnly, refreshedBeforeMs, search }: AccountConditions) {
    const { like } = this.#database.dialect;
    return where([
      ["state = ?", state],
      ["client_id = ?", clientId],
      ["app_only = ?", appOnly],
      ["NOT app_only AND refreshed_at_ms < ?", refreshedBeforeMs],
      contains(like, ["email", "sign_in_name", "display_name", "short_name"], search),
    ]);
  }
}
