import { rootCertificates } from "node:tls";
import { systemClock } from "../../base/mod.ts";
import {
  type Certificate,
  chainProblem,
  coversHost,
  parseCertificate,
  readPair,
  validityProblem,
} from "../../certificates/mod.ts";
import type { CertificateFiles, Config } from "../../config/mod.ts";
import { type Check, failure, type Finding, ok, warning } from "./finding.ts";
import { publicWebHost } from "./machine.ts";

/** Returns the checks of the certificates that clients and browsers are shown. */
export function certificateChecks(config: Config): readonly Check[] {
  const { smtp, http } = config;
  const webHost = publicWebHost(config);
  return [
    ...certificateCheck("SMTP certificate", smtp.certificate, smtp.publicHost, "SMTP_PUBLIC_HOST"),
    ...certificateCheck("HTTPS certificate", http.certificate, webHost, "PUBLIC_URL"),
  ];
}

function certificateCheck(
  name: string,
  files: CertificateFiles | undefined,
  host: string | undefined,
  setting: string,
): readonly Check[] {
  if (!files) return [];
  const run = () => Promise.try(() => findings(parseCertificate(readPair(files)), host, setting));
  return [{ name, run }];
}

function findings(
  certificate: Certificate,
  host: string | undefined,
  setting: string,
): readonly Finding[] {
  const found = [
    ...nameFindings(certificate, host, setting),
    ...problemFindings(validityProblem(certificate, systemClock.now())),
    ...problemFindings(chainProblem(certificate, knownRoots())),
  ];
  if (found.length > 0) return found;
  const end = new Date(certificate.expiresAtMs).toISOString().slice(0, 10);
  return [ok(`valid for ${host ?? certificate.leaf.subject} until ${end}, chain complete`)];
}

function nameFindings(
  certificate: Certificate,
  host: string | undefined,
  setting: string,
): readonly Finding[] {
  if (host === undefined || coversHost(certificate, host)) return [];
  const names = certificate.leaf.subjectAltName ?? "no name at all";
  return [failure(
    `it is not for ${host} but for ${names}`,
    `Get a certificate for ${host}, or correct ${setting}.`,
  )];
}

function problemFindings(problem: ReturnType<typeof chainProblem>): readonly Finding[] {
  if (!problem) return [];
  const { serious, message, remedy } = problem;
  return [serious ? failure(message, remedy) : warning(message, remedy)];
}

/** Returns the roots that Deno trusts; `undefined` without the permission to read them. */
function knownRoots(): readonly string[] | undefined {
  try {
    return [...rootCertificates];
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}
