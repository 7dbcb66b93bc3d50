import {
  type Dialer,
  formatAddress,
  type SubmissionTarget,
  UpstreamConnection,
} from "../../../smtp/mod.ts";
import { submissionTarget } from "../../accounts/mod.ts";
import { errorText, systemClock } from "../../base/mod.ts";
import type { Config } from "../../config/mod.ts";
import { PERSONAL_TENANT_ID } from "../../microsoft/mod.ts";
import { type Check, failure, type Finding, ok } from "./finding.ts";

const MECHANISM = "XOAUTH2";

/** Any tenant apart from that of the personal accounts. */
const SOME_WORK_TENANT = "";

/** The tenants that accounts can have here, by `MICROSOFT_TENANT`. They decide which submission servers are used. */
const TENANTS: Readonly<Record<string, readonly string[]>> = {
  "consumers": [PERSONAL_TENANT_ID],
  "common": [PERSONAL_TENANT_ID, SOME_WORK_TENANT],
};

/** Returns the checks of the submission servers that accounts use here. */
export function submissionChecks(config: Config, dialer: Dialer): readonly Check[] {
  const tenants = config.registrations.flatMap(({ tenant }) =>
    TENANTS[tenant] ?? [SOME_WORK_TENANT]
  );
  const targets = new Map(tenants.map((tenantId) => {
    const target = submissionTarget({ tenantId }, config.target);
    return [formatAddress(target.host, target.port), target];
  }));
  return [...targets].map(([address, target]) => ({
    name: "submission server",
    run: async () => [await submissionFinding(address, target, config.smtp.greetingName, dialer)],
  }));
}

async function submissionFinding(
  address: string,
  target: SubmissionTarget,
  greetingName: string,
  dialer: Dialer,
): Promise<Finding> {
  try {
    const mechanisms = await probe(target, greetingName, dialer);
    if (mechanisms.includes(MECHANISM)) {
      return ok(`${address} answers, its certificate is valid, and it offers ${MECHANISM}`);
    }
    return failure(
      `${address} does not offer AUTH ${MECHANISM} but ${mechanisms.join(" ") || "nothing"}`,
      "Check SMTP_TARGET_HOST, and whether another server answers in its place.",
    );
  } catch (error) {
    return failure(`${address}: ${errorText(error)}`, remedyFor(error));
  }
}

/** Connects up to the EHLO reply under TLS, without signing in. @returns the mechanisms of AUTH. */
async function probe(
  target: SubmissionTarget,
  greetingName: string,
  dialer: Dialer,
): Promise<readonly string[]> {
  const connection = await UpstreamConnection.open({
    target,
    greetingName,
    dialer,
    clock: systemClock,
  });
  await connection.quit();
  return connection.parametersOf("AUTH").split(" ");
}

function remedyFor(error: unknown): string {
  const insecure = error instanceof Error && "fault" in error && error.fault === "insecure";
  return insecure
    ? "Someone may be intercepting the connection, or a company's proxy replaces certificates. Until this is solved, nothing " +
      "is sent."
    : "Check the network, DNS and firewall: many providers block outgoing port 25, some also block 587.";
}
