/**
 * Tries to reach the program as clients, browsers and the certificate authority do, from this machine.
 *
 * @module
 */
import { formatAddress } from "../../../smtp/mod.ts";
import { type Config, endpointOf } from "../../config/mod.ts";
import { endpointsOf } from "../../guides/mod.ts";
import { ACME_CHALLENGE_PATH, UNKNOWN_CHALLENGE } from "../../http/mod.ts";
import { askHealth } from "../healthcheck.ts";
import { type Check, type Finding, ok, warning } from "./finding.ts";
import { isRunning } from "./machine.ts";

const TIMEOUT_MS = 5_000;
/** The port that the authority asks (RFC 8555 section 8.3). */
const CHALLENGE_PORT = 80;

/** Returns the checks of the public ports. They need the running program. */
export function reachChecks(config: Config): readonly Check[] {
  return [
    { name: "public ports", run: () => publicPortFindings(config) },
    ...(config.automaticCertificate?.acme
      ? [{ name: "ACME", run: () => challengeFindings(config) }]
      : []),
  ];
}

async function publicPortFindings(config: Config): Promise<readonly Finding[]> {
  if (!await isRunning(config)) {
    return [ok("they are tried only while the program runs: start it, and check again")];
  }
  const targets = new Map([...smtpTargets(config), ...webTargets(config)]);
  return await Promise.all([...targets].map(([address, target]) => portFinding(address, target)));
}

interface Target {
  readonly host: string;
  readonly port: number;
  /** The setting that names it. */
  readonly setting: string;
}

function smtpTargets({ smtp }: Config): readonly (readonly [string, Target])[] {
  const { publicHost: host } = smtp;
  return endpointsOf(smtp).map(({ port }) =>
    [formatAddress(host, port), { host, port, setting: "SMTP_PUBLIC_HOST" }] as const
  );
}

function webTargets({ publicUrl }: Config): readonly (readonly [string, Target])[] {
  if (publicUrl === undefined) return [];
  const { host, port } = endpointOf(publicUrl);
  return [[formatAddress(host, port), { host, port, setting: "PUBLIC_URL" }]];
}

async function portFinding(address: string, { host, port, setting }: Target): Promise<Finding> {
  if (await accepts(host, port)) return ok(`${address} (${setting}) accepts connections`);
  return warning(
    `${address} (${setting}) cannot be reached from this machine`,
    "Check DNS, the firewall and the forwarding of the port. Some routers do not let a machine reach its own public " +
      "address: then try it from elsewhere.",
  );
}

async function accepts(hostname: string, port: number): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const connection = await Deno.connect({ hostname, port, signal });
    connection.close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return false;
  }
}

/** Tries each name on port 80: the authority asks there, whatever port the program listens on. */
async function challengeFindings(config: Config): Promise<readonly Finding[]> {
  const { names = [] } = config.automaticCertificate ?? {};
  const running = await isRunning(config);
  return [
    forwardingFinding(config),
    ...running ? await Promise.all(names.map(challengeFinding)) : [],
  ];
}

function forwardingFinding({ http: { redirectPort } }: Config): Finding {
  return redirectPort === CHALLENGE_PORT
    ? ok("challenges are answered on port 80 (HTTP_REDIRECT_PORT)")
    : warning(
      `challenges are answered on port ${redirectPort} (HTTP_REDIRECT_PORT), but arrive on port 80`,
      `Forward port 80 from outside to port ${redirectPort} of this machine.`,
    );
}

async function challengeFinding(host: string): Promise<Finding> {
  const remedy =
    "Open port 80 in the firewall, and check that the name has the address of this machine in DNS: otherwise there will be " +
    "no certificate. If this machine cannot reach its own public address, try it from elsewhere.";
  try {
    const { body } = await askHealth(new URL(`http://${host}${ACME_CHALLENGE_PATH}check`));
    return body === UNKNOWN_CHALLENGE
      ? ok(`this program answers on port 80 of ${host}`)
      : warning(`another program answers on port 80 of ${host}`, remedy);
  } catch {
    return warning(`port 80 of ${host} cannot be reached from this machine`, remedy);
  }
}
