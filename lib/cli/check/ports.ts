import type { Config } from "../../config/mod.ts";
import { portProblem, portsToOpen, type PortToOpen } from "../../http/mod.ts";
import { formatAddress } from "../../../smtp/mod.ts";
import { PROGRAM } from "../../base/mod.ts";
import { askHealth, healthUrl } from "../healthcheck.ts";
import { type Check, failure, type Finding, ok } from "./finding.ts";

/** The ports: they have to be free, or served by this very program. */
export function portsCheck(config: Config): Check {
  return {
    name: "ports",
    run: async () => {
      const running = await isRunning(config);
      return portsToOpen(config).map((port) => portFinding(port, running));
    },
  };
}

function portFinding(port: PortToOpen, running: boolean): Finding {
  const problem = portProblem(port);
  const shown = `${formatAddress(port.host, port.port)} (${port.variable})`;
  if (!problem) return ok(`${shown} is free`);
  // It opens all of its ports or none: so where it answers, they are its own.
  if (problem.kind === "taken" && running) return ok(`${shown} is served by the running program`);
  return failure(`${shown} ${problem.message}`, problem.remedy);
}

/** Whether the program answers at its health address. */
async function isRunning(config: Config): Promise<boolean> {
  try {
    const { body } = await askHealth(healthUrl(config, "/healthz"));
    return JSON.parse(body).program === PROGRAM;
  } catch {
    return false; // Nobody answers there, or another program that speaks another language.
  }
}
