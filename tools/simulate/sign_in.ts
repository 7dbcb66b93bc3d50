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
import { errorBody } from "./microsoft_errors.ts";
import { belongsTo, type Person } from "./people.ts";
import { signInPage, type SignInRequest } from "./sign_in_page.tsx";

/** What the sign-in page works with. */
export interface SignInContext {
  readonly provider: Provider;
  /** Whom to offer. */
  readonly people: readonly Person[];
  /** Finds the person with an address, or makes one. */
  readonly findOrCreate: (address: string) => Person;
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
    response.end(signInPage({ ...describe(context, interaction), ...outcome }));
    return;
  }
  const returnTo = await context.provider.interactionResult(request, response, outcome);
  await forgetSession(context.provider, interaction);
  response.writeHead(303, { location: returnTo }).end();
}

/** What the person's choice means. */
function decide(
  { findOrCreate }: SignInContext,
  interaction: Interaction,
  form: URLSearchParams,
): InteractionResults | { problem: string } {
  if (form.has("cancel")) return { error: "access_denied", error_description: "cancelled" };
  const address = form.get("address")?.trim() ?? "";
  if (!/^[^\s@]+@[^\s@]+$/.test(address)) return { problem: "Enter an e-mail address." };
  const person = findOrCreate(address);
  if (!belongsTo(person, parameter(interaction, "tenant") ?? "common")) {
    return { problem: errorBody("AADSTS50020").error_description };
  }
  return { login: { accountId: person.objectId }, select_account: {}, consent: {} };
}

function describe({ people }: SignInContext, interaction: Interaction): SignInRequest {
  const tenant = parameter(interaction, "tenant") ?? "common";
  return {
    applicationId: parameter(interaction, "client_id") ?? "",
    hint: parameter(interaction, "login_hint"),
    people: people.filter((person) => belongsTo(person, tenant)),
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
