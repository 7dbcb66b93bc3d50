/**
 * The client side of Microsoft's identity service: OpenID Connect with the authorization code flow and PKCE, refresh, and the
 * device-code flow, for several app registrations.
 *
 * @module
 */
import * as oauth from "oauth4webapi";
import { type Clock, SECOND_MS } from "../base/mod.ts";
import type { AppRegistration } from "../config/mod.ts";
import type { AccountKind } from "../explain/mod.ts";
import { type DeviceSignIn, deviceSignIn, pendingSeconds } from "./device_sign_in.ts";
import { Discovery } from "./discovery.ts";
import { type ClientProof, proofOf, type ReadFile } from "./client_authentication.ts";
import {
  incompleteAnswer,
  MicrosoftError,
  missingRegistration,
  notForMailboxes,
  untrustedResponse,
} from "./errors.ts";
import { ADMIN_CONSENT_STATE } from "./admin_consent.ts";
import {
  type ConfirmedNames,
  confirmedNames,
  identityOf,
  type MicrosoftIdentity,
} from "./identity.ts";
import {
  isAdmittedIssuer,
  isGuid,
  isOrganisation,
  issuerOf,
  isTenantGroup,
  resolveTenant,
} from "./issuer.ts";
import { type RequestOptions, Requests } from "./requests.ts";

/** Microsoft's own advice for the difference between two clocks. */
const CLOCK_TOLERANCE_S = 300;
/**
 * For the id_token of a refresh: it only tells the account's present names, so the machine's wrong clock must not stop mail.
 */
const ANY_CLOCK_TOLERANCE_S = 10 * 365 * 24 * 3600;
/** The shortest lifetime that Microsoft issues, where the response does not tell. */
const DEFAULT_LIFETIME_S = 3600;

const PUBLIC_MAIL_SERVICE = "https://outlook.office.com";
/** As Microsoft's documentation has it for applications. */
const PUBLIC_APPLICATION_SERVICE = "https://outlook.office365.com";
/** The mail service of national clouds, by the host of their identity service. */
const NATIONAL_MAIL_SERVICES: Readonly<Record<string, string>> = {
  "login.microsoftonline.us": "https://outlook.office365.us",
  "login.partner.microsoftonline.cn": "https://partner.outlook.cn",
  "login.chinacloudapi.cn": "https://partner.outlook.cn",
};

/** Dependencies and settings of {@linkcode Microsoft}. */
export interface MicrosoftOptions {
  /** Base address of the identity service; `http:` only on this machine. */
  readonly authority: string;
  readonly registrations: readonly AppRegistration[];
  /** The registration for new accounts. */
  readonly defaultClientId: string;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  /** Reads certificates, keys and tokens that registrations prove themselves with. Default: from the disk. */
  readonly readFile?: ReadFile;
}

/** An access token, as issued (RFC 6749 section 5.1). */
interface IssuedToken {
  readonly accessToken: string;
  readonly accessTokenExpiresAtMs: number;
}

/** An app registration, for people who look after it. */
export interface RegistrationStatus {
  readonly clientId: string;
  /** The accounts that it serves: `consumers`, `organizations`, `common`, or a tenant's id or domain. */
  readonly tenant: string;
  readonly authentication: AppRegistration["authentication"]["kind"];
  /** Whether it can send for app-only mailboxes: it belongs to one organisation and can prove itself. */
  readonly sendsForMailboxes: boolean;
  /** The end of its secret or certificate, milliseconds since the epoch. Absent: not known, or none. */
  readonly endsAtMs?: number;
  /** Its files cannot be used. */
  readonly problem?: MicrosoftError;
}

/** The result of a refresh (RFC 6749 section 6). */
export interface RefreshedTokens extends IssuedToken {
  /** Absent: the former one stays in use. */
  readonly refreshToken?: string;
  /** The account's names as they are now. Absent: not told. */
  readonly names?: ConfirmedNames;
}

/** The result of a sign-in. */
export interface SignedIn {
  readonly identity: MicrosoftIdentity;
  readonly clientId: string;
  readonly tokens: IssuedToken & { readonly refreshToken: string; readonly obtainedAtMs: number };
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

/** The app and the organisation for which an administrator is to consent. */
export interface AdminConsentRequest {
  readonly clientId: string;
  /** The administrator's browser comes back to it, see {@linkcode readAdminConsent}. */
  readonly redirectUri: string;
  /** Absent: that of the administrator who signs in. */
  readonly tenantId?: string;
}

/** A registration with what is needed to use it. */
interface Registration extends AppRegistration {
  readonly proof: ClientProof;
  readonly discovery: Discovery;
}

/** The arguments that every request of oauth4webapi takes. */
type Call = readonly [oauth.AuthorizationServer, oauth.Client, oauth.ClientAuth];

/** Sends requests to the identity service, for all app registrations. */
export class Microsoft {
  /** The registration for new accounts. */
  readonly defaultClientId: string;
  /** Base address of the identity service. */
  readonly authority: URL;
  readonly #registrations: ReadonlyMap<string, Registration>;
  readonly #clock: Clock;
  readonly #requests: Requests;

  /** @throws {TypeError} when the authority is neither `https:` nor on this machine. */
  constructor({ authority, registrations, clock, fetch, ...options }: MicrosoftOptions) {
    const { defaultClientId, readFile = Deno.readTextFileSync } = options;
    this.authority = new URL(authority);
    this.defaultClientId = defaultClientId;
    this.#clock = clock;
    const requests = this.#requests = new Requests({ authority: this.authority, fetch, clock });
    const discoveries = new Map(
      registrations.map(({ tenant }) => [
        tenant,
        new Discovery({ authority: this.authority, tenant, requests, clock }),
      ]),
    );
    this.#registrations = new Map(registrations.map((one) => [one.clientId, {
      ...one,
      proof: proofOf(one, readFile),
      discovery: discoveries.get(one.tenant)!,
    }]));
  }

  /** Whether this registration is (still) configured. */
  hasRegistration(clientId: string): boolean {
    return this.#registrations.has(clientId);
  }

  /** Returns all registrations, in the order of the settings. */
  registrations(): readonly RegistrationStatus[] {
    return [...this.#registrations.values()].map(statusOf);
  }

  /**
   * Returns the address to which the browser is sent for a sign-in.
   *
   * @throws {MicrosoftError} `temporary`, or `registration` when the registration is not configured.
   */
  async authorizationUrl(request: AuthorizationRequest): Promise<URL> {
    const [{ authorization_endpoint: endpoint }] = await atSignIn(this.#call(request.clientId));
    const url = new URL(endpoint!);
    const parameters: Readonly<Record<string, string | undefined>> = {
      client_id: request.clientId,
      response_type: "code",
      response_mode: "query",
      redirect_uri: request.redirectUri,
      scope: this.#signInScope,
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
   * Returns the address at which an administrator consents for a whole organisation; undefined where only personal accounts
   * may sign in.
   */
  adminConsentUrl({ clientId, redirectUri, tenantId }: AdminConsentRequest): URL | undefined {
    const own = this.#registrations.get(clientId)?.tenant;
    if (own === undefined || kindIn(own) === "personal") return undefined;
    const tenant = tenantId ?? (own === "common" ? "organizations" : own);
    const url = new URL(`${issuerOf(this.authority, tenant)}/adminconsent`);
    url.search = new URLSearchParams({
      client_id: clientId,
      scope: this.#signInScope,
      redirect_uri: redirectUri,
      state: ADMIN_CONSENT_STATE,
    }).toString();
    return url;
  }

  /**
   * Checks the answer to an authorization request and redeems its code.
   *
   * @param callback The address that the browser came back to.
   * @throws {MicrosoftError}
   */
  complete(callback: URL, request: AuthorizationRequest): Promise<SignedIn> {
    return atSignIn(this.#complete(callback, request));
  }

  async #complete(callback: URL, request: AuthorizationRequest): Promise<SignedIn> {
    const call = await this.#call(request.clientId);
    const [server, client] = call;
    const { tenant } = this.#registration(request.clientId);
    const { redirectUri, codeVerifier, state, nonce: expectedNonce } = request;
    return await this.#requests.run(async (options) => {
      const expected = this.#withIssuerOf(callback, server, tenant);
      const parameters = oauth.validateAuthResponse(expected, client, callback, state);
      const grant = [...call, parameters, redirectUri, codeVerifier, options] as const;
      const response = await oauth.authorizationCodeGrantRequest(...grant);
      const checks = { expectedNonce, requireIdToken: true };
      const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, checks);
      const signedIn = await this.#signedIn(call, response, tokens, options);
      checkIssuer(callback, signedIn.identity);
      return signedIn;
    }, kindIn(tenant));
  }

  /**
   * Fetches a new access token (RFC 6749 section 6).
   *
   * @param kind Of the account: for the words of an error.
   * @throws {MicrosoftError} `sign-in-required` when the refresh token is certainly dead, `registration`, or `temporary`.
   */
  async refresh(
    clientId: string,
    refreshToken: string,
    kind?: AccountKind,
  ): Promise<RefreshedTokens> {
    const call = await this.#call(clientId);
    const { tenant } = this.#registration(clientId);
    const [server] = call;
    const client = { ...call[1], [oauth.clockTolerance]: ANY_CLOCK_TOLERANCE_S };
    const additionalParameters = { scope: this.#signInScope };
    return await this.#requests.run(async (options) => {
      const grant = { ...options, additionalParameters };
      const response = await oauth.refreshTokenGrantRequest(...call, refreshToken, grant);
      const withoutNames = await withoutIdToken(response.clone());
      const process = (answer: Response) =>
        oauth.processRefreshTokenResponse(server, client, answer);
      const tokens = await process(response).catch((error) => {
        // An id_token that we do not understand must not stop mail.
        if (withoutNames) return process(withoutNames);
        throw error;
      });
      const claims = oauth.getValidatedIdTokenClaims(tokens);
      const names = claims && confirmedNames(claims, !isTenantGroup(tenant));
      return { ...this.#issued(tokens), refreshToken: tokens.refresh_token, names };
    }, kind ?? kindIn(tenant));
  }

  /**
   * Fetches an access token of a registration itself (RFC 6749 section 4.4): it serves all mailboxes of the organisation that
   * the registration may open.
   *
   * @throws {MicrosoftError} `registration`, `temporary` or `refused`.
   */
  async applicationToken(clientId: string): Promise<IssuedToken> {
    this.#checkSuitable(clientId);
    const call = await this.#call(clientId);
    const [server, client] = call;
    const parameters = { scope: this.#applicationScope };
    return await this.#requests.run(async (options) => {
      const response = await oauth.clientCredentialsGrantRequest(...call, parameters, options);
      const tokens = await oauth.processClientCredentialsResponse(server, client, response);
      return this.#issued(tokens);
    }, "mailbox");
  }

  /**
   * Returns the id of the one organisation that a registration belongs to: a GUID. A domain has to be looked up for it.
   *
   * @throws {MicrosoftError} `registration` when it belongs to no single organisation; `temporary`.
   */
  async tenantIdOf(clientId: string): Promise<string> {
    this.#checkSuitable(clientId);
    const { tenant, discovery } = this.#registration(clientId);
    if (isGuid(tenant)) return tenant;
    const resolved = resolveTenant(tenant, (await discovery.metadata()).issuer, this.authority);
    if (isGuid(resolved)) return resolved;
    throw notForMailboxes(
      clientId,
      `belongs to ${tenant}, for which Microsoft names no tenant`,
      "Give the tenant's ID instead of its domain.",
    );
  }

  /** @throws {MicrosoftError} when a registration cannot have tokens of its own. */
  #checkSuitable(clientId: string): void {
    const { tenant, authentication } = this.#registration(clientId);
    if (!isOrganisation(tenant)) {
      throw notForMailboxes(
        clientId,
        `is for ${tenant}, not for one organisation`,
        "Write it as application-id@tenant-id in APP_SECRETS, or set MICROSOFT_TENANT to the organisation's tenant ID.",
      );
    }
    if (authentication.kind === "none") {
      throw notForMailboxes(
        clientId,
        "has nothing to prove itself with (APP_PUBLIC_IDS)",
        "Use a registration with a certificate, a secret or a token file.",
      );
    }
  }

  /**
   * Starts a sign-in for a machine without a browser.
   *
   * @throws {MicrosoftError} `temporary` or `registration`.
   */
  async beginDeviceSignIn(clientId = this.defaultClientId): Promise<DeviceSignIn<SignedIn>> {
    const call = await atSignIn(this.#call(clientId));
    const [server, client] = call;
    const parameters = { scope: this.#signInScope };
    const device = await atSignIn(this.#requests.run(async (options) => {
      const response = await oauth.deviceAuthorizationRequest(...call, parameters, options);
      return await oauth.processDeviceAuthorizationResponse(server, client, response);
    }, this.#kindOf(clientId)));
    const poll = () => this.#pollDevice(call, device.device_code);
    return deviceSignIn(device, poll, this.#clock);
  }

  #pollDevice(call: Call, deviceCode: string): Promise<SignedIn | number> {
    const [server, client] = call;
    return atSignIn(this.#requests.run(async (options) => {
      const response = await oauth.deviceCodeGrantRequest(...call, deviceCode, options);
      try {
        const tokens = await oauth.processDeviceCodeResponse(server, client, response);
        return await this.#signedIn(call, response, tokens, options);
      } catch (error) {
        return pendingSeconds(error);
      }
    }, this.#kindOf(client.client_id)));
  }

  /** The kind of all accounts of a registration; undefined: it has both. */
  #kindOf(clientId: string): AccountKind | undefined {
    return kindIn(this.#registration(clientId).tenant);
  }

  async #signedIn(
    [server, { client_id: clientId }]: Call,
    response: Response,
    tokens: oauth.TokenEndpointResponse,
    options: RequestOptions,
  ): Promise<SignedIn> {
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    if (!claims) throw untrustedResponse("Microsoft did not say who signed in (no id_token).");
    await oauth.validateApplicationLevelSignature(server, response, options);
    const { refresh_token: refreshToken } = tokens;
    if (!refreshToken) {
      throw incompleteAnswer("no_refresh_token", "refresh token", "offline_access");
    }
    const obtainedAtMs = this.#clock.now();
    return {
      identity: identityOf(claims, !isTenantGroup(this.#registration(clientId).tenant)),
      clientId,
      tokens: { ...this.#issued(tokens), refreshToken, obtainedAtMs },
    };
  }

  #issued(tokens: oauth.TokenEndpointResponse): IssuedToken {
    const lifetimeMs = (tokens.expires_in ?? DEFAULT_LIFETIME_S) * SECOND_MS;
    return {
      accessToken: tokens.access_token,
      accessTokenExpiresAtMs: this.#clock.now() + lifetimeMs,
    };
  }

  async #call(clientId: string): Promise<Call> {
    const { proof, discovery } = this.#registration(clientId);
    const client = {
      client_id: clientId,
      [oauth.clockTolerance]: CLOCK_TOLERANCE_S,
      // oauth4webapi reads the machine's clock; this makes it ours.
      [oauth.clockSkew]: Math.round((this.#clock.now() - Date.now()) / SECOND_MS),
    };
    return [await discovery.metadata(), client, await proof.authentication()];
  }

  #registration(clientId: string): Registration {
    const registration = this.#registrations.get(clientId);
    if (!registration) throw missingRegistration(clientId);
    return registration;
  }

  /** An identity, a refresh token, and sending. */
  get #signInScope(): string {
    return `openid profile email ${this.#mailScope}`;
  }

  get #mailScope(): string {
    const service = NATIONAL_MAIL_SERVICES[this.authority.hostname] ?? PUBLIC_MAIL_SERVICE;
    return `offline_access ${service}/SMTP.Send`;
  }

  /** All application permissions that an administrator has consented to, such as SMTP.SendAsApp. */
  get #applicationScope(): string {
    const national = NATIONAL_MAIL_SERVICES[this.authority.hostname];
    return `${national ?? PUBLIC_APPLICATION_SERVICE}/.default`;
  }

  /** An `iss` in the answer (RFC 9207) names a tenant, where metadata for several tenants have a placeholder. */
  #withIssuerOf(
    callback: URL,
    server: oauth.AuthorizationServer,
    tenant: string,
  ): oauth.AuthorizationServer {
    const issuer = callback.searchParams.get("iss");
    const ours = issuer !== null && isAdmittedIssuer(issuer, this.authority, tenant);
    return ours ? { ...server, issuer } : server;
  }
}

/** Returns the kind of all accounts of a tenant or a group of them; undefined: there are both. */
function kindIn(tenant: string): AccountKind | undefined {
  if (tenant === "common") return undefined;
  return tenant === "consumers" ? "personal" : "work";
}

function statusOf(
  { clientId, tenant, authentication: { kind }, proof }: Registration,
): RegistrationStatus {
  const sendsForMailboxes = isOrganisation(tenant) && kind !== "none";
  const known = { clientId, tenant, authentication: kind, sendsForMailboxes };
  try {
    return { ...known, endsAtMs: proof.endsAtMs() };
  } catch (error) {
    if (!(error instanceof MicrosoftError)) throw error;
    return { ...known, problem: error };
  }
}

/** Returns the same answer without its id_token; undefined: it has none. */
async function withoutIdToken(answer: Response): Promise<Response | undefined> {
  const body = await answer.json().catch(() => ({})); // Not JSON: its reader will say so.
  if (!body?.id_token) return undefined;
  return Response.json({ ...body, id_token: undefined }, { status: answer.status });
}

/** An answer that names a tenant has to be of the tenant that the id_token names. */
function checkIssuer(callback: URL, { tenantId }: MicrosoftIdentity): void {
  const named = callback.searchParams.get("iss")?.split("/").at(-2);
  if (isGuid(named) && named !== tenantId) {
    throw untrustedResponse("The answer names another tenant than the id_token (iss).");
  }
}

/** Puts an error into words for somebody at the sign-in page. */
async function atSignIn<Result>(step: Promise<Result>): Promise<Result> {
  try {
    return await step;
  } catch (error) {
    throw error instanceof MicrosoftError ? error.atSignIn() : error;
  }
}
