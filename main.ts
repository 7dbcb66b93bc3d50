/**
 * The program: its commands, and the wiring of the SMTP server and the web pages. The only reader of the environment.
 *
 * @module
 */
import {
  type Account,
  createCensusMemory,
  Crew,
  Deadlines,
  type Dialer,
  formatAddress,
  MailboxGatekeeper,
  type Observer,
  Relay,
  type ServicePorts,
  startTcpService,
  type SubmissionTarget,
  tcpDialer,
  type TcpService,
  type TcpServiceSettings,
  UpstreamConnection,
} from "./smtp/mod.ts";
import {
  accountCommands,
  backupCommand,
  checkCommand,
  type Command,
  healthcheckCommand,
  Output,
  type Pages,
  type RouteWatcher,
  runCommandLine,
  type RunningSmtp,
  sendCommand,
  serveCommand,
  type SubmissionRoute,
  type Surroundings,
} from "./lib/cli/mod.ts";
import type { CertificatePair } from "./lib/certificates/mod.ts";
import { errorText, systemClock } from "./lib/base/mod.ts";
import { type Config, type Environment, SETTINGS } from "./lib/config/mod.ts";
import { refusalText } from "./lib/explain/mod.ts";
import { applySnapshot } from "./lib/fresh/app.ts";
import { loadSnapshot } from "./lib/fresh/snapshot.ts";
import { smtpEndpoints } from "./lib/http/mod.ts";
import { getLogger } from "./lib/log/mod.ts";
import { LoginThrottle } from "./lib/accounts/mod.ts";
import type { Services } from "./lib/program/mod.ts";
import { openWebServices } from "./lib/web/web_services.ts";
import { createWebApp } from "./routes/app.ts";

/** @param dialer How `check` and `send` reach the submission server. */
function createCommands(dialer: Dialer): readonly Command[] {
  return [
    serveCommand({ startSmtp, createPages }),
    checkCommand((target, config) => probeSubmission(dialer, target, config)),
    sendCommand((...route) => openRoute(dialer, ...route)),
    ...accountCommands,
    backupCommand,
    healthcheckCommand,
  ];
}

const TICK_MS = 1_000;
/** A bundle of the program has it inside: see `tools/compile.ts`. */
const { bundledWorker = "./smtp/workers/worker.ts" } = globalThis as { bundledWorker?: string };
const WORKER = new URL(bundledWorker, import.meta.url);
const { now } = systemClock;

/** Starts the SMTP service, in this thread or in workers. */
async function startSmtp(
  services: Services,
  observe: Observer,
  certificate: CertificatePair | undefined,
): Promise<RunningSmtp> {
  const { config, accounts, tokens } = services;
  const gatekeeper = new MailboxGatekeeper(config.upstream, now);
  const ports: ServicePorts = {
    authenticator: new LoginThrottle({ authenticator: accounts, clock: systemClock }),
    tokens,
    gatekeeper,
    explainRefusal: refusalText,
    observe,
  };
  const service = await startService(config, serviceSettings(config, certificate), ports);
  accounts.onRevoked((revocation) => service.revoke(revocation));
  tokens.onAdopted((accountId) => service.forget(accountId));
  let listening = true;
  const ticker = setInterval(() => {
    gatekeeper.checkTime();
    accounts.checkRevocations().catch((error) =>
      getLogger("main").error("revocations unknown", { error: errorText(error) })
    );
  }, TICK_MS);
  return {
    addresses: service.endpoints.map(({ kind, host, port }) =>
      `${kind} ${formatAddress(host, port)}`
    ),
    failed: service.failed,
    get listening() {
      return listening;
    },
    get upstream() {
      return gatekeeper.counts;
    },
    useCertificate: (pair) => service.useCertificate(pair),
    async stop() {
      listening = false;
      await service.stop(config.smtp.shutdownGraceSeconds);
      clearInterval(ticker);
    },
  };
}

function startService(
  { smtp: { workerCount } }: Config,
  settings: TcpServiceSettings,
  ports: ServicePorts,
): Promise<TcpService & { readonly failed?: Promise<Error> }> {
  if (workerCount === 0) {
    return startTcpService(settings, ports, { censusMemory: createCensusMemory() });
  }
  return Crew.start({ program: WORKER, workerCount, settings, ports });
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

async function createPages(services: Services): Promise<Pages> {
  const web = openWebServices(services);
  const app = createWebApp(web.services);
  applySnapshot(app, await loadSnapshot(() => import("./_fresh/snapshot.ts")));
  return { handler: app.handler(), close: web.close };
}

/** A login without a client: `send` knows whose account it uses. */
function openRoute(
  dialer: Dialer,
  services: Services,
  account: Account,
  { observe, onRefusal }: RouteWatcher,
): SubmissionRoute {
  const { config: { smtp, upstream }, tokens } = services;
  const relay = new Relay({
    authenticator: { authenticate: () => Promise.resolve(account) },
    tokens,
    dialer,
    gatekeeper: new MailboxGatekeeper(upstream, now),
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
  dialer: Dialer,
  target: SubmissionTarget,
  { smtp: { greetingName } }: Config,
): Promise<readonly string[]> {
  const deadlines = new Deadlines();
  const options = { target, greetingName, dialer, deadlines, now };
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

function systemSurroundings(): Surroundings {
  return {
    output: new Output({
      write: console.log,
      writeError: console.error,
      colours: Deno.stdout.isTerminal() && !Deno.noColor,
    }),
    environment: variables(),
    readFile: Deno.readTextFileSync,
    confirm: (question) => Deno.stdin.isTerminal() && confirm(question),
  };
}

/**
 * Runs a command line.
 *
 * @param dialer How `check` and `send` reach the submission server.
 * @returns the exit code.
 */
export function main(
  args: readonly string[],
  surroundings: Surroundings = systemSurroundings(),
  dialer: Dialer = tcpDialer,
): Promise<number> {
  return runCommandLine(args, createCommands(dialer), surroundings);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
