/**
 * Administration: rights that belong to no account, the audit trail, and what administrators enter.
 *
 * @module
 */
import type {
  AdminGrant,
  AdminGrantStore,
  AuditEntry,
  AuditQuery,
  AuditStore,
  Invitation,
  InvitationStore,
  NewAuditEntry,
  NewInvitation,
  SecretEnd,
  SecretEndStore,
} from "../store.ts";
import type { SqlDatabase } from "./database.ts";
import { contains, parametersFor, where } from "./sql.ts";

const ADD_GRANT =
  "INSERT INTO admin_grants (hash, kind, expires_at_ms) VALUES (:hash, :kind, :expiresAtMs)";
const VALID_GRANT = "admin_grants WHERE hash = ? AND kind = ? AND expires_at_ms > ?";
const RECORD = `
  INSERT INTO audit (at_ms, actor, action, subject) VALUES (:atMs, :actor, :action, :subject)`;
const SET_END = `
  INSERT INTO secret_ends (client_id, ends_at_ms) VALUES (:clientId, :endsAtMs)
  ON CONFLICT (client_id) DO UPDATE SET ends_at_ms = excluded.ends_at_ms`;
const INVITATION_COLUMNS = "id, name, created_at_ms, expires_at_ms, uses_left";
const ADD_INVITATION = `
  INSERT INTO invitations (${INVITATION_COLUMNS}, hash)
  VALUES (${parametersFor(INVITATION_COLUMNS)}, :hash)`;
const WORKING = "expires_at_ms > ? AND (uses_left IS NULL OR uses_left > 0)";
/** NULL less one stays NULL. */
const USE_INVITATION = `
  UPDATE invitations SET uses_left = uses_left - 1 WHERE hash = ? AND ${WORKING}
  RETURNING ${INVITATION_COLUMNS}`;

/** The links to the administration, and their sessions. */
export class SqlAdminGrants implements AdminGrantStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async add(grant: AdminGrant): Promise<void> {
    await this.#database.run(ADD_GRANT, grant);
  }

  async has(kind: AdminGrant["kind"], hash: Uint8Array, nowMs: number): Promise<boolean> {
    const sql = `SELECT 1 AS one FROM ${VALID_GRANT}`;
    return await this.#database.get(sql, hash, kind, nowMs) !== undefined;
  }

  async take(kind: AdminGrant["kind"], hash: Uint8Array, nowMs: number): Promise<boolean> {
    return await this.#database.run(`DELETE FROM ${VALID_GRANT}`, hash, kind, nowMs) > 0;
  }

  deleteExpired(nowMs: number): Promise<number> {
    return this.#database.run("DELETE FROM admin_grants WHERE expires_at_ms <= ?", nowMs);
  }
}

/** The audit trail. */
export class SqlAudit implements AuditStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async record(entry: NewAuditEntry): Promise<void> {
    await this.#database.run(RECORD, entry);
  }

  list({ search, action, beforeId, limit }: AuditQuery): Promise<readonly AuditEntry[]> {
    const { sql, parameters } = where([
      ["id < ?", beforeId],
      ["action = ?", action],
      contains(this.#database.dialect.like, ["actor", "action", "subject"], search),
    ]);
    return this.#database.report(
      `SELECT * FROM audit ${sql} ORDER BY id DESC LIMIT ?`,
      ...parameters,
      limit,
    );
  }

  deleteBefore(timeMs: number): Promise<number> {
    return this.#database.run("DELETE FROM audit WHERE at_ms < ?", timeMs);
  }
}

/** The ends of client secrets. */
export class SqlSecretEnds implements SecretEndStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  list(): Promise<readonly SecretEnd[]> {
    return this.#database.all("SELECT * FROM secret_ends ORDER BY client_id");
  }

  async set(end: SecretEnd): Promise<void> {
    await this.#database.run(SET_END, end);
  }
}

/** Invitations to sign in. */
export class SqlInvitations implements InvitationStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async add(invitation: NewInvitation): Promise<void> {
    await this.#database.run(ADD_INVITATION, invitation);
  }

  list(nowMs: number): Promise<readonly Invitation[]> {
    const sql =
      `SELECT ${INVITATION_COLUMNS} FROM invitations WHERE ${WORKING} ORDER BY created_at_ms, id`;
    return this.#database.all(sql, nowMs);
  }

  find(hash: Uint8Array, nowMs: number): Promise<Invitation | undefined> {
    const sql = `SELECT ${INVITATION_COLUMNS} FROM invitations WHERE hash = ? AND ${WORKING}`;
    return this.#database.get(sql, hash, nowMs);
  }

  use(hash: Uint8Array, nowMs: number): Promise<Invitation | undefined> {
    return this.#database.get(USE_INVITATION, hash, nowMs);
  }

  async delete(id: string): Promise<boolean> {
    return await this.#database.run("DELETE FROM invitations WHERE id = ?", id) > 0;
  }

  deleteExpired(nowMs: number): Promise<number> {
    return this.#database.run(`DELETE FROM invitations WHERE NOT (${WORKING})`, nowMs);
  }
}
