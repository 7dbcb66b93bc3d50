/**
 * The metadata of the identity service (OpenID Connect Discovery), fetched when first needed and kept.
 *
 * @module
 */
import * as oauth from "oauth4webapi";
import { type Clock, DAY_MS, MINUTE_MS } from "../base/mod.ts";
import { temporary } from "./errors.ts";
import { expectedIssuer, isIssuerOf, issuerOf, resolveTenant } from "./issuer.ts";
import type { Requests } from "./requests.ts";

const MAX_AGE_MS = DAY_MS;
/** Pause after a failed renewal of metadata that we still have. */
const RETRY_MS = 10 * MINUTE_MS;

/** The endpoints in use. None may lie outside the authority: a secret goes to the token endpoint. */
const ENDPOINTS = [
  "authorization_endpoint",
  "token_endpoint",
  "jwks_uri",
  "device_authorization_endpoint",
] as const;

/**
 * Hooks that oauth4webapi documents for Entra ID, whose metadata does not name the issuer that its tokens name. They are
 * exported, but not declared.
 */
const { _nodiscoverycheck, _expectedIssuer } = oauth as unknown as {
  readonly _nodiscoverycheck: URL;
  readonly _expectedIssuer: symbol;
};

/** Dependencies and settings of {@linkcode Discovery}. */
export interface DiscoveryOptions {
  readonly authority: URL;
  readonly tenant: string;
  readonly requests: Requests;
  readonly clock: Pick<Clock, "now">;
}

/** Provides the metadata. Nothing is fetched before it is needed: the program starts while the service is down. */
export class Discovery {
  readonly #options: DiscoveryOptions;
  #metadata: oauth.AuthorizationServer | undefined;
  #staleAtMs = 0;
  #inFlight: Promise<oauth.AuthorizationServer> | undefined;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  /**
   * Returns the metadata; old ones are renewed in the background.
   *
   * @throws {MicrosoftError} `temporary` when there are none yet and the service does not answer.
   */
  metadata(): Promise<oauth.AuthorizationServer> {
    const fresh = this.#options.clock.now() < this.#staleAtMs;
    if (this.#metadata && fresh) return Promise.resolve(this.#metadata);
    this.#inFlight ??= this.#renew().finally(() => this.#inFlight = undefined);
    if (!this.#metadata) return this.#inFlight;
    this.#inFlight.catch(() => this.#staleAtMs = this.#options.clock.now() + RETRY_MS);
    return Promise.resolve(this.#metadata);
  }

  async #renew(): Promise<oauth.AuthorizationServer> {
    const { authority, tenant, requests, clock } = this.#options;
    const issuer = new URL(issuerOf(authority, tenant));
    const metadata = await requests.run(async (options) => {
      const response = await oauth.discoveryRequest(issuer, options);
      return await oauth.processDiscoveryResponse(_nodiscoverycheck, response);
    });
    checkMetadata(metadata, authority, tenant);
    this.#staleAtMs = clock.now() + MAX_AGE_MS;
    const resolved = resolveTenant(tenant, metadata.issuer, authority);
    return this.#metadata = { ...metadata, ...issuerHook(authority, resolved) };
  }
}

/** Makes oauth4webapi compare `iss` with what the token's own `tid` demands. */
function issuerHook(authority: URL, tenant: string): object {
  return {
    [_expectedIssuer]: ({ claims }: { claims: oauth.IDToken }) =>
      expectedIssuer(authority, tenant, claims.tid),
  };
}

function checkMetadata(metadata: oauth.AuthorizationServer, authority: URL, tenant: string): void {
  if (!isIssuerOf(metadata.issuer, authority, tenant)) throw temporary("unexpected_issuer");
  for (const name of ENDPOINTS) {
    const endpoint = metadata[name];
    if (endpoint === undefined && name === "device_authorization_endpoint") continue;
    if (!endpoint || !URL.canParse(endpoint) || new URL(endpoint).origin !== authority.origin) {
      throw temporary(`unexpected_${name}`);
    }
  }
}
