/**
 * Where the identity provider keeps its codes, tokens and sessions: in memory, oldest dropped first.
 *
 * @module
 */
// @ts-types="@types/oidc-provider"
import type { Adapter, AdapterPayload } from "oidc-provider";

/** Entries of one kind; what is older than that many newer ones is forgotten. */
const MAX_RECORDS_PER_KIND = 10_000;

/** All records of one identity provider, by kind (`AccessToken`, `RefreshToken`, `Session`, …) and id. */
export class TokenStore {
  /** Lifetime of the access tokens issued from now on, seconds. */
  accessTokenLifetimeS: number;
  /** The pause between two requests that a device is asked to keep, as Microsoft asks for. */
  deviceCodeIntervalS = 5;

  readonly #kinds = new Map<string, Map<string, AdapterPayload>>();
  readonly #supersededLifetimeMs: number;

  /** @param supersededLifetimeS How long a refresh token stays good after a new one has replaced it. */
  constructor(accessTokenLifetimeS: number, supersededLifetimeS: number) {
    this.accessTokenLifetimeS = accessTokenLifetimeS;
    this.#supersededLifetimeMs = supersededLifetimeS * 1000;
  }

  /** The adapter that oidc-provider asks for each kind of record. */
  readonly adapter = (kind: string): Adapter => {
    const records = this.#records(kind);
    return kind === "RefreshToken"
      ? new RefreshTokenAdapter(records, this.#supersededLifetimeMs)
      : new RecordAdapter(records);
  };

  /** Whose an access token is; `undefined` for an unknown or expired one. */
  accountOf(accessToken: string): string | undefined {
    const record = this.#records("AccessToken").get(accessToken);
    return record && (record.exp ?? 0) * 1000 > Date.now() ? record.accountId : undefined;
  }

  /** Makes an access token without any request. */
  issueAccessToken(accountId: string): string {
    const token = crypto.randomUUID();
    const exp = Math.floor(Date.now() / 1000) + this.accessTokenLifetimeS;
    this.#records("AccessToken").set(token, { accountId, exp });
    return token;
  }

  /** Forgets someone's tokens, so that their next use is refused. */
  revoke(kind: "AccessToken" | "RefreshToken", accountId: string): void {
    const records = this.#records(kind);
    for (const [id, record] of records) {
      if (record.accountId === accountId) records.delete(id);
    }
  }

  #records(kind: string): Map<string, AdapterPayload> {
    let records = this.#kinds.get(kind);
    if (!records) this.#kinds.set(kind, records = new Map());
    return records;
  }
}

/** One kind of record, as oidc-provider wants it. */
class RecordAdapter implements Adapter {
  readonly records: Map<string, AdapterPayload>;

  constructor(records: Map<string, AdapterPayload>) {
    this.records = records;
  }

  upsert(id: string, payload: AdapterPayload, _expiresIn: number): Promise<void> {
    this.records.set(id, payload);
    const [oldest] = this.records.keys();
    if (this.records.size > MAX_RECORDS_PER_KIND && oldest) this.records.delete(oldest);
    return Promise.resolve();
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.records.get(id));
  }

  findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.records.values().find((record) => record.userCode === userCode));
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.records.values().find((record) => record.uid === uid));
  }

  consume(id: string): Promise<void> {
    const record = this.records.get(id);
    if (record) record.consumed = Math.floor(Date.now() / 1000);
    return Promise.resolve();
  }

  destroy(id: string): Promise<void> {
    this.records.delete(id);
    return Promise.resolve();
  }

  revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, record] of this.records) {
      if (record.grantId === grantId) this.records.delete(id);
    }
    return Promise.resolve();
  }
}

/**
 * Refresh tokens in Microsoft's way: each use gives a new one, and the old one is not revoked at once. A standard
 * provider takes the second use of a token for theft and revokes everything.
 */
class RefreshTokenAdapter extends RecordAdapter {
  /** When a token's successor was issued, milliseconds. */
  readonly #supersededAt = new WeakMap<AdapterPayload, number>();
  readonly #lifetimeMs: number;

  constructor(records: Map<string, AdapterPayload>, lifetimeMs: number) {
    super(records);
    this.#lifetimeMs = lifetimeMs;
  }

  override async find(id: string): Promise<AdapterPayload | undefined> {
    const record = await super.find(id);
    const supersededAt = record && this.#supersededAt.get(record);
    const expired = supersededAt !== undefined && Date.now() > supersededAt + this.#lifetimeMs;
    return expired ? undefined : record;
  }

  override consume(id: string): Promise<void> {
    const record = this.records.get(id);
    if (record && !this.#supersededAt.has(record)) this.#supersededAt.set(record, Date.now());
    return Promise.resolve();
  }
}
