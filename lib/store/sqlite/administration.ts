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
  NewAuditEntry,
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
