/**
 * Where the identity provider keeps its codes, tokens and sessions: in memory, oldest dropped first.
 *
 * @module
 */
// @ts-types="@types/oidc-provider"
import type { Adapter, AdapterPayload } from "oidc-provider";
import type { Clock } from "../../../lib/base/mod.ts";
import { identifier } from "../people.ts";

/** Entries of one kind; what is older than that many newer ones is forgotten. */
const MAX_RECORDS_PER_KIND = 10_000;
/** In the eyes of oidc-provider, which has a clock of its own: expired long ago. */
const EXPIRED = 1;

/** Kinds of tokens that can be revoked. */
export type RevocableKind = "AccessToken" | "RefreshToken";

/** An application that has a token of its own, in one organisation. */
export interface ApplicationGrant {
  readonly applicationId: string;
  readonly tenantId: string;
  /** The application permissions that were granted when the token was issued: they stay in it until its end. */
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
  /** The pause between two requests that a device is asked to keep; Microsoft asks for 5 seconds. */
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

  /** The adapter that oidc-provider asks for each kind of record. */
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

  /** Makes a person's access token without any request. */
  issueAccessToken(accountId: string): string {
    const token = crypto.randomUUID();
    this.#records("AccessToken").set(token, {
      payload: { accountId },
      expiresAtMs: this.#expiry(),
    });
    return token;
  }

  /** Makes a token for an application itself: a JWT with Entra ID's claims, whose signature nobody here looks at. */
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

  /** Forgets people's tokens, so that their next use is refused. */
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

  /** Forgets applications' own tokens. */
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

/** The object id of an application's service principal (enterprise application) in one organisation. */
export function servicePrincipalId(applicationId: string, tenantId: string): string {
  return identifier(`service principal ${applicationId} ${tenantId}`);
}

function encode(text: string): string {
  return new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** One kind of record, as oidc-provider wants it. */
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
 * Refresh tokens in Microsoft's way: each use gives a new one, and the old one is not revoked at once. A standard
 * provider takes the second use of a token for theft and revokes everything.
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
