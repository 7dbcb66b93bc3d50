/**
 * The token and the device authorization endpoint: who the client is, and what goes wrong for whom, is decided here;
 * tokens of people come from oidc-provider, tokens of applications from here.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { Clock } from "../../../lib/base/mod.ts";
import { delay } from "../delay.ts";
import type { Directory } from "../directory.ts";
import { fixedTenantId } from "../people.ts";
import type { IdentityStage } from "../troubles/stages.ts";
import type { Subject, Troubles } from "../troubles/troubles.ts";
import { type Application, type Applications, endpointProblem } from "./applications.ts";
import { authenticateClient, type ClientRequest, identifyClient } from "./client_authentication.ts";
import { applyFault, sendJson } from "./endpoint_faults.ts";
import { RefusedRequest } from "../troubles/microsoft_errors.ts";
import { APPLICATION_SCOPE } from "./scope.ts";
import type { ApplicationGrant, TokenStore } from "./token_store.ts";

/** The application permission to send. */
export const SEND_AS_APP = "SMTP.SendAsApp";

const CLIENT_PARAMETERS = ["client_secret", "client_assertion", "client_assertion_type"];

/** By the stage of a grant type: the parameter with what was issued before, and its kind in the store. */
const GRANTS: Readonly<Record<string, readonly [IdentityStage, parameter: string, kind: string]>> =
  {
    authorization_code: ["redemption", "code", "AuthorizationCode"],
    "urn:ietf:params:oauth:grant-type:device_code": ["redemption", "device_code", "DeviceCode"],
    refresh_token: ["refresh", "refresh_token", "RefreshToken"],
  };

/** Parts that the endpoints work with. */
interface TokenEndpointParts {
  /** Base address, without a slash at the end. */
  readonly authority: string;
  readonly applications: Applications;
  readonly directory: Directory;
  readonly troubles: Troubles;
  readonly store: TokenStore;
  readonly clock: Clock;
  /** Aborted when the service stops. */
  readonly signal: AbortSignal;
  /** The secret by which oidc-provider knows every client. */
  readonly internalSecret: string;
  /** Handles a request whose client is known. */
  readonly provide: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** Answers requests of applications. */
export class TokenEndpoint {
  readonly #parts: TokenEndpointParts;

  constructor(parts: TokenEndpointParts) {
    this.#parts = parts;
  }

  /**
   * Answers a request for tokens.
   *
   * @param tenant As in the request's path.
   * @throws {RefusedRequest} with Microsoft's code.
   */
  async token(request: IncomingMessage, response: ServerResponse, tenant: string): Promise<void> {
    const { applications, authority, clock, signal, troubles } = this.#parts;
    const client = await clientRequest(request);
    const presentation = {
      endpoint: `${authority}/${tenant}/oauth2/v2.0/token`,
      nowMs: clock.now(),
    };
    const application = authenticateClient(applications, client, presentation);
    checkEndpoint(application, tenant);
    const { stage, subject } = this.#about(application, client.form, tenant);
    const met = troubles.meet(stage, subject);
    if (met) {
      if (met.delayMs > 0) await delay(clock, met.delayMs, signal);
      const values = this.#values(application, subject, tenant);
      if (await applyFault(met.trouble.fault, response, { clock, signal, values })) return;
    }
    if (stage === "application") return this.#issue(application, client.form, response, tenant);
    await this.#forward(request, client.form, application, response);
  }

  /** Answers a device's request for a code (RFC 8628 section 3.1). @throws {RefusedRequest} */
  async deviceCode(
    request: IncomingMessage,
    response: ServerResponse,
    tenant: string,
  ): Promise<void> {
    const client = await clientRequest(request);
    const application = identifyClient(this.#parts.applications, client);
    checkEndpoint(application, tenant);
    await this.#forward(request, client.form, application, response);
  }

  #about({ id }: Application, form: URLSearchParams, tenant: string) {
    const grantType = form.get("grant_type") ?? "";
    const applicationId = id;
    if (grantType === "client_credentials") {
      const subject: Subject = { applicationId, tenantId: fixedTenantId(tenant) };
      return { stage: "application" as const, subject };
    }
    const [stage, parameter, kind] = GRANTS[grantType] ?? ["redemption", "", ""];
    const objectId = this.#parts.store.accountIn(kind, form.get(parameter) ?? "");
    const person = objectId === undefined
      ? undefined
      : this.#parts.directory.personWithId(objectId);
    return { stage, subject: { applicationId, objectId, tenantId: person?.tenantId } };
  }

  #values({ id, name }: Application, { objectId, tenantId }: Subject, tenant: string) {
    const account = this.#parts.directory.personWithId(objectId ?? "")?.signInName ?? id;
    const resource = "00000002-0000-0ff1-ce00-000000000000";
    return { application: id, name, tenant: tenantId ?? tenant, account, resource };
  }

  /** RFC 6749 section 4.4: a token for the application itself; there is no refresh token. */
  #issue(
    application: Application,
    form: URLSearchParams,
    response: ServerResponse,
    tenant: string,
  ): void {
    const { store } = this.#parts;
    const tenantId = fixedTenantId(tenant);
    if (application.isPublic) throw new RefusedRequest("AADSTS7000218");
    if (tenantId === undefined) throw new RefusedRequest("AADSTS50059");
    checkScope(form.get("scope") ?? "", tenant);
    const isForeign = typeof application.audience !== "object" &&
      !application.sendAsAppTenants.includes(tenantId);
    const values = { application: application.id, tenant: tenantId };
    if (isForeign) throw new RefusedRequest("AADSTS7000229", values);
    const { accessTokenLifetimeS } = store;
    sendJson(response, 200, {
      token_type: "Bearer",
      expires_in: accessTokenLifetimeS,
      ext_expires_in: accessTokenLifetimeS,
      access_token: store.issueApplicationToken(grantOf(application, tenantId)),
    });
  }

  /** Hands a request to oidc-provider, which knows clients by one secret. */
  async #forward(
    request: IncomingMessage,
    form: URLSearchParams,
    { id }: Application,
    response: ServerResponse,
  ): Promise<void> {
    for (const name of CLIENT_PARAMETERS) form.delete(name);
    form.set("client_id", id);
    form.set("client_secret", this.#parts.internalSecret);
    await this.#parts.provide(withBody(request, form.toString()), response);
  }
}

/** Returns what a token of an application says: permissions without an administrator's consent are not in it. */
export function grantOf(
  { id, asksToSendAsApp, sendAsAppTenants }: Application,
  tenantId: string,
): ApplicationGrant {
  const maySend = asksToSendAsApp && sendAsAppTenants.includes(tenantId);
  return { applicationId: id, tenantId, roles: maySend ? [SEND_AS_APP] : [] };
}

function checkEndpoint(application: Application, tenant: string): void {
  const problem = endpointProblem(application, tenant);
  const { id, name } = application;
  if (problem) throw new RefusedRequest(problem, { application: id, name, tenant });
}

function checkScope(scope: string, tenant: string): void {
  if (scope === APPLICATION_SCOPE) return;
  if (!scope.endsWith("/.default")) throw new RefusedRequest("AADSTS1002012", { scope });
  const resource = scope.slice(0, -"/.default".length);
  throw new RefusedRequest("AADSTS500011", { resource, tenant });
}

async function clientRequest(request: IncomingMessage): Promise<ClientRequest> {
  const form = new URLSearchParams(await text(request));
  return { form, authorization: request.headers.authorization };
}

/** The same request with another body, as if it had come so. */
function withBody(request: IncomingMessage, body: string): IncomingMessage {
  const { method, url, httpVersion, httpVersionMajor, httpVersionMinor, socket } = request;
  const { authorization: _used, ...headers } = request.headers;
  const octets = Buffer.from(body);
  return Object.assign(Readable.from([octets]), {
    ...{ method, url, httpVersion, httpVersionMajor, httpVersionMinor, socket },
    headers: { ...headers, "content-length": `${octets.length}` },
  }) as unknown as IncomingMessage;
}
