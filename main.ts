/**
 * The program: its commands, and the wiring of the SMTP server and the web pages. The only reader of the environment.
 *
 * @module
 */
import { loadBuild } from "build";
import {
  type Account,
  Deadlines,
  formatAddress,
  type Observer,
  Relay,
  type ServicePorts,
  startTcpService,
  type SubmissionTarget,
  tcpDialer,
  type TcpServiceSettings,
  UpstreamConnection,
} from "./smtp/mod.ts";
import {
  accountCommands,
  backupCommand,
  checkCommand,
  healthcheckCommand,
  Output,
  type Pages,
  type RouteWatcher,
  runCommandLine,
  type RunningSmtp,
  sendCommand,
  serveCommand,
  type SubmissionRoute,
} from "./lib/cli/mod.ts";
import type { CertificatePair } from "./lib/certificates/mod.ts";
import { errorText, systemClock } from "./lib/base/mod.ts";
import { type Config, type Environment, SETTINGS } from "./lib/config/mod.ts";
import { refusalText } from "./lib/explain/mod.ts";
import { smtpEndpoints } from "./lib/http/mod.ts";
import { getLogger } from "./lib/log/mod.ts";
import { LoginThrottle } from "./lib/accounts/mod.ts";
import type { Services } from "./lib/program/mod.ts";
import { createPages, openWebServices } from "./lib/web/mod.ts";

const COMMANDS = [
  serveCommand({ startSmtp, createPages: openPages }),
  checkCommand(probeSubmission),
  sendCommand(openRoute),
  ...accountCommands,
  backupCommand,
  healthcheckCommand,
];

const TICK_MS = 1_000;
const { now } = systemClock;

/** Starts the SMTP service. */
async function startSmtp(
  services: Services,
  observe: Observer,
  certificate: CertificatePair | undefined,
): Promise<RunningSmtp> {
  const { config, accounts, tokens } = services;
  const ports: ServicePorts = {
    authenticator: new LoginThrottle({ authenticator: accounts, clock: systemClock }),
    tokens,
    explainRefusal: refusalText,
    observe,
  };
  const service = await startTcpService(serviceSettings(config, certificate), ports);
  accounts.onRevoked((revocation) => service.revoke(revocation));
  tokens.onAdopted((accountId) => service.forget(accountId));
  let listening = true;
  const ticker = setInterval(() => {
    accounts.checkRevocations().catch((error) =>
      getLogger("main").error("revocations unknown", { error: errorText(error) })
    );
  }, TICK_MS);
  return {
    addresses: service.endpoints.map(({ kind, host, port }) =>
      `${kind} ${formatAddress(host, port)}`
    ),
    get listening() {
      return listening;
    },
    get upstream() {
      return service.upstream;
    },
    useCertificate: (pair) => service.useCertificate(pair),
    async stop() {
      listening = false;
      await service.stop(config.smtp.shutdownGraceSeconds);
      clearInterval(ticker);
    },
  };
}

function serviceSettings(
  config: Config,
  certificate: CertificatePair | undefined,
): TcpServiceSettings {
  const { smtp, upstream, trustProxy } = config;
  return {
    endpoints: smtpEndpoints(config),
    certificate,
    inspectionDelayMs: smtp.inspectionDelayMs,
    proxyProtocol: { mode: smtp.proxyProtocol, trustedRanges: trustProxy.ranges },
    greetingName: smtp.greetingName,
    limits: smtp.limits,
    sessionLimits: smtp.sessionLimits,
    poolLimits: upstream,
  };
}

async function openPages(services: Services): Promise<Pages> {
  const applyBuild = await loadBuild();
  const web = openWebServices(services);
  return { handler: createPages(web.services, applyBuild), close: web.close };
}

/** A login without a client: `send` knows whose account it uses. */
function openRoute(
  services: Services,
  account: Account,
  { observe, onRefusal }: RouteWatcher,
): SubmissionRoute {
  const { config: { smtp, upstream }, tokens } = services;
  const relay = new Relay({
    authenticator: { authenticate: () => Promise.resolve(account) },
    tokens,
    dialer: tcpDialer,
    greetingName: smtp.greetingName,
    poolLimits: upstream,
    explainRefusal(reply) {
      onRefusal(reply);
      return refusalText(reply);
    },
    observe,
    now,
  });
  const client = { sessionId: "send", address: "", secure: true, helo: "" };
  return {
    login: () => relay.login({ username: account.mailbox, password: "" }, client),
    close: () => relay.close(),
  };
}

/** Goes as far as one can without a sign-in. @returns the mechanisms of AUTH. */
async function probeSubmission(
  target: SubmissionTarget,
  { smtp: { greetingName } }: Config,
): Promise<readonly string[]> {
  const deadlines = new Deadlines();
  const options = { target, greetingName, dialer: tcpDialer, deadlines, now };
  const connection = await UpstreamConnection.open(options);
  await connection.quit();
  return connection.parametersOf("AUTH").split(" ");
}

/** All variables, where they may be read: a misspelt name is noticed then. Otherwise the settings alone. */
function variables(): Environment {
  const { state } = Deno.permissions.querySync({ name: "env" });
  if (state === "granted") return Deno.env.toObject();
  return Object.fromEntries(SETTINGS.map(({ name }) => [name, Deno.env.get(name)]));
}

/** Runs a command line. @returns the exit code. */
export function main(args: readonly string[]): Promise<number> {
  return runCommandLine(args, COMMANDS, {
    output: new Output({
      write: console.log,
      writeError: console.error,
      colours: Deno.stdout.isTerminal() && !Deno.noColor,
    }),
    environment: variables(),
    readFile: Deno.readTextFileSync,
    confirm: (question) => Deno.stdin.isTerminal() && confirm(question),
  });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
