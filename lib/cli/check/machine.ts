/**
 * The ports of this machine and its public names.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { formatAddress } from "../../../smtp/mod.ts";
import { PROGRAM } from "../../base/mod.ts";
import { type Config, endpointOf } from "../../config/mod.ts";
import { portProblem, portsToOpen, type PortToOpen } from "../../http/mod.ts";
import { askHealth, healthUrl } from "../healthcheck.ts";
import { type Check, failure, type Finding, ok, warning } from "./finding.ts";

/** Returns the checks of this machine. */
export function machineChecks(config: Config): readonly Check[] {
  return [
    { name: "ports", run: () => portFindings(config) },
    { name: "names", run: () => nameFindings(config) },
  ];
}

/** The ports have to be free, or used by this program. */
async function portFindings(config: Config): Promise<readonly Finding[]> {
  const running = await isRunning(config);
  return portsToOpen(config).map((port) => portFinding(port, running));
}

function portFinding(port: PortToOpen, running: boolean): Finding {
  const problem = portProblem(port);
  const shown = `${formatAddress(port.host, port.port)} (${port.variable})`;
  if (!problem) return ok(`${shown} is free`);
  if (port.optional) return optionalPortFinding(shown, problem, running);
  // The program opens all other ports or none: if it answers, this one is its own.
  if (problem.kind === "taken" && running) return ok(`${shown} is served by the running program`);
  return failure(`${shown} ${problem.message}`, problem.remedy);
}

/** The program starts without it. */
function optionalPortFinding(
  shown: string,
  { kind, message, remedy }: NonNullable<ReturnType<typeof portProblem>>,
  running: boolean,
): Finding {
  if (kind === "taken" && running) return ok(`${shown} is in use`);
  return warning(
    `${shown} ${message}: browsers that ask port 80 are not sent to HTTPS`,
    `${remedy} If that is intended, set HTTP_REDIRECT_PORT to an empty value.`,
  );
}

/** Whether the program answers at its health address. */
export async function isRunning(config: Config): Promise<boolean> {
  try {
    const { body } = await askHealth(healthUrl(config, "/healthz"));
    return JSON.parse(body).program === PROGRAM;
  } catch {
    return false; // Nothing answers there, or another program does.
  }
}

/** Returns the host of `PUBLIC_URL`. */
export function publicWebHost({ publicUrl }: Config): string | undefined {
  return publicUrl && endpointOf(publicUrl).host;
}

async function nameFindings(config: Config): Promise<readonly Finding[]> {
  const names = new Map([[config.smtp.publicHost, "SMTP_PUBLIC_HOST"]]);
  const webHost = publicWebHost(config);
  if (webHost && !names.has(webHost)) names.set(webHost, "PUBLIC_URL");
  return await Promise.all([...names].map(([name, setting]) => findName(name, setting)));
}

async function findName(name: string, setting: string): Promise<Finding> {
  if (isIP(name)) return ok(`${name} (${setting}) is an address`);
  try {
    const found = await lookup(name, { all: true });
    const addresses = [...new Set(found.map(({ address }) => address))].join(", ");
    return ok(`${name} (${setting}) is ${addresses}`);
  } catch (error) {
    return failure(
      `${name} (${setting}) is not known to DNS (${(error as NodeJS.ErrnoException).code})`,
      `Add an A or AAAA record for ${name}, or correct ${setting}.`,
    );
  }
}
