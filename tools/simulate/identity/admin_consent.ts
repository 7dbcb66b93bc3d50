/**
 * Consent for a whole organisation: Microsoft's `adminconsent` endpoint.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { Directory } from "../directory.ts";
import { belongsTo, fixedTenantId, type Person, PERSONAL_TENANT_ID } from "../people.ts";
import type { Troubles } from "../troubles/troubles.ts";
import { type Application, type Applications, mayRedirectTo } from "./applications.ts";
import { errorParameters, RefusedRequest } from "../troubles/microsoft_errors.ts";
import { consentPage } from "./sign_in_page.tsx";

/** Parts that the endpoint works with. */
interface ConsentContext {
  readonly applications: Applications;
  readonly directory: Directory;
  readonly troubles: Troubles;
}

interface ConsentRequest {
  readonly application: Application;
  readonly tenant: string;
  readonly redirectUri: string;
  readonly state: string | null;
  readonly scope: string | null;
}

/**
 * Shows the page (GET) or takes an administrator's decision (POST): the browser goes to the redirect URI with
 * `admin_consent=True&tenant=…` and without a code.
 *
 * @throws {RefusedRequest} what the person is to see on Microsoft's page.
 */
export async function handleAdminConsent(
  context: ConsentContext,
  tenant: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const consent = parseRequest(context, tenant, url.searchParams);
  const form = request.method === "POST"
    ? new URLSearchParams(await text(request))
    : new URLSearchParams();
  const location = form.has("cancel")
    ? declined(consent)
    : form.has("administrator") && accept(context, consent, form.get("administrator")!);
  if (location) return void response.writeHead(302, { location }).end();
  const administrators = context.directory.people.filter((one) =>
    one.isAdministrator && belongsTo(one, tenant)
  );
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(consentPage({ applicationName: consent.application.name, administrators }));
}

function parseRequest(
  { applications }: ConsentContext,
  tenant: string,
  parameters: URLSearchParams,
): ConsentRequest {
  const id = parameters.get("client_id");
  if (!id) throw new RefusedRequest("AADSTS900144", { parameter: "client_id" });
  const application = applications.get(id);
  if (!application) throw new RefusedRequest("AADSTS700016", { application: id, tenant });
  const values = { application: id, name: application.name, tenant };
  if (fixedTenantId(tenant) === PERSONAL_TENANT_ID) {
    throw new RefusedRequest("AADSTS9002332", values);
  }
  const redirectUri = parameters.get("redirect_uri") ?? "";
  if (!mayRedirectTo(application, redirectUri)) {
    throw new RefusedRequest("AADSTS50011", { ...values, redirect: redirectUri });
  }
  const [state, scope] = [parameters.get("state"), parameters.get("scope")];
  return { application, tenant, redirectUri, state, scope };
}

/** Notes the consent. @returns where the browser goes. */
function accept(
  { applications, directory, troubles }: ConsentContext,
  { application, tenant, redirectUri, state, scope }: ConsentRequest,
  name: string,
): string {
  const person = administrator(directory, application, tenant, name);
  const { tenantId } = person;
  const { id, asksToSendAsApp, sendAsAppTenants } = application;
  if (asksToSendAsApp && !sendAsAppTenants.includes(tenantId)) {
    applications.update(id, { sendAsAppTenants: [...sendAsAppTenants, tenantId] });
  }
  troubles.heal("admin-consent", { tenantId, applicationId: id });
  return withParameters(redirectUri, { admin_consent: "True", tenant: tenantId, state, scope });
}

function administrator(
  directory: Directory,
  { id, name: applicationName }: Application,
  tenant: string,
  name: string,
): Person {
  const person = directory.findPerson(name);
  const values = { application: id, name: applicationName, tenant, account: name };
  if (!person) throw new RefusedRequest("AADSTS50034", values);
  if (!belongsTo(person, tenant)) throw new RefusedRequest("AADSTS50020", values);
  if (!person.isAdministrator) throw new RefusedRequest("AADSTS90093", values);
  return person;
}

function declined({ tenant, redirectUri, state }: ConsentRequest): string {
  const { error_description } = errorParameters("AADSTS65004");
  const tenantId = fixedTenantId(tenant) ?? null;
  return withParameters(redirectUri, {
    error: "consent_required",
    error_description,
    admin_consent: "True",
    tenant: tenantId,
    state,
  });
}

function withParameters(uri: string, parameters: Readonly<Record<string, string | null>>): string {
  const url = new URL(uri);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null) url.searchParams.set(name, value);
  }
  return url.href;
}
