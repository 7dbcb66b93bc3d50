/**
 * Administration in PostgreSQL: rights that belong to no account, the audit trail, and what administrators enter.
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
import type { PostgresDatabase } from "./database.ts";
import { contains, where } from "./sql.ts";

const ALIVE = "hash = $1 AND kind = $2 AND expires_at_ms > $3";
const RECORD = `
  INSERT INTO audit (at_ms, actor, action, subject) VALUES (:atMs, :actor, :action, :subject)`;
const SET_END = `
  INSERT INTO secret_ends (client_id, ends_at_ms) VALUES (:clientId, :endsAtMs)
  ON CONFLICT (client_id) DO UPDATE SET ends_at_ms = excluded.ends_at_ms`;
const WORKING = "expires_at_ms > $1 AND (uses_left IS NULL OR uses_left > 0)";
const INVITATION_COLUMNS = "id, name, created_at_ms, expires_at_ms, uses_left";
const ADD_INVITATION = `
  INSERT INTO invitations (${INVITATION_COLUMNS}, hash)
  VALUES (:id, :name, :createdAtMs, :expiresAtMs, :usesLeft, :hash)`;
/** NULL less one stays NULL. */
const USE_INVITATION = `
  UPDATE invitations SET uses_left = uses_left - 1 WHERE hash = $2 AND ${WORKING}
  RETURNING ${INVITATION_COLUMNS}`;

export class PostgresAdminGrants implements AdminGrantStore {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async add(grant: AdminGrant): Promise<void> {
    await this.#database.runNamed(
      "INSERT INTO admin_grants (hash, kind, expires_at_ms) VALUES (:hash, :kind, :expiresAtMs)",
      grant,
    );
  }

  async has(kind: AdminGrant["kind"], hash: Uint8Array, nowMs: number): Promise<boolean> {
    const sql = `SELECT 1 AS one FROM admin_grants WHERE ${ALIVE}`;
    return (await this.#database.all(sql, hash, kind, nowMs)).length > 0;
  }

  async take(kind: AdminGrant["kind"], hash: Uint8Array, nowMs: number): Promise<boolean> {
    const sql = `DELETE FROM admin_grants WHERE ${ALIVE}`;
    return await this.#database.run(sql, hash, kind, nowMs) > 0;
  }

  deleteExpired(nowMs: number): Promise<number> {
    return this.#database.run("DELETE FROM admin_grants WHERE expires_at_ms <= $1", nowMs);
  }
}

export class PostgresAudit implements AuditStore {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async record(entry: NewAuditEntry): Promise<void> {
    await this.#database.runNamed(RECORD, entry);
  }

  list({ search, action, beforeId, limit }: AuditQuery): Promise<readonly AuditEntry[]> {
    const { sql, parameters } = where([
      ["id < ?", beforeId],
      ["action = ?", action],
      contains(["actor", "action", "subject"], search),
    ]);
    return this.#database.allPatiently<AuditEntry>(
      `SELECT * FROM audit ${sql} ORDER BY id DESC LIMIT $${parameters.length + 1}`,
      ...parameters,
      limit,
    );
  }

  deleteBefore(timeMs: number): Promise<number> {
    return this.#database.run("DELETE FROM audit WHERE at_ms < $1", timeMs);
  }
}

export class PostgresSecretEnds implements SecretEndStore {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  list(): Promise<readonly SecretEnd[]> {
    return this.#database.all<SecretEnd>("SELECT * FROM secret_ends ORDER BY client_id");
  }

  async set(end: SecretEnd): Promise<void> {
    await this.#database.runNamed(SET_END, end);
  }
}

export class PostgresInvitations implements InvitationStore {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async add({ usesLeft, ...invitation }: NewInvitation): Promise<void> {
    await this.#database.runNamed(ADD_INVITATION, { ...invitation, usesLeft });
  }

  list(nowMs: number): Promise<readonly Invitation[]> {
    const sql =
      `SELECT ${INVITATION_COLUMNS} FROM invitations WHERE ${WORKING} ORDER BY created_at_ms, id`;
    return this.#database.all<Invitation>(sql, nowMs);
  }

  async find(hash: Uint8Array, nowMs: number): Promise<Invitation | undefined> {
    const sql = `SELECT ${INVITATION_COLUMNS} FROM invitations WHERE hash = $2 AND ${WORKING}`;
    return (await this.#database.all<Invitation>(sql, nowMs, hash))[0];
  }

  async use(hash: Uint8Array, nowMs: number): Promise<Invitation | undefined> {
    return (await this.#database.all<Invitation>(USE_INVITATION, nowMs, hash))[0];
  }

  async delete(id: string): Promise<boolean> {
    return await this.#database.run("DELETE FROM invitations WHERE id = $1", id) > 0;
  }

  deleteExpired(nowMs: number): Promise<number> {
    return this.#database.run(`DELETE FROM invitations WHERE NOT (${WORKING})`, nowMs);
  }
}
