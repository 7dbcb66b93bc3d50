/**
 * The submission server of an account.
 *
 * @module
 */
import type { SubmissionTarget } from "../../smtp/mod.ts";
import { PERSONAL_TENANT_ID } from "../microsoft/mod.ts";
import type { Identity } from "../store/mod.ts";

const PERSONAL_HOST = "smtp-mail.outlook.com";
const WORK_HOST = "smtp.office365.com";
const SUBMISSION_PORT = 587;

/** Returns the target for the kind of account, personal or work. The values of `override` take precedence. */
export function submissionTarget(
  { tenantId }: Pick<Identity, "tenantId">,
  { host, port, tls }: Partial<SubmissionTarget>,
): SubmissionTarget {
  return {
    host: host ?? (tenantId === PERSONAL_TENANT_ID ? PERSONAL_HOST : WORK_HOST),
    port: port ?? SUBMISSION_PORT,
    tls: tls ?? "starttls",
  };
}
