/**
 * An identity service in memory, behind an injected `fetch`: for answers that a well-behaved one never gives, and for tests that
 * make very many requests.
 *
 * @module
 */
import { encodeBase64Url } from "../crypto/base64url.ts";
import { PERSONAL_TENANT_ID } from "../microsoft/mod.ts";
import { Secret } from "../base/secret.ts";
import type { AppRegistration } from "../config/mod.ts";

export const AUTHORITY = "https://login.example";
export const CLIENT_ID = "11111111-2222-4333-8444-555555555555";
export const OBJECT_ID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
/** The registration that personal accounts sign in with. */
export const REGISTRATION: AppRegistration = {
  clientId: CLIENT_ID,
  tenant: "consumers",
  authentication: { kind: "secret", secret: new Secret("client-secret") },
};

/** An organisation with mailboxes that nobody signs in to. */
export const OFFICE_TENANT_ID = "22222222-2222-4222-8222-222222222222";
/** The registration of that organisation, which sends for them. */
export const OFFICE_REGISTRATION: AppRegistration = {
  clientId: "33333333-3333-4333-8333-333333333333",
  tenant: OFFICE_TENANT_ID,
  authentication: { kind: "secret", secret: new Secret("office-secret") },
};

/** Answers a request to the token endpoint. */
export type TokenResponder = (form: URLSearchParams) => Response | Promise<Response>;

/** A JSON response. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers });
}

/** An OAuth error response (RFC 6749 section 5.2) in Microsoft's manner. */
export function oauthError(error: string, aadsts?: number, status = 400): Response {
  const description = aadsts && `AADSTS${aadsts}: Something in English. Trace ID: 1 Timestamp: 2`;
  return json({ error, error_description: description }, status);
}

/** Answers like Microsoft, unless told otherwise. */
export class IdentityService {
  /** Requests to the token endpoint. */
  tokenRequests = 0;
  /** Requests of any kind, by path. */
  readonly requests: string[] = [];
  /** Answers of the token endpoint. Default: new tokens, the next one in a row. */
  onToken: TokenResponder = () => this.tokens();
  /** Answers anything before the rest does. */
  onRequest: (url: URL) => Response | Promise<Response> | undefined = () => undefined;
  /** `issuer` in the metadata. */
  issuer = `${AUTHORITY}/${PERSONAL_TENANT_ID}/v2.0`;
  /** Seconds. */
  accessTokenLifetimeS = 3600;
  #keys: CryptoKeyPair | undefined;
  #issued = 0;

  readonly fetch: typeof fetch = async (input, init) => {
    init?.signal?.throwIfAborted();
    const url = new URL(String(input));
    this.requests.push(url.pathname);
    const answer = this.onRequest(url) ?? this.#answer(url, init);
    return await Promise.race([answer, rejectionOf(init?.signal)]);
  };

  /** A response with tokens. */
  tokens(extra: object = {}): Response {
    const number = ++this.#issued;
    return json({
      token_type: "Bearer",
      access_token: `access-${number}`,
      refresh_token: `refresh-${number}`,
      expires_in: this.accessTokenLifetimeS,
      ...extra,
    });
  }

  /** A signed id_token for {@linkcode CLIENT_ID}; `claims` replace or remove (undefined) what is usual. */
  async idToken(claims: Record<string, unknown> = {}): Promise<string> {
    const { privateKey } = await this.#keyPair();
    const nowS = Math.floor(Date.now() / 1000);
    const usual = {
      iss: `${AUTHORITY}/${PERSONAL_TENANT_ID}/v2.0`,
      aud: CLIENT_ID,
      sub: "subject",
      tid: PERSONAL_TENANT_ID,
      oid: OBJECT_ID,
      email: "nora@outlook.example",
      name: "Nora",
      iat: nowS,
      exp: nowS + 3600,
    };
    const header = { alg: "ES256", kid: "key", typ: "JWT" };
    const signed = [header, { ...usual, ...claims }].map((part) =>
      encodeBase64Url(new TextEncoder().encode(JSON.stringify(part)))
    ).join(".");
    const signature = await crypto.subtle.sign(
      { name: "ECDSA", hash: "SHA-256" },
      privateKey,
      new TextEncoder().encode(signed),
    );
    return `${signed}.${encodeBase64Url(new Uint8Array(signature))}`;
  }

  #answer(url: URL, init?: RequestInit): Response | Promise<Response> {
    if (url.pathname.endsWith("/openid-configuration")) return this.#metadata();
    if (url.pathname.endsWith("/keys")) return this.#jwks();
    this.tokenRequests++;
    return this.onToken(new URLSearchParams(String(init?.body)));
  }

  #metadata(): Response {
    return json({
      issuer: this.issuer,
      authorization_endpoint: `${AUTHORITY}/authorize`,
      token_endpoint: `${AUTHORITY}/token`,
      device_authorization_endpoint: `${AUTHORITY}/devicecode`,
      jwks_uri: `${AUTHORITY}/keys`,
      id_token_signing_alg_values_supported: ["ES256"],
    });
  }

  async #jwks(): Promise<Response> {
    const key = await crypto.subtle.exportKey("jwk", (await this.#keyPair()).publicKey);
    return json({ keys: [{ ...key, kid: "key", use: "sig" }] });
  }

  async #keyPair(): Promise<CryptoKeyPair> {
    this.#keys ??= await crypto.subtle.generateKey(
      { name: "ECDSA", namedCurve: "P-256" },
      true,
      ["sign", "verify"],
    );
    return this.#keys;
  }
}

function rejectionOf(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
