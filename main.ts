/**
 * The program: its commands, and the wiring of the SMTP server and the web pages. The only reader of the environment.
 *
 * @module
 */
import type { Account, Authenticator, Observer, SubmissionTarget } from "./smtp/backend.ts";
import { accountCommands } from "./lib/cli/account.ts";
import { backupCommand } from "./lib/cli/backup.ts";
import { checkCommand } from "./lib/cli/check.ts";
import { runCommandLine } from "./lib/cli/command_line.ts";
import { healthcheckCommand } from "./lib/cli/healthcheck.ts";
import { Output } from "./lib/cli/output.ts";
import { sendCommand } from "./lib/cli/send.ts";
import type { RouteWatcher, SubmissionRoute } from "./lib/cli/send/route.ts";
import { type Pages, type RunningSmtp, serveCommand } from "./lib/cli/serve.ts";
import type { CertificatePair } from "./lib/certificates.ts";
import { systemClock } from "./lib/clock.ts";
import type { Config, Environment } from "./lib/config.ts";
import { SETTINGS } from "./lib/config/settings.ts";
import { errorText } from "./lib/error_text.ts";
import { refusalText } from "./lib/explain/reply.ts";
import { applySnapshot } from "./lib/fresh/app.ts";
import { loadSnapshot } from "./lib/fresh/snapshot.ts";
import { smtpEndpoints } from "./lib/listeners.ts";
import { formatAddress } from "./smtp/backend.ts";
import { getLogger } from "./lib/log.ts";
import { LoginThrottle } from "./lib/login_throttle.ts";
import type { Services } from "./lib/services.ts";
import { openWebServices } from "./lib/web/web_services.ts";
import { createWebApp } from "./routes/app.ts";
import { Deadlines } from "./smtp/deadlines.ts";
import { Relay } from "./smtp/relay.ts";
import type { Reply } from "./smtp/reply.ts";
import { SmtpServer } from "./smtp/server.ts";
import { tcpDialer } from "./smtp/tcp/native_transport.ts";
import { TcpNetwork } from "./smtp/tcp/network.ts";
import { TlsEngine } from "./smtp/tcp/tls_engine.ts";
import { UpstreamConnection } from "./smtp/upstream.ts";

const COMMANDS = [
  serveCommand({ startSmtp, createPages }),
  checkCommand(probeSubmission),
  sendCommand(openRoute),
  ...accountCommands,
  backupCommand,
  healthcheckCommand,
];

const TICK_MS = 1_000;
const { now } = systemClock;

/** The way upstream, for the server and for `send` alike. */
function createRelay(
  { config: { smtp, upstream }, tokens }: Services,
  authenticator: Authenticator,
  observe: Observer,
  onRefusal: (reply: Reply) => void = () => {},
): Relay {
  return new Relay({
    authenticator,
    tokens,
    dialer: tcpDialer,
    greetingName: smtp.greetingName,
    explainRefusal(reply) {
      onRefusal(reply);
      return refusalText(reply);
    },
    poolLimits: {
      connectionsPerMailbox: upstream.maxConnectionsPerMailbox,
      queueTimeoutSeconds: upstream.queueTimeoutSeconds,
      idleTimeoutSeconds: upstream.idleTimeoutSeconds,
      ageLimitSeconds: upstream.maxAgeSeconds,
      messagesPerMinute: upstream.messagesPerMinute,
    },
    observe,
    now,
  });
}

async function startSmtp(
  services: Services,
  observe: Observer,
  certificate: CertificatePair | undefined,
): Promise<RunningSmtp> {
  const { config, accounts, tokens } = services;
  const { smtp, trustProxy } = config;
  const engine = certificate && new TlsEngine(certificate);
  const authenticator = new LoginThrottle({ authenticator: accounts, clock: systemClock });
  const relay = createRelay(services, authenticator, observe);
  const server = new SmtpServer({
    endpoints: smtpEndpoints(config),
    network: new TcpNetwork({
      engine,
      inspectionDelayMs: smtp.inspectionDelayMs,
      proxyProtocol: {
        mode: smtp.proxyProtocol,
        trusts: (address) => trustProxy.includes(address),
      },
      observe,
    }),
    backend: relay,
    greetingName: smtp.greetingName,
    limits: {
      connectionCount: smtp.maxConnections,
      connectionCountPerAddress: smtp.maxConnectionsPerAddress,
    },
    sessionLimits: smtp.sessionLimits,
    observe,
    now,
  });
  accounts.onRevoked(({ accountId, appPasswordId }) => {
    if (appPasswordId === undefined) relay.drop(accountId);
    server.endSessions(({ account }) =>
      account.id === accountId &&
      (appPasswordId === undefined || account.appPasswordId === appPasswordId)
    );
  });
  tokens.onAdopted((accountId) => relay.drop(accountId));
  const endpoints = await server.start();
  let listening = true;
  const ticker = setInterval(() => {
    relay.checkTime();
    accounts.checkRevocations().catch((error) =>
      getLogger("main").error("revocations unknown", { error: errorText(error) })
    );
  }, TICK_MS);
  return {
    addresses: endpoints.map(({ kind, host, port }) => `${kind} ${formatAddress(host, port)}`),
    get listening() {
      return listening;
    },
    get upstream() {
      return relay.counts;
    },
    useCertificate: (pair) => engine?.reload(pair),
    async stop() {
      listening = false;
      await server.stop(smtp.shutdownGraceSeconds);
      clearInterval(ticker);
      relay.close();
    },
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
  services: Services,
  account: Account,
  { observe, onRefusal }: RouteWatcher,
): SubmissionRoute {
  const authenticator = { authenticate: () => Promise.resolve(account) };
  const relay = createRelay(services, authenticator, observe, onRefusal);
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
