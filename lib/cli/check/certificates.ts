import { rootCertificates } from "node:tls";
import { systemClock } from "../../base/mod.ts";
import {
  type Certificate,
  chainProblem,
  coversHost,
  expiryDay,
  isSelfSigned,
  parseCertificate,
  readPair,
  readSharedCertificate,
  validityProblem,
} from "../../certificates/mod.ts";
import type { AutomaticCertificate, CertificateFiles, Config } from "../../config/mod.ts";
import { useServices } from "../../program/mod.ts";
import { type Check, failure, type Finding, ok, warning } from "./finding.ts";
import { publicWebHost } from "./machine.ts";

/** Returns the checks of the certificates that clients and browsers are shown. */
export function certificateChecks(config: Config): readonly Check[] {
  const { smtp, http } = config;
  const forSmtp = { host: smtp.publicHost, setting: "SMTP_PUBLIC_HOST" };
  const forPages = { host: publicWebHost(config), setting: "PUBLIC_URL" };
  return [
    ...certificateCheck("SMTP certificate", config, smtp.certificate, forSmtp),
    ...certificateCheck("HTTPS certificate", config, http.certificate, forPages),
  ];
}

/** A name, and the setting that it comes from. */
interface NamedBy {
  readonly host: string | undefined;
  readonly setting: string;
}

function certificateCheck(
  name: string,
  config: Config,
  files: CertificateFiles | undefined,
  named: NamedBy,
): readonly Check[] {
  if (!files) return [];
  const { automaticCertificate } = config;
  const run = async () =>
    automaticCertificate?.files === files
      ? await automaticFindings(automaticCertificate, config)
      : findings(parseCertificate(readPair(files)), named);
  return [{ name, run }];
}

/** Checks neither names nor renewal: the running program sees to both, and an alert tells of trouble. */
async function automaticFindings(
  { files, acme }: AutomaticCertificate,
  config: Config,
): Promise<readonly Finding[]> {
  if (config.database && !acme) {
    return [ok("each replica makes its own, of one authority (/ca.crt)")];
  }
  const certificate = config.database
    ? await useServices(config, ({ values }) => readSharedCertificate(values))
    : readAutomatic(files);
  if (!certificate) return [ok("the program makes it at its first start")];
  if (isSelfSigned(certificate)) {
    return [warning(
      "a temporary one is shown, which no client trusts: the certificate authority has issued none yet",
      "The program tries again while it runs. Its log and its admin page say why there is none.",
    )];
  }
  const problems = problemFindings(validityProblem(certificate, systemClock.now()));
  const maker = acme ? "renewed by ACME" : "made by an authority of our own (/ca.crt)";
  return problems.length > 0 ? problems : [ok(`valid until ${expiryDay(certificate)}, ${maker}`)];
}

function readAutomatic(files: CertificateFiles): Certificate | undefined {
  try {
    return parseCertificate(readPair(files));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function findings(certificate: Certificate, named: NamedBy): readonly Finding[] {
  const found = [
    ...nameFindings(certificate, named),
    ...problemFindings(validityProblem(certificate, systemClock.now())),
    ...problemFindings(chainProblem(certificate, knownRoots())),
  ];
  if (found.length > 0) return found;
  const name = named.host ?? certificate.leaf.subject;
  return [ok(`valid for ${name} until ${expiryDay(certificate)}, chain complete`)];
}

function nameFindings(certificate: Certificate, { host, setting }: NamedBy): readonly Finding[] {
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
