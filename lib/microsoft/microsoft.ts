/**
 * The client side of Microsoft's identity service: OpenID Connect with the authorization code flow and PKCE, refresh, and the
 * device-code flow, for several app registrations.
 *
 * @module
 */
import * as oauth from "oauth4webapi";
import { type Clock, SECOND_MS, type Secret } from "../base/mod.ts";
import { type DeviceSignIn, deviceSignIn, pendingSeconds } from "./device_sign_in.ts";
import { Discovery } from "./discovery.ts";
import { missingRegistration, untrustedResponse } from "./errors.ts";
import { identityOf, type MicrosoftIdentity } from "./identity.ts";
import { isIssuerOf } from "./issuer.ts";
import { type RequestOptions, Requests } from "./requests.ts";
import { refreshScope, signInScope } from "./scope.ts";

export { MicrosoftError, type MicrosoftFailure } from "./errors.ts";
export { PERSONAL_TENANT_ID } from "./issuer.ts";
export type { DeviceSignIn, MicrosoftIdentity };

/** Microsoft's own advice for the difference between two clocks. */
const CLOCK_TOLERANCE_S = 300;
/** The shortest that Microsoft issues, where the response does not tell. */
const DEFAULT_LIFETIME_S = 3600;

/** What {@linkcode Microsoft} needs. */
export interface MicrosoftOptions {
  /** Base address of the identity service; `http:` only on this machine. */
  readonly authority: string;
  /** `consumers`, `organizations`, `common`, or a tenant's id or domain. */
  readonly tenant: string;
  readonly registrations: readonly AppRegistration[];
  /** The registration for new accounts. */
  readonly defaultClientId: string;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
}

/** An app registration at Microsoft: the OAuth 2.0 client (RFC 6749 section 2). */
export interface AppRegistration {
  readonly clientId: string;
  readonly clientSecret: Secret;
}

/** What a refresh gave (RFC 6749 section 6). */
export interface RefreshedTokens {
  readonly accessToken: string;
  readonly accessTokenExpiresAtMs: number;
  /** Absent: the former one stays in use. */
  readonly refreshToken?: string;
}

/** What a sign-in gave. */
export interface SignedIn {
  readonly identity: MicrosoftIdentity;
  readonly clientId: string;
  readonly tokens: Required<RefreshedTokens> & { readonly obtainedAtMs: number };
}

/** An authorization request (RFC 6749 section 4.1.1, RFC 7636, OpenID Connect Core section 3.1.2.1). */
export interface AuthorizationRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** The address to sign in with, so that it need not be typed. */
  readonly loginHint?: string;
  readonly prompt?: "select_account" | "none" | "consent" | "login";
}

/** The identity service, seen by its client. */
export class Microsoft {
  /** The registration for new accounts. */
  readonly defaultClientId: string;
  /** Base address of the identity service. */
  readonly authority: URL;
  readonly #tenant: string;
  readonly #registrations: ReadonlyMap<string, AppRegistration>;
  readonly #clock: Clock;
  readonly #requests: Requests;
  readonly #discovery: Discovery;

  /** @throws {TypeError} when the authority is neither `https:` nor on this machine. */
  constructor(options: MicrosoftOptions) {
    const { tenant, clock, fetch } = options;
    this.authority = new URL(options.authority);
    this.defaultClientId = options.defaultClientId;
    this.#tenant = tenant;
    this.#registrations = new Map(options.registrations.map((one) => [one.clientId, one]));
    this.#clock = clock;
    this.#requests = new Requests({ authority: this.authority, fetch, clock });
    const requests = this.#requests;
    this.#discovery = new Discovery({ authority: this.authority, tenant, requests, clock });
  }

  /** Whether this registration is (still) configured. */
  hasRegistration(clientId: string): boolean {
    return this.#registrations.has(clientId);
  }

  /**
   * Where to send the browser.
   *
   * @throws {MicrosoftError} `temporary`, or `registration` when the registration is not configured.
   */
  async authorizationUrl(request: AuthorizationRequest): Promise<URL> {
    this.#registration(request.clientId);
    const { authorization_endpoint: endpoint } = await this.#discovery.metadata();
    const url = new URL(endpoint!);
    const parameters: Readonly<Record<string, string | undefined>> = {
      client_id: request.clientId,
      response_type: "code",
      response_mode: "query",
      redirect_uri: request.redirectUri,
      scope: signInScope(this.authority),
      state: request.state,
      nonce: request.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(request.codeVerifier),
      code_challenge_method: "S256",
      login_hint: request.loginHint,
      prompt: request.prompt,
    };
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return url;
  }

  /**
   * Checks the answer to an authorization request and redeems its code.
   *
   * @param callback The address that the browser came back to.
   * @throws {MicrosoftError}
   */
  async complete(callback: URL, request: AuthorizationRequest): Promise<SignedIn> {
    const { client, authentication } = this.#client(request.clientId);
    const server = await this.#discovery.metadata();
    return await this.#requests.run(async (options) => {
      const expected = this.#withIssuerOf(callback, server);
      const parameters = oauth.validateAuthResponse(expected, client, callback, request.state);
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        authentication,
        parameters,
        request.redirectUri,
        request.codeVerifier,
        options,
      );
      const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
        expectedNonce: request.nonce,
        requireIdToken: true,
      });
      return await this.#signedIn(server, client, response, tokens, options);
    });
  }

  /**
   * Fetches a new access token (RFC 6749 section 6).
   *
   * @throws {MicrosoftError} `sign-in-required` when the refresh token is certainly dead, `registration`, or `temporary`.
   */
  async refresh(clientId: string, refreshToken: string): Promise<RefreshedTokens> {
    const { client, authentication } = this.#client(clientId);
    const server = await this.#discovery.metadata();
    const tokens = await this.#requests.run(async (options) => {
      const response = await oauth.refreshTokenGrantRequest(
        server,
        client,
        authentication,
        refreshToken,
        { ...options, additionalParameters: { scope: refreshScope(this.authority) } },
      );
      return await oauth.processRefreshTokenResponse(server, client, response);
    });
    return this.#issued(tokens);
  }

  /**
   * Starts a sign-in for a machine without a browser.
   *
   * @throws {MicrosoftError} `temporary` or `registration`.
   */
  async beginDeviceSignIn(clientId = this.defaultClientId): Promise<DeviceSignIn<SignedIn>> {
    const { client, authentication } = this.#client(clientId);
    const server = await this.#discovery.metadata();
    const device = await this.#requests.run(async (options) => {
      const parameters = { scope: signInScope(this.authority) };
      const response = await oauth.deviceAuthorizationRequest(
        server,
        client,
        authentication,
        parameters,
        options,
      );
      return await oauth.processDeviceAuthorizationResponse(server, client, response);
    });
    const poll = () => this.#pollDevice(server, clientId, device.device_code);
    return deviceSignIn(device, poll, this.#clock);
  }

  #pollDevice(
    server: oauth.AuthorizationServer,
    clientId: string,
    deviceCode: string,
  ): Promise<SignedIn | number> {
    const { client, authentication } = this.#client(clientId);
    return this.#requests.run(async (options) => {
      const response = await oauth.deviceCodeGrantRequest(
        server,
        client,
        authentication,
        deviceCode,
        options,
      );
      try {
        const tokens = await oauth.processDeviceCodeResponse(server, client, response);
        return await this.#signedIn(server, client, response, tokens, options);
      } catch (error) {
        return pendingSeconds(error);
      }
    });
  }

  async #signedIn(
    server: oauth.AuthorizationServer,
    client: oauth.Client,
    response: Response,
    tokens: oauth.TokenEndpointResponse,
    options: RequestOptions,
  ): Promise<SignedIn> {
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    if (!claims) throw untrustedResponse("Microsoft did not say who signed in (no id_token).");
    await oauth.validateApplicationLevelSignature(server, response, options);
    const issued = this.#issued(tokens);
    if (!issued.refreshToken) {
      throw untrustedResponse(
        "Microsoft gave no refresh token: the app registration lacks the permission offline_access.",
        "no_refresh_token",
      );
    }
    return {
      identity: identityOf(claims),
      clientId: client.client_id,
      tokens: { ...issued, refreshToken: issued.refreshToken, obtainedAtMs: this.#clock.now() },
    };
  }

  #issued(tokens: oauth.TokenEndpointResponse): RefreshedTokens {
    const lifetimeMs = (tokens.expires_in ?? DEFAULT_LIFETIME_S) * SECOND_MS;
    return {
      accessToken: tokens.access_token,
      accessTokenExpiresAtMs: this.#clock.now() + lifetimeMs,
      refreshToken: tokens.refresh_token,
    };
  }

  #client(clientId: string): { client: oauth.Client; authentication: oauth.ClientAuth } {
    const { clientSecret } = this.#registration(clientId);
    const client = {
      client_id: clientId,
      [oauth.clockTolerance]: CLOCK_TOLERANCE_S,
      // oauth4webapi reads the machine's clock; this makes it ours.
      [oauth.clockSkew]: Math.round((this.#clock.now() - Date.now()) / SECOND_MS),
    };
    return { client, authentication: oauth.ClientSecretPost(clientSecret.reveal()) };
  }

  #registration(clientId: string): AppRegistration {
    const registration = this.#registrations.get(clientId);
    if (!registration) throw missingRegistration(clientId);
    return registration;
  }

  /** An `iss` in the answer (RFC 9207) names a tenant, where metadata for several tenants have a placeholder. */
  #withIssuerOf(callback: URL, server: oauth.AuthorizationServer): oauth.AuthorizationServer {
    const issuer = callback.searchParams.get("iss");
    const ours = issuer !== null && isIssuerOf(issuer, this.authority, this.#tenant);
    return ours ? { ...server, issuer } : server;
  }
}
