import { rootCertificates } from "node:tls";
import {
  type Certificate,
  chainProblem,
  coversHost,
  parseCertificate,
  readPair,
  validityProblem,
} from "../../certificates/mod.ts";
import { systemClock } from "../../base/mod.ts";
import type { CertificateFiles, Config } from "../../config/mod.ts";
import { type Check, failure, type Finding, ok, warning } from "./finding.ts";

/** The certificates that clients and browsers are shown. */
export function certificateChecks({ smtp, http, publicUrl }: Config): readonly Check[] {
  const webHost = publicUrl && new URL(publicUrl).hostname.replace(/^\[|\]$/g, "");
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
    ...nameProblem(certificate, host, setting),
    ...problem(validityProblem(certificate, systemClock.now())),
    ...problem(chainProblem(certificate, rootsOfThisMachine())),
  ];
  if (found.length > 0) return found;
  const end = new Date(certificate.expiresAtMs).toISOString().slice(0, 10);
  return [ok(`good for ${host ?? certificate.leaf.subject} until ${end}, chain complete`)];
}

function nameProblem(
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

function problem(found: ReturnType<typeof chainProblem>): readonly Finding[] {
  if (!found) return [];
  const { serious, message, remedy } = found;
  return [serious ? failure(message, remedy) : warning(message, remedy)];
}

/** Those that Deno brings along; they are a setting of the machine, for which a permission may be missing. */
function rootsOfThisMachine(): readonly string[] | undefined {
  try {
    return [...rootCertificates];
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}
