/**
 * Authenticates applications at the token endpoint: by secret, by assertion, or not at all.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Application, Applications } from "./applications.ts";
import {
  ASSERTION_TYPE,
  checkAssertion,
  clientIdIn,
  type Presentation,
} from "./client_assertion.ts";
import { RefusedRequest } from "../troubles/microsoft_errors.ts";

/** The parts of a request that identify its client. */
export interface ClientRequest {
  readonly form: URLSearchParams;
  /** The header of that name. */
  readonly authorization: string | undefined;
}

interface Credentials {
  readonly clientId: string | undefined;
  readonly secret: string | undefined;
  readonly assertion: string | undefined;
}

/**
 * Finds the application of a request and checks its proof.
 *
 * @throws {RefusedRequest} with Microsoft's code.
 */
export function authenticateClient(
  applications: Applications,
  request: ClientRequest,
  presentation: Presentation,
): Application {
  const credentials = credentialsIn(request);
  const application = findApplication(applications, credentials.clientId);
  checkProof(application, credentials, presentation);
  return application;
}

/** Finds the application without any proof, as the device authorization endpoint does. @throws {RefusedRequest} */
export function identifyClient(applications: Applications, request: ClientRequest): Application {
  return findApplication(applications, credentialsIn(request).clientId);
}

function findApplication(applications: Applications, clientId: string | undefined): Application {
  if (!clientId) throw new RefusedRequest("AADSTS900144", { parameter: "client_id" });
  const application = applications.get(clientId);
  if (!application) throw new RefusedRequest("AADSTS700016", { application: clientId });
  return application;
}

function checkProof(
  application: Application,
  { secret, assertion }: Credentials,
  presentation: Presentation,
): void {
  const hasProof = secret !== undefined || assertion !== undefined;
  if (application.isPublic) {
    if (hasProof) throw new RefusedRequest("AADSTS700025");
    return;
  }
  if (!hasProof) throw new RefusedRequest("AADSTS7000218");
  if (assertion !== undefined) checkAssertion(application, assertion, presentation);
  else checkSecret(application, secret!, presentation.nowMs);
}

function checkSecret({ id, secrets }: Application, secret: string, nowMs: number): void {
  const known = secrets.find(({ value }) => value === secret);
  if (!known) throw new RefusedRequest("AADSTS7000215", { application: id });
  const hasEnded = known.endsAtMs !== undefined && known.endsAtMs <= nowMs;
  if (hasEnded) throw new RefusedRequest("AADSTS7000222", { application: id });
}

function credentialsIn({ form, authorization }: ClientRequest): Credentials {
  const [, basic] = /^Basic (.+)$/i.exec(authorization ?? "") ?? [];
  if (basic !== undefined) return basicCredentials(basic);
  const isAssertion = form.get("client_assertion_type") === ASSERTION_TYPE;
  const assertion = (isAssertion ? form.get("client_assertion") : undefined) ?? undefined;
  return {
    clientId: form.get("client_id") ?? (assertion && clientIdIn(assertion)),
    secret: form.get("client_secret") ?? undefined,
    assertion,
  };
}

/** Parses HTTP Basic credentials, which are form-encoded (RFC 6749 section 2.3.1). */
function basicCredentials(encoded: string): Credentials {
  const decoded = Buffer.from(encoded, "base64").toString();
  const [clientId = "", secret = ""] = decoded.split(":").map((part) =>
    decodeURIComponent(part.replaceAll("+", " "))
  );
  return { clientId, secret, assertion: undefined };
}
