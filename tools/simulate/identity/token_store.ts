/**
 * Stores the codes, tokens and sessions of the identity provider in memory. The oldest are dropped first.
 *
 * @module
 */
// @ts-types="@types/oidc-provider"
import type { Adapter, AdapterPayload } from "oidc-provider";
import type { Clock } from "../../../lib/base/mod.ts";
import { identifier } from "../people.ts";

/** The most entries of one kind; older ones are dropped. */
const MAX_RECORDS_PER_KIND = 10_000;
/** A time that oidc-provider, which uses another clock, takes for long expired. */
const EXPIRED = 1;

/** Kinds of tokens that can be revoked. */
export type RevocableKind = "AccessToken" | "RefreshToken";

/** An application that has a token of its own, in one organisation. */
export interface ApplicationGrant {
  readonly applicationId: string;
  readonly tenantId: string;
  /** The application permissions that were granted when the token was issued. */
  readonly roles: readonly string[];
}

interface Entry {
  readonly payload: AdapterPayload;
  readonly expiresAtMs: number;
  /** When a refresh token's successor was issued. */
  supersededAtMs?: number;
}

/** Settings of a {@linkcode TokenStore}. */
interface TokenStoreOptions {
  /** Lifetime of access tokens, seconds. */
  readonly accessTokenLifetimeS: number;
  /** How long a refresh token stays good after a new one has replaced it, seconds. */
  readonly supersededLifetimeS: number;
  readonly clock: Clock;
}

/** All records of one identity provider, by kind (`AccessToken`, `RefreshToken`, `Session`, …) and id. */
export class TokenStore {
  /** Lifetime of the access tokens issued from now on, seconds. */
  accessTokenLifetimeS: number;
  /** The polling interval for devices, in seconds; Microsoft's is 5. */
  deviceCodeIntervalS = 5;

  readonly #kinds = new Map<string, Map<string, Entry>>();
  readonly #applicationTokens = new Map<string, ApplicationGrant & { readonly endsAtMs: number }>();
  readonly #supersededLifetimeMs: number;
  readonly #clock: Clock;

  constructor({ accessTokenLifetimeS, supersededLifetimeS, clock }: TokenStoreOptions) {
    this.accessTokenLifetimeS = accessTokenLifetimeS;
    this.#supersededLifetimeMs = supersededLifetimeS * 1000;
    this.#clock = clock;
  }

  /** Returns the adapter for a kind of record, as oidc-provider needs it. */
  readonly adapter = (kind: string): Adapter => {
    const records = this.#records(kind);
    return kind === "RefreshToken"
      ? new RefreshTokenAdapter(records, this.#clock, this.#supersededLifetimeMs)
      : new RecordAdapter(records, this.#clock);
  };

  /** Returns the object id of an access token's owner; `undefined` for an unknown or expired one. */
  accountOf(accessToken: string): string | undefined {
    const entry = this.#records("AccessToken").get(accessToken);
    return entry && entry.expiresAtMs > this.#clock.now() ? entry.payload.accountId : undefined;
  }

  /** Returns the object id of the person that a code or token of any kind was issued to. */
  accountIn(kind: string, id: string): string | undefined {
    return this.#records(kind).get(id)?.payload.accountId;
  }

  /** Returns the application that a token was issued to; `undefined` for an unknown or expired one. */
  applicationOf(accessToken: string): ApplicationGrant | undefined {
    const grant = this.#applicationTokens.get(accessToken);
    return grant && grant.endsAtMs > this.#clock.now() ? grant : undefined;
  }

  /** Issues an access token to a person without any request. */
  issueAccessToken(accountId: string): string {
    const token = crypto.randomUUID();
    this.#records("AccessToken").set(token, {
      payload: { accountId },
      expiresAtMs: this.#expiry(),
    });
    return token;
  }

  /** Issues a token to an application itself: a JWT with Entra ID's claims. Its signature is not valid. */
  issueApplicationToken(grant: ApplicationGrant): string {
    const { applicationId, tenantId, roles } = grant;
    const claims = {
      aud: "https://outlook.office365.com",
      appid: applicationId,
      idtyp: "app",
      oid: servicePrincipalId(applicationId, tenantId),
      ...(roles.length > 0 && { roles }),
      tid: tenantId,
    };
    const parts = [{ typ: "JWT", alg: "RS256" }, claims].map((part) =>
      encode(JSON.stringify(part))
    );
    const token = [...parts, encode(crypto.randomUUID())].join(".");
    this.#applicationTokens.set(token, { ...grant, endsAtMs: this.#expiry() });
    return token;
  }

  /** Revokes people's tokens. */
  revoke(
    kind: RevocableKind,
    isMeant: (accountId: string, applicationId: string | undefined) => boolean,
  ): void {
    const records = this.#records(kind);
    for (const [id, { payload }] of records) {
      const { accountId, clientId } = payload;
      if (accountId !== undefined && isMeant(accountId, clientId)) records.delete(id);
    }
  }

  /** Revokes applications' own tokens. */
  revokeApplicationTokens(isMeant: (grant: ApplicationGrant) => boolean): void {
    for (const [token, grant] of this.#applicationTokens) {
      if (isMeant(grant)) this.#applicationTokens.delete(token);
    }
  }

  #expiry(): number {
    return this.#clock.now() + this.accessTokenLifetimeS * 1000;
  }

  #records(kind: string): Map<string, Entry> {
    let records = this.#kinds.get(kind);
    if (!records) this.#kinds.set(kind, records = new Map());
    return records;
  }
}

/** Returns the object id of an application's service principal (enterprise application) in an organisation. */
export function servicePrincipalId(applicationId: string, tenantId: string): string {
  return identifier(`service principal ${applicationId} ${tenantId}`);
}

function encode(text: string): string {
  return new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The adapter of oidc-provider for one kind of record. */
class RecordAdapter implements Adapter {
  readonly records: Map<string, Entry>;
  protected readonly clock: Clock;

  constructor(records: Map<string, Entry>, clock: Clock) {
    this.records = records;
    this.clock = clock;
  }

  upsert(id: string, payload: AdapterPayload, expiresInS?: number): Promise<void> {
    const expiresAtMs = this.clock.now() + (expiresInS ?? Infinity) * 1000;
    this.records.set(id, { payload, expiresAtMs });
    const [oldest] = this.records.keys();
    if (this.records.size > MAX_RECORDS_PER_KIND && oldest) this.records.delete(oldest);
    return Promise.resolve();
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.#current(this.records.get(id)));
  }

  findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#findBy(({ payload }) => payload.userCode === userCode);
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#findBy(({ payload }) => payload.uid === uid);
  }

  consume(id: string): Promise<void> {
    const entry = this.records.get(id);
    if (entry) entry.payload.consumed = Math.floor(this.clock.now() / 1000);
    return Promise.resolve();
  }

  destroy(id: string): Promise<void> {
    this.records.delete(id);
    return Promise.resolve();
  }

  revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, { payload }] of this.records) {
      if (payload.grantId === grantId) this.records.delete(id);
    }
    return Promise.resolve();
  }

  #findBy(isMeant: (entry: Entry) => boolean): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.#current(this.records.values().find(isMeant)));
  }

  #current(entry: Entry | undefined): AdapterPayload | undefined {
    if (!entry) return undefined;
    return entry.expiresAtMs > this.clock.now()
      ? entry.payload
      : { ...entry.payload, exp: EXPIRED };
  }
}

/**
 * Refresh tokens as at Microsoft: each use gives a new one, and the old one stays valid for a while. A standard provider takes
 * the second use of a token for theft, and revokes everything.
 */
class RefreshTokenAdapter extends RecordAdapter {
  readonly #lifetimeMs: number;

  constructor(records: Map<string, Entry>, clock: Clock, lifetimeMs: number) {
    super(records, clock);
    this.#lifetimeMs = lifetimeMs;
  }

  override find(id: string): Promise<AdapterPayload | undefined> {
    const { supersededAtMs } = this.records.get(id) ?? {};
    const isOver = supersededAtMs !== undefined &&
      this.clock.now() > supersededAtMs + this.#lifetimeMs;
    return isOver ? Promise.resolve(undefined) : super.find(id);
  }

  override consume(id: string): Promise<void> {
    const entry = this.records.get(id);
    if (entry) entry.supersededAtMs ??= this.clock.now();
    return Promise.resolve();
  }
}
