/**
 * A stand-in for Microsoft's identity service on this machine: OpenID Connect with Microsoft's paths, issuers, claims
 * and errors, on top of npm's oidc-provider. A test or a benchmark can make it fail.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
// @ts-types="@types/oidc-provider"
import type Provider from "oidc-provider";
import { discoveryDocument } from "./discovery.ts";
import { closeServer, listenOnLoopback } from "./loopback.ts";
import { type Application, createProvider } from "./oidc.ts";
import { type Person, person, SIMULATED_PEOPLE } from "./people.ts";
import { messagePage } from "./sign_in_page.tsx";
import { handleSignIn } from "./sign_in.ts";
import { applyFault, sendJson, type TokenFault } from "./token_faults.ts";
import { TokenStore } from "./token_store.ts";

export type { AadstsCode } from "./microsoft_errors.ts";
export type { Application } from "./oidc.ts";
export { type Person, person, PERSONAL_TENANT_ID, SIMULATED_PEOPLE } from "./people.ts";
export type { TokenFault } from "./token_faults.ts";

const SIGN_IN_PATH = "/simulation/sign-in/";
/** A path of Microsoft's: a tenant, and what follows. */
const TENANT_PATH =
  /^\/([\w.-]+)(\/oauth2\/v2\.0\/\w+|\/discovery\/v2\.0\/keys|\/v2\.0\/\.well-known\/openid-configuration)$/;
const ACCESS_TOKEN_LIFETIME_S = 3600;
const SUPERSEDED_REFRESH_TOKEN_LIFETIME_S = 300;

/** The app registration where none is given. */
export const DEMO_APPLICATION: Application = {
  id: "11111111-2222-4333-8444-555555555555",
  secret: "simulated-client-secret",
};

/** Settings of an {@linkcode IdentityProvider}. */
export interface IdentityProviderOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Default: {@linkcode DEMO_APPLICATION}. */
  readonly applications?: readonly Application[];
  /** Whom the sign-in page offers; any other address can be typed. */
  readonly people?: readonly Person[];
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
  /** How the token endpoint misbehaves from now on; `undefined`: not at all. */
  tokenFault: TokenFault | undefined;

  readonly #server: Server;
  readonly #provider: Provider;
  readonly #store: TokenStore;
  readonly #offered: readonly Person[];
  readonly #people: Map<string, Person>;
  #tokenRequests = 0;

  private constructor(parts: Parts) {
    this.authority = parts.authority;
    this.#server = parts.server;
    this.#provider = parts.provider;
    this.#store = parts.store;
    this.#people = parts.people;
    this.#offered = [...parts.people.values()];
    this.#server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      this.#handle(request, response).catch((error) => refuse(response, error));
    });
  }

  /** Starts one. @throws when the port is taken. */
  static async start(options: IdentityProviderOptions = {}): Promise<IdentityProvider> {
    const server = createServer();
    const authority = `http://localhost:${await listenOnLoopback(server, options.port)}`;
    const people = new Map((options.people ?? SIMULATED_PEOPLE).map((one) => [one.objectId, one]));
    const store = new TokenStore(
      options.accessTokenLifetimeS ?? ACCESS_TOKEN_LIFETIME_S,
      options.supersededRefreshTokenLifetimeS ?? SUPERSEDED_REFRESH_TOKEN_LIFETIME_S,
    );
    const provider = await createProvider({
      authority,
      applications: options.applications ?? [DEMO_APPLICATION],
      store,
      findPerson: (objectId) => people.get(objectId),
      signInPath: SIGN_IN_PATH,
      onSignIn: options.onSignIn ?? (() => {}),
    });
    return new IdentityProvider({ authority, server, provider, store, people });
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

  /** Whose mailbox an access token opens; `undefined` for an unknown, expired or revoked one. */
  verifyAccessToken(token: string): Person | undefined {
    const objectId = this.#store.accountOf(token);
    return objectId === undefined ? undefined : this.#people.get(objectId);
  }

  /** Issues an access token without any request: for tests of the submission server alone. */
  issueAccessToken(address: string): string {
    return this.#store.issueAccessToken(this.#findOrCreate(address).objectId);
  }

  /** Makes someone's access tokens worthless at the submission server. */
  revokeAccessTokens(address: string): void {
    this.#store.revoke("AccessToken", this.#findOrCreate(address).objectId);
  }

  /** Makes someone's refresh tokens worthless: the next refresh gets AADSTS50173. */
  revokeRefreshTokens(address: string): void {
    this.#store.revoke("RefreshToken", this.#findOrCreate(address).objectId);
  }

  /** Stops listening and cuts every connection; what was issued stays valid. */
  async stop(): Promise<void> {
    await closeServer(this.#server);
  }

  /** Listens again, on the same port, after {@linkcode stop}. */
  async restart(): Promise<void> {
    await listenOnLoopback(this.#server, Number(new URL(this.authority).port));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.authority);
    if (url.pathname.startsWith(SIGN_IN_PATH)) return await this.#signIn(request, response);
    const [, tenant = "", path = url.pathname] = TENANT_PATH.exec(url.pathname) ?? [];
    if (path.endsWith("/openid-configuration")) {
      return sendJson(response, 200, discoveryDocument(this.authority, tenant));
    }
    if (path.endsWith("/token")) {
      this.#tokenRequests++;
      if (this.tokenFault && await applyFault(this.tokenFault, response)) return;
    }
    if (path.endsWith("/authorize")) addPrompts(url.searchParams, tenant);
    request.url = path + url.search;
    await this.#provider.callback()(request, response);
  }

  async #signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const context = {
      provider: this.#provider,
      people: this.#offered,
      findOrCreate: (address: string) => this.#findOrCreate(address),
    };
    await handleSignIn(context, request, response);
  }

  #findOrCreate(address: string): Person {
    const known = this.#people.values().find((one) =>
      one.address.toLowerCase() === address.toLowerCase()
    );
    const found = known ?? person(address);
    this.#people.set(found.objectId, found);
    return found;
  }
}

interface Parts {
  readonly authority: string;
  readonly server: Server;
  readonly provider: Provider;
  readonly store: TokenStore;
  readonly people: Map<string, Person>;
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

function refuse(response: ServerResponse, error: Error): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(400, { "content-type": "text/html; charset=utf-8" });
  response.end(messagePage("Sign-in failed", error.message));
}
