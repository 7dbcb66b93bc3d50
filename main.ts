/**
 * The program: its command line and its web pages. The only reader of the environment.
 *
 * @module
 */
import { systemClock } from "./lib/base/mod.ts";
import {
  checkWhileServing,
  CommandError,
  COMMANDS,
  type Dependencies,
  DESCRIPTOR_VARIABLE,
  EXIT,
  Output,
  type Pages,
  runCommandLine,
} from "./lib/cli/mod.ts";
import { type Environment, VARIABLES } from "./lib/config/mod.ts";
import type { Services } from "./lib/program/mod.ts";
import { TcpDialer } from "./smtp/mod.ts";

/** Loads the web pages, after the SMTP server has started. */
async function openPages(services: Services): Promise<Pages> {
  const { createPages, openWebServices } = await import("./lib/web/mod.ts");
  const { loadBuild } = await import("build");
  const applyBuild = await loadBuild();
  const check = () => checkWhileServing(services.config, new TcpDialer(systemClock));
  const web = openWebServices(services, check);
  return { handler: createPages(web.services, applyBuild), close: web.close };
}

/** Returns all variables if they may be read, so that misspelt names are noticed; otherwise those of the settings. */
function variables(): Environment {
  const { state } = Deno.permissions.querySync({ name: "env" });
  if (state === "granted") return Deno.env.toObject();
  return Object.fromEntries(VARIABLES.map((name) => [name, Deno.env.get(name)]));
}

/** Returns the limit on file descriptors. Deno does not know it: `tools/smtp-oauth2-proxy` sets a variable. */
function descriptorLimit(): number | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: DESCRIPTOR_VARIABLE });
  const limit = state === "granted" ? Number(Deno.env.get(DESCRIPTOR_VARIABLE)) : 0;
  return Number.isInteger(limit) && limit > 0 ? limit : undefined;
}

/** Ends a command if the user answers a question with Ctrl-C or Ctrl-D. */
function cancel(): never {
  throw new CommandError("Cancelled. Nothing was written.", EXIT.usage);
}

/** Returns the dependencies of the command line in a terminal. */
function systemDependencies(): Dependencies {
  return {
    output: new Output({
      write: console.log,
      writeError: console.error,
      colours: Deno.stdout.isTerminal() && !Deno.noColor,
    }),
    environment: variables(),
    readFile: Deno.readTextFileSync,
    descriptorLimit: descriptorLimit(),
    confirm: (question) => Deno.stdin.isTerminal() && confirm(question),
    ask: (question) => Deno.stdin.isTerminal() ? prompt(question) ?? cancel() : undefined,
    createPages: openPages,
    dialer: new TcpDialer(systemClock),
  };
}

/** Runs a command line. @returns the exit code. */
export function main(
  args: readonly string[],
  dependencies: Partial<Dependencies> = {},
): Promise<number> {
  return runCommandLine(args, COMMANDS, { ...systemDependencies(), ...dependencies });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
