/**
 * Administration in SQLite: rights that belong to no account, the audit trail, and what administrators enter.
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
import type { SqliteDatabase } from "./database.ts";
import { contains, where } from "./sql.ts";

const ALIVE = "hash = ? AND kind = ? AND expires_at_ms > ?";
const RECORD = `
  INSERT INTO audit (at_ms, actor, action, subject) VALUES (:atMs, :actor, :action, :subject)`;
const SET_END = `
  INSERT INTO secret_ends (client_id, ends_at_ms) VALUES (:clientId, :endsAtMs)
  ON CONFLICT (client_id) DO UPDATE SET ends_at_ms = excluded.ends_at_ms`;
const WORKING = "expires_at_ms > ? AND (uses_left IS NULL OR uses_left > 0)";
const INVITATION_COLUMNS = "id, name, created_at_ms, expires_at_ms, uses_left";
const ADD_INVITATION = `
  INSERT INTO invitations (${INVITATION_COLUMNS}, hash)
  VALUES (:id, :name, :createdAtMs, :expiresAtMs, :usesLeft, :hash)`;
/** NULL less one stays NULL. */
const USE_INVITATION = `
  UPDATE invitations SET uses_left = uses_left - 1 WHERE hash = ? AND ${WORKING}
  RETURNING ${INVITATION_COLUMNS}`;

export class SqliteAdminGrants implements AdminGrantStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  add(grant: AdminGrant): Promise<void> {
    const sql =
      "INSERT INTO admin_grants (hash, kind, expires_at_ms) VALUES (:hash, :kind, :expiresAtMs)";
    return Promise.try(() => void this.#database.prepare(sql).runNamed(grant));
  }

  has(kind: AdminGrant["kind"], hash: Uint8Array, nowMs: number): Promise<boolean> {
    const sql = `SELECT 1 FROM admin_grants WHERE ${ALIVE}`;
    return Promise.try(() => this.#database.prepare(sql).get(hash, kind, nowMs) !== undefined);
  }

  take(kind: AdminGrant["kind"], hash: Uint8Array, nowMs: number): Promise<boolean> {
    const sql = `DELETE FROM admin_grants WHERE ${ALIVE}`;
    return Promise.try(() => this.#database.prepare(sql).run(hash, kind, nowMs) > 0);
  }

  deleteExpired(nowMs: number): Promise<number> {
    const sql = "DELETE FROM admin_grants WHERE expires_at_ms <= ?";
    return Promise.try(() => this.#database.prepare(sql).run(nowMs));
  }
}

export class SqliteAudit implements AuditStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  record(entry: NewAuditEntry): Promise<void> {
    return Promise.try(() => void this.#database.prepare(RECORD).runNamed(entry));
  }

  list({ search, action, beforeId, limit }: AuditQuery): Promise<readonly AuditEntry[]> {
    const { sql, parameters } = where([
      ["id < ?", beforeId],
      ["action = ?", action],
      contains(["actor", "action", "subject"], search),
    ]);
    return Promise.try(() =>
      this.#database.prepare<AuditEntry>(`SELECT * FROM audit ${sql} ORDER BY id DESC LIMIT ?`)
        .all(...parameters, limit)
    );
  }

  deleteBefore(timeMs: number): Promise<number> {
    const sql = "DELETE FROM audit WHERE at_ms < ?";
    return Promise.try(() => this.#database.prepare(sql).run(timeMs));
  }
}

export class SqliteSecretEnds implements SecretEndStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  list(): Promise<readonly SecretEnd[]> {
    const sql = "SELECT * FROM secret_ends ORDER BY client_id";
    return Promise.try(() => this.#database.prepare<SecretEnd>(sql).all());
  }

  set(end: SecretEnd): Promise<void> {
    return Promise.try(() => void this.#database.prepare(SET_END).runNamed(end));
  }
}

export class SqliteInvitations implements InvitationStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  add({ usesLeft, ...invitation }: NewInvitation): Promise<void> {
    return Promise.try(() =>
      void this.#database.prepare(ADD_INVITATION).runNamed({ ...invitation, usesLeft })
    );
  }

  list(nowMs: number): Promise<readonly Invitation[]> {
    const sql =
      `SELECT ${INVITATION_COLUMNS} FROM invitations WHERE ${WORKING} ORDER BY created_at_ms, id`;
    return Promise.try(() => this.#database.prepare<Invitation>(sql).all(nowMs));
  }

  find(hash: Uint8Array, nowMs: number): Promise<Invitation | undefined> {
    const sql = `SELECT ${INVITATION_COLUMNS} FROM invitations WHERE hash = ? AND ${WORKING}`;
    return Promise.try(() => this.#database.prepare<Invitation>(sql).get(hash, nowMs));
  }

  use(hash: Uint8Array, nowMs: number): Promise<Invitation | undefined> {
    return Promise.try(() => this.#database.prepare<Invitation>(USE_INVITATION).get(hash, nowMs));
  }

  delete(id: string): Promise<boolean> {
    const sql = "DELETE FROM invitations WHERE id = ?";
    return Promise.try(() => this.#database.prepare(sql).run(id) > 0);
  }

  deleteExpired(nowMs: number): Promise<number> {
    const sql = `DELETE FROM invitations WHERE NOT (${WORKING})`;
    return Promise.try(() => this.#database.prepare(sql).run(nowMs));
  }
}
