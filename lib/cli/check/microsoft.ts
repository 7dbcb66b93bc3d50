import type { AppRegistration, Config } from "../../config/mod.ts";
import {
  endOf,
  type Microsoft,
  MicrosoftError,
  type MicrosoftFailure,
  type RegistrationStatus,
} from "../../microsoft/mod.ts";
import { openMicrosoft } from "../../program/mod.ts";
import { systemClock } from "../../base/mod.ts";
import { type Check, failure, type Finding, ok, type Status, warning } from "./finding.ts";

/** Not a real refresh token: Microsoft's reply shows whether it accepts the app registration. */
const NO_REFRESH_TOKEN = "check";

const NETWORK_REMEDY =
  "Check this machine's network, DNS, firewall and clock, and MICROSOFT_TENANT and MICROSOFT_AUTHORITY.";

/** The request is never sent. */
const UNUSED = "check";

/** Returns the checks of Microsoft's identity service and the app registrations there. */
export function microsoftChecks(config: Config): readonly Check[] {
  const microsoft = openMicrosoft(config);
  return [
    { name: "identity service", run: async () => [await discoveryFinding(microsoft, config)] },
    ...config.registrations.map((registration) => ({
      name: "app registration",
      run: async () => [
        await registrationFinding(microsoft, registration),
        ...microsoft.registrations().filter((one) => one.clientId === registration.clientId)
          .flatMap((one) => endFinding(one) ?? []),
      ],
    })),
  ];
}

/** Returns a warning of a secret or a certificate that ends; undefined if there is none. */
export function endFinding(registration: RegistrationStatus): Finding | undefined {
  const end = endOf(registration, systemClock.now());
  if (!end) return undefined;
  const { stage, message, remedy } = end;
  return stage === "past" ? failure(message, remedy) : warning(message, remedy);
}

async function discoveryFinding(
  microsoft: Microsoft,
  { microsoft: { authority, tenant } }: Config,
): Promise<Finding> {
  try {
    // This only asks the service for its endpoints.
    await microsoft.authorizationUrl({
      clientId: microsoft.defaultClientId,
      redirectUri: "http://localhost",
      state: UNUSED,
      nonce: UNUSED,
      codeVerifier: UNUSED,
    });
    return ok(`${authority} answers for ${tenant}`);
  } catch (error) {
    if (!(error instanceof MicrosoftError)) throw error;
    const { title, code, cause } = error.explanation;
    return failure(
      `${authority}/${tenant}: ${title} (${code}). ${cause}`,
      NETWORK_REMEDY,
    );
  }
}

/** The meaning of a failed renewal for the app registration. */
const STATUS_OF: Readonly<Record<MicrosoftFailure, Status>> = {
  // The token was rejected, so the secret was not.
  "sign-in-required": "ok",
  "registration": "failure",
  "temporary": "failure",
  "refused": "warning",
  "cancelled": "warning",
  "untrusted": "warning",
};

/** The proof of a registration, in words. */
const PROOFS: Readonly<Record<RegistrationStatus["authentication"], string>> = {
  "secret": " and its secret",
  "certificate": " and its certificate",
  "token-file": " and the token in its file",
  "none": ", a public client",
};

async function registrationFinding(
  microsoft: Microsoft,
  { clientId, authentication: { kind: authentication } }: AppRegistration,
): Promise<Finding> {
  try {
    await microsoft.refresh(clientId, NO_REFRESH_TOKEN);
  } catch (error) {
    if (!(error instanceof MicrosoftError)) throw error;
    const status = STATUS_OF[error.failure];
    if (status === "ok") return ok(`Microsoft accepts ${clientId}${PROOFS[authentication]}`);
    const { title, code, cause } = error.explanation;
    // The usual remedy is to wait; a person who runs `check` wants it to work now.
    const remedy = error.failure === "temporary" ? NETWORK_REMEDY : error.explanation.remedy;
    return { status, text: `${clientId}: ${title} (${code}). ${cause}`, remedy };
  }
  return ok(`Microsoft accepts ${clientId}`);
}
