/**
 * Accounts in PostgreSQL.
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
import type { Parameter } from "../shared_database.ts";
import type { PostgresDatabase } from "./database.ts";
import { contains, where } from "./sql.ts";

/** In descending order of their names, `active` is the last state. */
const ORDERS: Readonly<Record<AccountOrder, string>> = {
  email: "lower(email), id",
  state: "state DESC, lower(email), id",
  renewed: "refreshed_at_ms DESC, lower(email), id",
  created: "created_at_ms DESC, lower(email), id",
};

/** The right-hand sides see the old row: an account that stays active keeps its `state_since_ms`. */
const RECORD_SIGN_IN = `
  INSERT INTO accounts (id, tenant_id, object_id, sign_in_name, sign_in_name_confirmed, email,
    email_verified, display_name, client_id,
    state, state_since_ms, created_at_ms, signed_in_at_ms, refreshed_at_ms, is_invited)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'active', $10, $10, $10, $10, $11)
  ON CONFLICT (tenant_id, object_id) DO UPDATE SET
    sign_in_name = excluded.sign_in_name,
    sign_in_name_confirmed = excluded.sign_in_name_confirmed,
    email = excluded.email, email_verified = excluded.email_verified,
    display_name = excluded.display_name, client_id = excluded.client_id,
    is_invited = accounts.is_invited OR excluded.is_invited,
    state_since_ms = CASE WHEN accounts.state = 'active' THEN accounts.state_since_ms
      ELSE excluded.state_since_ms END,
    state = 'active', state_reason = NULL,
    signed_in_at_ms = excluded.signed_in_at_ms, refreshed_at_ms = excluded.refreshed_at_ms
  RETURNING *`;

const ADD_MAILBOX = `
  INSERT INTO accounts (id, app_only, tenant_id, object_id, sign_in_name, sign_in_name_confirmed, email,
    email_verified, display_name, client_id,
    state, state_since_ms, created_at_ms, signed_in_at_ms, refreshed_at_ms)
  VALUES ($1, true, $2, $3, $4, true, $4, true, $5, $6, 'active', $7, $7, $7, $7)
  ON CONFLICT (tenant_id, object_id) DO UPDATE SET
    sign_in_name = excluded.sign_in_name, email = excluded.email,
    display_name = excluded.display_name, client_id = excluded.client_id
  RETURNING *`;

const SET_TOKENS = `
  INSERT INTO tokens (account_id, sealed, version) VALUES ($1, $2, 1)
  ON CONFLICT (account_id) DO UPDATE
  SET sealed = excluded.sealed, version = tokens.version + 1, lease_holder = NULL`;

/** Three searches by index, since the condition has an index for each of its sides. */
const BY_NAME = `
  WHERE lower(email) = lower($1 COLLATE "C") OR lower(sign_in_name) = lower($1 COLLATE "C")
    OR short_name = lower($1 COLLATE "C")
  ORDER BY created_at_ms`;

const CONFIRM_SIGN_IN_NAME = `
  UPDATE accounts SET sign_in_name = $2, sign_in_name_confirmed = true
  WHERE id = $1 AND (sign_in_name <> $2 OR NOT sign_in_name_confirmed)`;

const REFUSE = `
  UPDATE accounts SET
    state_since_ms = CASE WHEN state = 'refused' THEN state_since_ms ELSE $3 END,
    state = 'refused', state_reason = $2
  WHERE id = $1 AND state <> 'sign-in-required' AND (state <> 'refused' OR state_reason <> $2)`;

const ACCEPT = `
  UPDATE accounts SET state = 'active', state_reason = NULL, state_since_ms = $2
  WHERE id = $1 AND state = 'refused'`;

/** By the index of ids: the last page is found as fast as the first. */
const LIST_USES = `
  SELECT accounts.*, (
    SELECT max(last_used_at_ms) FROM app_passwords WHERE account_id = accounts.id
  ) AS last_login_at_ms
  FROM accounts WHERE id > $1 ORDER BY id LIMIT $2`;

export class PostgresAccounts implements AccountStore {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async get(id: string): Promise<AccountRecord | undefined> {
    return (await this.#select("WHERE id = $1", id))[0];
  }

  async getByIdentity({ tenantId, objectId }: Identity): Promise<AccountRecord | undefined> {
    return (await this.#select("WHERE tenant_id = $1 AND object_id = $2", tenantId, objectId))[0];
  }

  listByName(name: string): Promise<readonly AccountRecord[]> {
    return this.#select(BY_NAME, name);
  }

  list(query: AccountQuery): Promise<readonly AccountRecord[]> {
    const { sql, parameters } = whereAccount(query);
    const count = parameters.length;
    const order = ORDERS[query.order ?? "email"];
    const page = `ORDER BY ${order} LIMIT $${count + 1} OFFSET $${count + 2}`;
    return this.#select(`${sql} ${page}`, ...parameters, query.limit, query.offset ?? 0);
  }

  async listUses(afterId: string, limit: number): Promise<readonly AccountUse[]> {
    type Row = AccountRecord & Pick<AccountUse, "lastLoginAtMs">;
    const rows = await this.#database.allPatiently<Row>(LIST_USES, afterId, limit);
    return rows.map(({ lastLoginAtMs, ...account }) => ({ account, lastLoginAtMs }));
  }

  async count(conditions: AccountConditions = {}): Promise<number> {
    const { sql, parameters } = whereAccount(conditions);
    const [row] = await this.#database.allPatiently<{ count: number }>(
      `SELECT count(*) AS count FROM accounts ${sql}`,
      ...parameters,
    );
    return row!.count;
  }

  recordSignIn(signIn: SignInRecord, sealed: Uint8Array): Promise<SignedInAccount> {
    const newId = crypto.randomUUID();
    const values = [
      ...[newId, signIn.tenantId, signIn.objectId, signIn.signInName, signIn.signInNameConfirmed],
      ...[signIn.email, signIn.emailVerified, signIn.displayName, signIn.clientId, signIn.atMs],
      signIn.isInvited ?? false,
    ];
    return this.#database.transaction(async (statements) => {
      const [account] = await statements.all<AccountRecord>(RECORD_SIGN_IN, ...values);
      await statements.run(SET_TOKENS, account!.id, sealed);
      return { account: account!, created: account!.id === newId };
    });
  }

  async addMailbox(mailbox: MailboxRecord): Promise<SignedInAccount> {
    const newId = crypto.randomUUID();
    const { tenantId, objectId, email, displayName, clientId, atMs } = mailbox;
    const values = [newId, tenantId, objectId, email, displayName, clientId, atMs];
    const [account] = await this.#database.all<AccountRecord>(ADD_MAILBOX, ...values);
    return { account: account!, created: account!.id === newId };
  }

  setShortName(accountId: string, shortName: string | undefined): Promise<boolean> {
    return this.#change("UPDATE accounts SET short_name = $2 WHERE id = $1", accountId, shortName);
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

  /** In a transaction of its own kind, so that what others have written until it has the lock goes, too. */
  delete(accountId: string): Promise<boolean> {
    return this.#database.transaction(async (statements) =>
      await statements.run("DELETE FROM accounts WHERE id = $1", accountId) > 0
    );
  }

  async #change(sql: string, ...parameters: Parameter[]): Promise<boolean> {
    return await this.#database.run(sql, ...parameters) > 0;
  }

  #select(rest: string, ...parameters: Parameter[]): Promise<AccountRecord[]> {
    return this.#database.all<AccountRecord>(`SELECT * FROM accounts ${rest}`, ...parameters);
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
