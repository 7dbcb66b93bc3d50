/**
 * Accounts in SQLite.
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
import type { SqliteDatabase } from "./database.ts";
import { contains, type Parameter, where } from "./sql.ts";

const INSERT = `
  INSERT INTO accounts (id, tenant_id, object_id, sign_in_name, sign_in_name_confirmed, email,
    email_verified, display_name, client_id, is_invited,
    state, state_since_ms, created_at_ms, signed_in_at_ms, refreshed_at_ms)
  VALUES (:id, :tenantId, :objectId, :signInName, :signInNameConfirmed, :email,
    :emailVerified, :displayName, :clientId, :isInvited,
    'active', :atMs, :atMs, :atMs, :atMs)`;

/** The right-hand sides see the old row: an account that stays active keeps its `state_since_ms`. */
const UPDATE = `
  UPDATE accounts SET sign_in_name = :signInName, sign_in_name_confirmed = :signInNameConfirmed,
    email = :email, email_verified = :emailVerified, display_name = :displayName,
    client_id = :clientId, is_invited = is_invited OR :isInvited,
    state_since_ms = iif(state = 'active', state_since_ms, :atMs),
    state = 'active', state_reason = NULL, signed_in_at_ms = :atMs, refreshed_at_ms = :atMs
  WHERE id = :id`;

const INSERT_MAILBOX = `
  INSERT INTO accounts (id, app_only, tenant_id, object_id, sign_in_name, sign_in_name_confirmed, email,
    email_verified, display_name, client_id,
    state, state_since_ms, created_at_ms, signed_in_at_ms, refreshed_at_ms)
  VALUES (:id, 1, :tenantId, :objectId, :email, 1, :email,
    1, :displayName, :clientId,
    'active', :atMs, :atMs, :atMs, :atMs)`;

const UPDATE_MAILBOX = `
  UPDATE accounts SET sign_in_name = :email, email = :email, display_name = :displayName,
    client_id = :clientId
  WHERE id = :id`;

/** Three searches by index, since the condition has an index for each of its sides. */
export const BY_NAME =
  "WHERE email = ?1 OR sign_in_name = ?1 OR short_name = lower(?1) ORDER BY created_at_ms";

const CONFIRM_SIGN_IN_NAME = `
  UPDATE accounts SET sign_in_name = ?2, sign_in_name_confirmed = 1
  WHERE id = ?1 AND (sign_in_name <> ?2 COLLATE BINARY OR NOT sign_in_name_confirmed)`;

const REFUSE = `
  UPDATE accounts SET state_since_ms = iif(state = 'refused', state_since_ms, ?3),
    state = 'refused', state_reason = ?2
  WHERE id = ?1 AND state <> 'sign-in-required' AND (state <> 'refused' OR state_reason <> ?2)`;

const ACCEPT = `
  UPDATE accounts SET state = 'active', state_reason = NULL, state_since_ms = ?2
  WHERE id = ?1 AND state = 'refused'`;

const SET_TOKENS = `
  INSERT INTO tokens (account_id, sealed, version) VALUES (?1, ?2, 1)
  ON CONFLICT DO UPDATE SET sealed = ?2, version = version + 1`;

/** By the index of ids: the last page is found as fast as the first. */
export const LIST_USES = `
  SELECT accounts.*, (
    SELECT max(last_used_at_ms) FROM app_passwords WHERE account_id = accounts.id
  ) AS last_login_at_ms
  FROM accounts WHERE id > ? ORDER BY id LIMIT ?`;

/** In descending order of their names, `active` is the last state. */
const ORDERS: Readonly<Record<AccountOrder, string>> = {
  email: "email, id",
  state: "state DESC, email, id",
  renewed: "refreshed_at_ms DESC, email, id",
  created: "created_at_ms DESC, email, id",
};

export class SqliteAccounts implements AccountStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  get(id: string): Promise<AccountRecord | undefined> {
    return Promise.try(() => this.#select("WHERE id = ?", id)[0]);
  }

  getByIdentity(identity: Identity): Promise<AccountRecord | undefined> {
    return Promise.try(() => this.#byIdentity(identity));
  }

  listByName(name: string): Promise<readonly AccountRecord[]> {
    return Promise.try(() => this.#select(BY_NAME, name));
  }

  list(query: AccountQuery): Promise<readonly AccountRecord[]> {
    return Promise.try(() => {
      const { sql, parameters } = whereAccount(query);
      const page = [query.limit, query.offset ?? 0];
      const order = ORDERS[query.order ?? "email"];
      return this.#select(`${sql} ORDER BY ${order} LIMIT ? OFFSET ?`, ...parameters, ...page);
    });
  }

  listUses(afterId: string, limit: number): Promise<readonly AccountUse[]> {
    return Promise.try(() =>
      this.#database
        .prepare<AccountRecord & Pick<AccountUse, "lastLoginAtMs">>(LIST_USES)
        .all(afterId, limit)
        .map(({ lastLoginAtMs, ...account }) => ({ account, lastLoginAtMs }))
    );
  }

  count(conditions: AccountConditions = {}): Promise<number> {
    return Promise.try(() => {
      const { sql, parameters } = whereAccount(conditions);
      return this.#database
        .prepare<{ count: number }>(`SELECT count(*) AS count FROM accounts ${sql}`)
        .get(...parameters)!.count;
    });
  }

  recordSignIn(signIn: SignInRecord, sealed: Uint8Array): Promise<SignedInAccount> {
    const database = this.#database;
    return Promise.try(() =>
      database.transaction(() => {
        const known = this.#byIdentity(signIn);
        const id = known?.id ?? crypto.randomUUID();
        const { isInvited = false } = signIn;
        database.prepare(known ? UPDATE : INSERT).runNamed({ ...signIn, isInvited, id });
        database.prepare(SET_TOKENS).run(id, sealed);
        return { account: this.#byIdentity(signIn)!, created: !known };
      })
    );
  }

  addMailbox({ atMs, ...mailbox }: MailboxRecord): Promise<SignedInAccount> {
    const database = this.#database;
    return Promise.try(() =>
      database.transaction(() => {
        const known = this.#byIdentity(mailbox);
        if (known) {
          const { email, displayName, clientId } = mailbox;
          const { id } = known;
          database.prepare(UPDATE_MAILBOX).runNamed({ id, email, displayName, clientId });
        } else {
          const id = crypto.randomUUID();
          database.prepare(INSERT_MAILBOX).runNamed({ ...mailbox, atMs, id });
        }
        return { account: this.#byIdentity(mailbox)!, created: !known };
      })
    );
  }

  setShortName(accountId: string, shortName: string | undefined): Promise<boolean> {
    return this.#change("UPDATE accounts SET short_name = ?2 WHERE id = ?1", accountId, shortName);
  }

  confirmSignInName(accountId: string, signInName: string): Promise<boolean> {
    return this.#change(CONFIRM_SIGN_IN_NAME, accountId, signInName);
  }

  refuse(accountId: string, reason: string, atMs: number): Promise<boolean> {
    return this.#change(REFUSE, accountId, reason, atMs);
  }

  accept(accountId: string, atMs: number): Promise<boolean> {
    return this.#change(ACCEPT, accountId, atMs);
  }

  /** Also empties the write-ahead log, which would keep copies of the deleted rows for a while. */
  delete(accountId: string): Promise<boolean> {
    return Promise.try(() => {
      const sql = "DELETE FROM accounts WHERE id = ?";
      const existed = this.#database.prepare(sql).run(accountId) > 0;
      if (existed) this.#database.checkpoint();
      return existed;
    });
  }

  #change(sql: string, ...parameters: Parameter[]): Promise<boolean> {
    return Promise.try(() => this.#database.prepare(sql).run(...parameters) > 0);
  }

  #byIdentity({ tenantId, objectId }: Identity): AccountRecord | undefined {
    return this.#select("WHERE tenant_id = ? AND object_id = ?", tenantId, objectId)[0];
  }

  #select(rest: string, ...parameters: Parameter[]): AccountRecord[] {
    return this.#database
      .prepare<AccountRecord>(`SELECT * FROM accounts ${rest}`)
      .all(...parameters);
  }
}

function whereAccount(
  { state, clientId, appOnly, refreshedBeforeMs, search }: AccountConditions,
) {
  return where([
    ["state = ?", state],
    ["client_id = ?", clientId],
    ["app_only = ?", appOnly],
    ["NOT app_only AND refreshed_at_ms < ?", refreshedBeforeMs],
    contains(["email", "sign_in_name", "display_name", "short_name"], search),
  ]);
}
