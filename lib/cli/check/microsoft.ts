import type { Config } from "../../config/mod.ts";
import { type Microsoft, MicrosoftError, type MicrosoftFailure } from "../../microsoft/mod.ts";
import { openMicrosoft } from "../../program/mod.ts";
import { type Check, failure, type Finding, ok, type Status } from "./finding.ts";

/** A refresh token that is none: what Microsoft says about it tells whether it accepts the app registration. */
const NO_REFRESH_TOKEN = "check";

/** The request is never sent. */
const UNUSED = "check";

/** Microsoft's identity service, and the app registrations there. */
export function microsoftChecks(config: Config): readonly Check[] {
  const microsoft = openMicrosoft(config);
  return [
    { name: "identity service", run: () => discoveryFindings(microsoft, config) },
    ...config.registrations.map(({ clientId }) => ({
      name: "app registration",
      run: async () => [await registrationFinding(microsoft, clientId)],
    })),
  ];
}

async function discoveryFindings(
  microsoft: Microsoft,
  { microsoft: { authority, tenant } }: Config,
): Promise<readonly Finding[]> {
  try {
    // Nothing is sent there but the question where its endpoints are.
    await microsoft.authorizationUrl({
      clientId: microsoft.defaultClientId,
      redirectUri: "http://localhost",
      state: UNUSED,
      nonce: UNUSED,
      codeVerifier: UNUSED,
    });
    return [ok(`${authority} answers for ${tenant}`)];
  } catch (error) {
    if (!(error instanceof MicrosoftError)) throw error;
    const { title, code, cause } = error.explanation;
    return [failure(
      `${authority}/${tenant}: ${title} (${code}). ${cause}`,
      "Check this machine's network, DNS, firewall and clock; and MICROSOFT_TENANT and MICROSOFT_AUTHORITY.",
    )];
  }
}

/** What the answer to a refresh token that is none says about the app registration. */
const STATUS_OF: Readonly<Record<MicrosoftFailure, Status>> = {
  // It was the token that was refused, so the secret was not.
  "sign-in-required": "ok",
  "registration": "failure",
  "temporary": "failure",
  "refused": "warning",
  "cancelled": "warning",
  "untrusted": "warning",
};

async function registrationFinding(microsoft: Microsoft, clientId: string): Promise<Finding> {
  try {
    await microsoft.refresh(clientId, NO_REFRESH_TOKEN);
  } catch (error) {
    if (!(error instanceof MicrosoftError)) throw error;
    const status = STATUS_OF[error.failure];
    if (status === "ok") return ok(`Microsoft accepts ${clientId} and its secret`);
    const { title, code, cause, remedy } = error.explanation;
    return { status, text: `${clientId}: ${title} (${code}). ${cause}`, remedy };
  }
  return ok(`Microsoft accepts ${clientId}`);
}
