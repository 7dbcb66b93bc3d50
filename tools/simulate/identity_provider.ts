/**
 * A stand-in for Microsoft's identity service on this machine: OpenID Connect with Microsoft's paths, issuers, claims
 * and errors, on top of npm's oidc-provider. A test, a benchmark or the panel can make it fail.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
// @ts-types="@types/oidc-provider"
import type Provider from "oidc-provider";
import { type Clock, systemClock } from "../../lib/base/mod.ts";
import { Directory } from "./directory.ts";
import { handleAdminConsent } from "./identity/admin_consent.ts";
import { type Application, Applications, endpointProblem } from "./identity/applications.ts";
import { discoveryDocument } from "./identity/discovery.ts";
import { applyFault, sendError, sendJson } from "./identity/endpoint_faults.ts";
import { errorBody, RefusedRequest } from "./troubles/microsoft_errors.ts";
import { createProvider } from "./identity/oidc.ts";
import { handleSignIn } from "./identity/sign_in.ts";
import { messagePage } from "./identity/sign_in_page.tsx";
import { grantOf, SEND_AS_APP, TokenEndpoint } from "./identity/token_endpoint.ts";
import { type RevocableKind, TokenStore } from "./identity/token_store.ts";
import { closeServer, listenOnLoopback } from "./loopback.ts";
import { type Person, tenantIdOf } from "./people.ts";
import type { TokenHolder } from "./submission/admission.ts";
import type { TokenFault } from "./troubles/identity_troubles.ts";
import { type Scope, Troubles } from "./troubles/troubles.ts";

export {
  type Application,
  application,
  type ClientSecret,
  DEMO_APPLICATION,
  type FederatedCredential,
  OFFICE_APPLICATION,
  PUBLIC_APPLICATION,
} from "./identity/applications.ts";
export type { AadstsCode } from "./troubles/microsoft_errors.ts";
export type { TokenFault } from "./troubles/identity_troubles.ts";
export { type Person, person, PERSONAL_TENANT_ID, SIMULATED_PEOPLE } from "./people.ts";

const SIGN_IN_PATH = "/simulation/sign-in/";
/** A path of Microsoft's: a tenant, and what follows. */
const TENANT_PATH =
  /^\/([\w.-]+)(\/oauth2\/v2\.0\/\w+|\/discovery\/v2\.0\/keys|\/v2\.0\/adminconsent|\/v2\.0\/\.well-known\/openid-configuration)$/;
const ACCESS_TOKEN_LIFETIME_S = 3600;
const SUPERSEDED_REFRESH_TOKEN_LIFETIME_S = 300;

/** An endpoint that can be made to fail for everybody. */
type Endpoint = "discovery" | "keys" | "authorize" | "token";

const ENDPOINTS: Readonly<Record<Endpoint, RegExp>> = {
  discovery: /\/openid-configuration$/,
  keys: /\/keys$/,
  authorize: /\/authorize$/,
  token: /\/token$/,
};

/** Settings of an {@linkcode IdentityProvider}. */
interface IdentityProviderOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Default: one with a secret, one of an organisation's own, one without a secret. */
  readonly applications?: readonly Application[];
  /** Default: the simulated people. */
  readonly directory?: Directory;
  /** Default: none. */
  readonly troubles?: Troubles;
  readonly clock?: Clock;
  /** Default: 3600. */
  readonly accessTokenLifetimeS?: number;
  /** How long a refresh token stays good after its successor was issued. Default: 300. */
  readonly supersededRefreshTokenLifetimeS?: number;
  /** Called after an authorization code was redeemed. */
  readonly onSignIn?: (person: Person) => void;
}

/** The simulated identity service. It listens on the loopback interface only. */
export class IdentityProvider implements AsyncDisposable {
  /** Base address for `MICROSOFT_AUTHORITY`, without a slash at the end. */
  readonly authority: string;
  /** The app registrations. */
  readonly applications: Applications;
  /** The people, mailboxes and rights. */
  readonly directory: Directory;
  /** Switches for everything that can go wrong. */
  readonly troubles: Troubles;
  /** How endpoints misbehave from now on, for everybody. */
  readonly faults: Partial<Record<Endpoint, TokenFault>> = {};

  readonly #parts: Parts;
  readonly #store: TokenStore;
  readonly #tokenEndpoint: TokenEndpoint;
  #tokenRequests = 0;

  private constructor(parts: Parts) {
    this.authority = parts.authority;
    this.applications = parts.applications;
    this.directory = parts.directory;
    this.troubles = parts.troubles;
    this.#parts = parts;
    this.#store = parts.store;
    this.#tokenEndpoint = new TokenEndpoint({
      ...parts,
      signal: parts.stopping.signal,
      provide: parts.provider.callback(),
    });
    this.troubles.whenAtOnce((scope, { service }) => {
      if (service === "identity") this.#endAccessTokens(scope);
    });
    parts.server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      this.#handle(request, response).catch((error) => refuse(request, response, error));
    });
  }

  /** Starts one. @throws when the port is taken. */
  static async start(options: IdentityProviderOptions = {}): Promise<IdentityProvider> {
    const { clock = systemClock, directory = new Directory({ clock }) } = options;
    const { troubles = new Troubles(directory), onSignIn = () => {} } = options;
    const server = createServer();
    const authority = `http://localhost:${await listenOnLoopback(server, options.port)}`;
    const store = new TokenStore({
      accessTokenLifetimeS: options.accessTokenLifetimeS ?? ACCESS_TOKEN_LIFETIME_S,
      supersededLifetimeS: options.supersededRefreshTokenLifetimeS ??
        SUPERSEDED_REFRESH_TOKEN_LIFETIME_S,
      clock,
    });
    const applications = new Applications(options.applications);
    const internalSecret = randomUUID();
    const common = { authority, applications, directory, troubles, store, internalSecret };
    const provider = await createProvider({ ...common, signInPath: SIGN_IN_PATH, onSignIn });
    const stopping = new AbortController();
    return new IdentityProvider({ ...common, server, provider, clock, stopping });
  }

  /** Requests to the token endpoint so far, refused ones included. */
  get tokenRequests(): number {
    return this.#tokenRequests;
  }

  /** Lifetime of the access tokens issued from now on, seconds. */
  get accessTokenLifetimeS(): number {
    return this.#store.accessTokenLifetimeS;
  }

  set accessTokenLifetimeS(seconds: number) {
    this.#store.accessTokenLifetimeS = seconds;
  }

  /** The pause between two requests that a device is asked to keep from now on, seconds (RFC 8628 section 3.2). */
  set deviceCodeIntervalS(seconds: number) {
    this.#store.deviceCodeIntervalS = seconds;
  }

  /** Returns the owner of an access token; `undefined` for an unknown, expired or revoked one, or an application's. */
  verifyAccessToken(token: string): Person | undefined {
    const objectId = this.#store.accountOf(token);
    return objectId === undefined ? undefined : this.directory.personWithId(objectId);
  }

  /** Returns the person or the application that an access token was issued to. */
  holderOf(token: string): TokenHolder | undefined {
    const person = this.verifyAccessToken(token);
    if (person) return { kind: "person", person };
    const grant = this.#store.applicationOf(token);
    if (!grant) return undefined;
    const { applicationId, tenantId, roles } = grant;
    return { kind: "application", applicationId, tenantId, maySend: roles.includes(SEND_AS_APP) };
  }

  /** Issues an access token without any request: for tests of the submission server alone. */
  issueAccessToken(address: string): string {
    return this.#store.issueAccessToken(this.directory.findOrCreatePerson(address).objectId);
  }

  /** The same for an application itself. @param domain Of the organisation. */
  issueApplicationToken(applicationId: string, domain: string): string {
    const application = this.applications.get(applicationId);
    if (!application) throw new Error(`There is no registration ${applicationId}.`);
    return this.#store.issueApplicationToken(grantOf(application, tenantIdOf(domain)));
  }

  /** Makes someone's access tokens worthless at the submission server. */
  revokeAccessTokens(address: string): void {
    this.#revoke("AccessToken", address);
  }

  /** Makes someone's refresh tokens worthless: the next refresh gets AADSTS50173. */
  revokeRefreshTokens(address: string): void {
    this.#revoke("RefreshToken", address);
  }

  /** Stops listening and cuts every connection; what was issued stays valid. */
  async stop(): Promise<void> {
    await closeServer(this.#parts.server);
  }

  /** Listens again, on the same port, after {@linkcode stop}. */
  async restart(): Promise<void> {
    await listenOnLoopback(this.#parts.server, Number(new URL(this.authority).port));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.stopping.abort();
    await this.stop();
  }

  #revoke(kind: RevocableKind, address: string): void {
    const { objectId } = this.directory.findOrCreatePerson(address);
    this.#store.revoke(kind, (accountId) => accountId === objectId);
  }

  #endAccessTokens(scope: Scope): void {
    this.#store.revoke("AccessToken", (objectId, applicationId) => {
      const tenantId = this.directory.personWithId(objectId)?.tenantId;
      return this.troubles.includes(scope, { objectId, tenantId, applicationId });
    });
    this.#store.revokeApplicationTokens((grant) => this.troubles.includes(scope, grant));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.authority);
    if (url.pathname.startsWith(SIGN_IN_PATH)) {
      return await handleSignIn(this.#parts, request, response);
    }
    const [, tenant = "", path = url.pathname] = TENANT_PATH.exec(url.pathname) ?? [];
    if (path.endsWith("/token")) this.#tokenRequests++;
    if (await this.#misbehaves(path, response)) return;
    if (tenant && !this.directory.hasTenant(tenant)) {
      throw new RefusedRequest("AADSTS90002", { tenant });
    }
    await this.#route(tenant, path, url, request, response);
  }

  async #route(
    tenant: string,
    path: string,
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (path.endsWith("/openid-configuration")) {
      return sendJson(response, 200, discoveryDocument(this.authority, tenant));
    }
    if (path.endsWith("/adminconsent")) {
      return await handleAdminConsent(this.#parts, tenant, request, response);
    }
    if (path.endsWith("/authorize")) {
      this.#checkApplication(url.searchParams, tenant);
      addPrompts(url.searchParams, tenant);
    }
    request.url = path + url.search;
    if (path.endsWith("/token")) return await this.#tokenEndpoint.token(request, response, tenant);
    if (path.endsWith("/devicecode")) {
      return await this.#tokenEndpoint.deviceCode(request, response, tenant);
    }
    await this.#parts.provider.callback()(request, response);
  }

  /** Lets the fault of an endpoint happen. @returns whether it has answered. */
  async #misbehaves(path: string, response: ServerResponse): Promise<boolean> {
    const endpoints = Object.keys(ENDPOINTS) as Endpoint[];
    const fault = this.faults[endpoints.find((name) => ENDPOINTS[name].test(path))!];
    if (!fault) return false;
    const { clock, stopping: { signal } } = this.#parts;
    return await applyFault(fault, response, { clock, signal });
  }

  #checkApplication(parameters: URLSearchParams, tenant: string): void {
    const application = this.applications.get(parameters.get("client_id") ?? "");
    const problem = application && endpointProblem(application, tenant);
    const { id = "", name = "" } = application ?? {};
    if (problem) throw new RefusedRequest(problem, { application: id, name, tenant });
  }
}

interface Parts {
  readonly authority: string;
  readonly applications: Applications;
  readonly directory: Directory;
  readonly troubles: Troubles;
  readonly store: TokenStore;
  readonly internalSecret: string;
  readonly server: Server;
  readonly provider: Provider;
  readonly clock: Clock;
  readonly stopping: AbortController;
}

/**
 * Remembers the tenant for the sign-in page, and asks for consent as OpenID Connect Core section 11 wants it for
 * `offline_access`; Microsoft gives refresh tokens without.
 */
function addPrompts(parameters: URLSearchParams, tenant: string): void {
  if (tenant) parameters.set("tenant", tenant);
  const prompts = parameters.get("prompt")?.split(" ") ?? [];
  if (!prompts.includes("none")) parameters.set("prompt", [...prompts, "consent"].join(" "));
}

/** Applications get Microsoft's JSON, people a page. */
function refuse(request: IncomingMessage, response: ServerResponse, error: Error): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const isForPeople = request.headers.accept?.includes("text/html");
  if (error instanceof RefusedRequest && !isForPeople) {
    return sendError(response, errorBody(error.code, error.values));
  }
  response.writeHead(400, { "content-type": "text/html; charset=utf-8" });
  response.end(messagePage("Sign-in failed", error.message));
}
