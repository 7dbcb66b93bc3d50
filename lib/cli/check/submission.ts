import type { SubmissionTarget } from "../../../smtp/mod.ts";
import { submissionTarget } from "../../accounts/mod.ts";
import type { Config } from "../../config/mod.ts";
import { errorText } from "../../base/mod.ts";
import { PERSONAL_TENANT_ID } from "../../microsoft/mod.ts";
import { type Check, failure, type Finding, ok } from "./finding.ts";

/** Connects to a submission server up to its EHLO reply under TLS, signs in nowhere, and returns the mechanisms of AUTH. */
export type ProbeSubmission = (
  target: SubmissionTarget,
  config: Config,
) => Promise<readonly string[]>;

const MECHANISM = "XOAUTH2";

/** Any tenant that is not that of the personal accounts. */
const SOME_WORK_TENANT = "";

/** The tenants whose accounts may be here, for the choice of the submission server. */
const TENANTS: Readonly<Record<string, readonly string[]>> = {
  "consumers": [PERSONAL_TENANT_ID],
  "common": [PERSONAL_TENANT_ID, SOME_WORK_TENANT],
};

/** The submission servers that accounts use here. */
export function submissionChecks(config: Config, probe: ProbeSubmission): readonly Check[] {
  const tenants = TENANTS[config.microsoft.tenant] ?? [SOME_WORK_TENANT];
  const targets = new Map(tenants.map((tenantId) => {
    const target = submissionTarget({ tenantId }, config.target);
    return [`${target.host}:${target.port}`, target];
  }));
  return [...targets].map(([address, target]) => ({
    name: "submission server",
    run: async () => [await submissionFinding(address, () => probe(target, config))],
  }));
}

async function submissionFinding(
  address: string,
  probe: () => Promise<readonly string[]>,
): Promise<Finding> {
  try {
    const mechanisms = await probe();
    if (mechanisms.includes(MECHANISM)) {
      return ok(`${address} answers, its certificate holds, and it offers ${MECHANISM}`);
    }
    return failure(
      `${address} does not offer AUTH ${MECHANISM} but ${mechanisms.join(" ") || "nothing"}`,
      "Check SMTP_TARGET_HOST, and whether another server answers in its place.",
    );
  } catch (error) {
    return failure(`${address}: ${errorText(error)}`, remedyFor(error));
  }
}

function remedyFor(error: unknown): string {
  const insecure = error instanceof Error && "fault" in error && error.fault === "insecure";
  return insecure
    ? "Somebody between here and there may be listening in, or the proxy of a company replaces certificates. Nothing is " +
      "sent as long as this lasts."
    : "Check the network, DNS and firewall: many providers block outgoing port 25, some 587 as well.";
}
