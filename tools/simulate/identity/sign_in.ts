/**
 * The interaction of a person with the simulated identity provider: who signs in, or nobody.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
// @ts-types="@types/oidc-provider"
import type Provider from "oidc-provider";
// @ts-types="@types/oidc-provider"
import type { InteractionResults } from "oidc-provider";
import { type Directory, isSame, signInNamesOf } from "../directory.ts";
import { belongsTo, type Person } from "../people.ts";
import type { Troubles } from "../troubles/troubles.ts";
import { type Applications, isMeantFor } from "./applications.ts";
import { type AadstsCode, errorBody, errorParameters } from "../troubles/microsoft_errors.ts";
import { signInPage, type SignInRequest } from "./sign_in_page.tsx";

/** Parts that the sign-in page works with. */
interface SignInContext {
  readonly provider: Provider;
  readonly applications: Applications;
  readonly directory: Directory;
  readonly troubles: Troubles;
}

type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>;

/** Shows the sign-in page (GET) or takes what was chosen on it (POST). */
export async function handleSignIn(
  context: SignInContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const interaction = await context.provider.interactionDetails(request, response);
  const form = new URLSearchParams(request.method === "POST" ? await text(request) : "");
  const outcome = request.method === "POST" ? decide(context, interaction, form) : undefined;
  if (!outcome || "problem" in outcome) {
    response.setHeader("content-type", "text/html; charset=utf-8");
    const typed = form.get("address") ?? parameter(interaction, "login_hint");
    response.end(signInPage({ ...describe(context, interaction), hint: typed, ...outcome }));
    return;
  }
  const returnTo = await context.provider.interactionResult(request, response, outcome);
  await forgetSession(context.provider, interaction);
  response.writeHead(303, { location: returnTo }).end();
}

/** Returns the outcome of the person's choice. */
function decide(
  context: SignInContext,
  interaction: Interaction,
  form: URLSearchParams,
): InteractionResults | { problem: string } {
  if (form.has("cancel")) return { error: "access_denied", error_description: "cancelled" };
  const name = form.get("address")?.trim() ?? "";
  if (!/^[^\s@]+@[^\s@]+$/.test(name)) {
    return { problem: "Enter the name you sign in with: it looks like an e-mail address." };
  }
  const { directory, applications, troubles } = context;
  const tenant = parameter(interaction, "tenant") ?? "common";
  const application = applications.get(parameter(interaction, "client_id") ?? "");
  const { id = "", name: applicationName = "" } = application ?? {};
  const values = { application: id, name: applicationName, tenant, account: name };
  const person = whoSignsIn(directory, name);
  if (typeof person === "string") {
    return { problem: errorBody(person, values).error_description };
  }
  const isFitting = belongsTo(person, tenant) && (!application || isMeantFor(application, person));
  if (!isFitting) return { problem: errorBody("AADSTS50020", values).error_description };
  const subject = {
    objectId: person.objectId,
    tenantId: person.tenantId,
    applicationId: id,
  };
  const met = troubles.meet("authorization", subject);
  const fault = met?.trouble.fault;
  if (fault?.kind === "error") {
    if (met!.onPage) return { problem: errorBody(fault.code, values).error_description };
    return errorParameters(fault.code, values);
  }
  return { login: { accountId: person.objectId }, select_account: {}, consent: {} };
}

/**
 * The person with a name, or why nobody can sign in by it. Personal accounts can be signed in to by every alias, work
 * accounts by the UPN alone, shared mailboxes not at all. An unknown name makes a new person.
 */
function whoSignsIn(directory: Directory, name: string): Person | AadstsCode {
  const mailbox = directory.findMailbox(name);
  if (!mailbox) return directory.findOrCreatePerson(name);
  const { owner } = mailbox;
  if (!owner) return "AADSTS50057";
  return signInNamesOf(owner).some((one) => isSame(one, name)) ? owner : "AADSTS50034";
}

function describe(
  { directory, applications }: SignInContext,
  interaction: Interaction,
): SignInRequest {
  const tenant = parameter(interaction, "tenant") ?? "common";
  const application = applications.get(parameter(interaction, "client_id") ?? "");
  return {
    applicationName: application?.name ?? "An unknown application",
    people: directory.people.filter((person) => belongsTo(person, tenant)),
  };
}

function parameter(interaction: Interaction, name: string): string | undefined {
  const value = interaction.params[name];
  return typeof value === "string" ? value : undefined;
}

/**
 * Lets the browser's session change to another person. A standard provider would ask to sign out first, by a page that
 * needs a script.
 */
async function forgetSession(provider: Provider, { session }: Interaction): Promise<void> {
  const stored = session && await provider.Session.findByUid(session.uid);
  if (!stored) return;
  stored.accountId = undefined;
  await stored.persist();
}
