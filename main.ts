/**
 * The command line and the wiring: configuration, store, tokens, relay, SMTP server, web pages. The only reader of the
 * environment.
 *
 * @module
 */
import { parseArgs, parseEnv } from "node:util";
import { Accounts } from "./lib/accounts.ts";
import { Alerts } from "./lib/alerts.ts";
import { systemClock } from "./lib/clock.ts";
import { type Config, ConfigError, parseConfig } from "./lib/config.ts";
import { recordDeliveries } from "./lib/delivery_record.ts";
import { errorText } from "./lib/error_text.ts";
import { explainSmtpReply } from "./lib/explain.ts";
import { applySnapshot } from "./lib/fresh/app.ts";
import { loadSnapshot } from "./lib/fresh/snapshot.ts";
import { usableHosts } from "./lib/listen_hosts.ts";
import { configureLogging, getLogger } from "./lib/log.ts";
import { Microsoft } from "./lib/microsoft.ts";
import { Registration } from "./lib/registration.ts";
import { Secrets } from "./lib/secrets.ts";
import { Sessions } from "./lib/session_cookie.ts";
import { SignIn } from "./lib/sign_in.ts";
import { smtpLog } from "./lib/smtp_log.ts";
import { SqliteStore } from "./lib/store/sqlite.ts";
import { TokenVault } from "./lib/store/token_vault.ts";
import { Tokens } from "./lib/tokens.ts";
import { createWebApp } from "./routes/app.ts";
import type { Observer } from "./smtp/events.ts";
import { DEFAULT_SESSION_LIMITS } from "./smtp/limits.ts";
import { Relay } from "./smtp/relay.ts";
import { SmtpServer } from "./smtp/server.ts";
import { tcpDialer } from "./smtp/tcp/native_transport.ts";
import { TcpNetwork } from "./smtp/tcp/network.ts";
import { TlsEngine } from "./smtp/tcp/tls_engine.ts";
import type { Endpoint } from "./smtp/transport.ts";

/** sysexits.h: the configuration is wrong. */
const EX_CONFIG = 78;
/** sysexits.h: the command line is wrong. */
const EX_USAGE = 64;

const USAGE = `Usage: main.ts [serve] [--env-file FILE]

  serve             run the SMTP server and the web pages (the default)
  --env-file FILE   read settings from FILE; the environment takes precedence (default: .env, where it exists)
  --help            show this text
`;

const log = getLogger("main");

/** What the commands share. */
interface Services {
  readonly config: Config;
  readonly store: SqliteStore;
  readonly secrets: Secrets;
  readonly accounts: Accounts;
  readonly alerts: Alerts;
  readonly microsoft: Microsoft;
  readonly vault: TokenVault;
  readonly tokens: Tokens;
}

async function openServices(config: Config): Promise<Services> {
  const clock = systemClock;
  const { publicUrl, registrations, defaultClientId } = config;
  const secrets = new Secrets(config.session.secrets.map((secret) => secret.reveal()));
  const onBatchError = (error: Error) =>
    log.error("database write failed, will be tried again", { error: error.message });
  const store = await SqliteStore.open(config.sqlitePath, { clock, onBatchError });
  const vault = new TokenVault(store, secrets);
  const alerts = new Alerts({ clock, fetch, webhookUrl: config.alertWebhookUrl });
  const microsoft = new Microsoft({
    ...config.microsoft,
    registrations,
    defaultClientId,
    clock,
    fetch,
  });
  return {
    config,
    store,
    secrets,
    alerts,
    microsoft,
    vault,
    accounts: await Accounts.open({ store, secrets, clock, publicUrl, target: config.target }),
    tokens: new Tokens({ store, vault, microsoft, alerts, clock, publicUrl }),
  };
}

/** Runs the servers until the program is told to stop. */
async function serve(config: Config): Promise<void> {
  const services = await openServices(config);
  const smtp = await startSmtp(services);
  const web = await startWeb(services);
  await services.tokens.start();
  log.info("ready", { smtp: smtp.addresses, web: web.addresses });
  log.info("stopping", { signal: await stopSignal() });
  await Promise.all([smtp.stop(), web.stop()]);
  await services.tokens.stop();
  services.alerts.stop();
  await services.store.close();
  log.info("stopped");
}

/** A server that runs. */
interface Running {
  readonly addresses: readonly string[];
  stop(): Promise<void>;
}

async function startSmtp({ config, store, accounts, alerts, tokens }: Services): Promise<Running> {
  const { smtp, upstream, activity } = config;
  const now = systemClock.now;
  const observers: readonly Observer[] = [
    smtpLog(getLogger("smtp")),
    recordDeliveries({
      deliveries: store.deliveries,
      recipients: activity.recipients,
      now,
      onError: (error) => log.error("delivery not recorded", { error: errorText(error) }),
    }),
    (event) => {
      if (event.type !== "upstream-failure" || event.fault !== "insecure") return;
      alerts.raise({
        kind: "upstream-certificate",
        subject: event.target.host,
        text: errorText(event.cause),
        remedy:
          "Check the network between this server and the submission server: somebody may be listening in.",
        fixer: "operator",
      });
    },
  ];
  const observe: Observer = (event) => observers.forEach((observer) => observer(event));
  const relay = new Relay({
    authenticator: accounts,
    tokens,
    dialer: tcpDialer,
    greetingName: smtp.greetingName,
    explainRefusal: (reply) =>
      explainSmtpReply(reply.code, `${reply.enhanced ?? ""} ${reply.text}`)?.smtpText ?? reply.text,
    poolLimits: {
      connectionsPerMailbox: upstream.maxConnectionsPerMailbox,
      queueTimeoutSeconds: upstream.queueTimeoutSeconds,
      idleTimeoutSeconds: upstream.idleTimeoutSeconds,
      ageLimitSeconds: upstream.maxAgeSeconds,
    },
    observe,
    now,
  });
  const server = new SmtpServer({
    endpoints: smtpEndpoints(config),
    network: new TcpNetwork({
      engine: smtp.certificate && new TlsEngine(readPair(smtp.certificate)),
      inspectionDelayMs: smtp.inspectionDelayMs,
      proxyProtocol: {
        mode: smtp.proxyProtocol,
        trusts: (address) => config.trustProxy.includes(address),
      },
      observe,
    }),
    backend: relay,
    greetingName: smtp.greetingName,
    limits: {
      connectionCount: smtp.maxConnections,
      connectionCountPerAddress: smtp.maxConnectionsPerAddress,
    },
    sessionLimits: { ...DEFAULT_SESSION_LIMITS, ...smtp.sessionLimits },
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
  const endpoints = await server.start();
  const ticker = setInterval(() => {
    relay.checkTime();
    accounts.checkRevocations().catch((error) =>
      log.error("revocations unknown", { error: errorText(error) })
    );
  }, 1000);
  return {
    addresses: endpoints.map(({ kind, host, port }) => `${kind} ${formatAddress(host, port)}`),
    async stop() {
      await server.stop(smtp.shutdownGraceSeconds);
      clearInterval(ticker);
      relay.close();
    },
  };
}

function smtpEndpoints({ smtp: { hosts, ports } }: Config): readonly Endpoint[] {
  const byKind = {
    plain: ports.plain,
    tls: ports.tls,
    starttls: ports.startTls,
    auto: ports.autoTls,
  } as const;
  const usable = usableHosts(hosts);
  return Object.entries(byKind).flatMap(([kind, list]) =>
    list.flatMap((port) => usable.map((host) => ({ kind: kind as Endpoint["kind"], host, port })))
  );
}

async function startWeb(services: Services): Promise<Running> {
  const { config, store, secrets, accounts, microsoft, vault, tokens } = services;
  const clock = systemClock;
  const { cookieName } = config.session;
  const sessions = new Sessions({ store: store.webSessions, secrets, clock, cookieName });
  const app = createWebApp({
    signIn: new SignIn({
      microsoft,
      store,
      vault,
      tokens,
      registration: new Registration(config.registrationRules),
      sessions,
      secrets,
      clock,
      cookieName,
    }),
    sessions,
    store,
    accounts,
    site: config,
    smtp: config.smtp,
    report: ({ error, ...where }) =>
      log.error("page failed", { ...where, error: errorText(error) }),
  });
  applySnapshot(app, await loadSnapshot(() => import("./_fresh/snapshot.ts")));
  const handler = app.handler();
  const { hosts, port, certificate } = config.http;
  const servers = usableHosts(hosts).map((hostname) =>
    Deno.serve(
      { hostname, port, onListen: () => {}, ...(certificate && readPair(certificate)) },
      handler,
    )
  );
  const scheme = certificate ? "https" : "http";
  return {
    addresses: servers.map(({ addr }) => `${scheme}://${formatAddress(addr.hostname, addr.port)}`),
    async stop() {
      await Promise.all(servers.map((server) => server.shutdown()));
    },
  };
}

function readPair({ keyFile, certFile }: { keyFile: string; certFile: string }) {
  return { key: Deno.readTextFileSync(keyFile), cert: Deno.readTextFileSync(certFile) };
}

function formatAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Waits for the signal to stop. */
function stopSignal(): Promise<Deno.Signal> {
  const signals: readonly Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT"]
    : ["SIGINT", "SIGTERM"];
  const { promise, resolve } = Promise.withResolvers<Deno.Signal>();
  for (const signal of signals) Deno.addSignalListener(signal, () => resolve(signal));
  return promise;
}

/** The environment, on top of the lines of an env file. */
function readEnvironment(envFile: string | undefined): Record<string, string | undefined> {
  return { ...readEnvFile(envFile), ...Deno.env.toObject() };
}

function readEnvFile(envFile: string | undefined): Record<string, string | undefined> {
  try {
    return parseEnv(Deno.readTextFileSync(envFile ?? ".env"));
  } catch (error) {
    if (envFile === undefined && error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { "env-file": { type: "string" }, help: { type: "boolean" } },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const [command = "serve"] = positionals;
  if (command !== "serve") {
    console.error(`Unknown command: ${command}\n\n${USAGE}`);
    return EX_USAGE;
  }
  try {
    const environment = readEnvironment(values["env-file"]);
    const config = parseConfig(environment, { readFile: Deno.readTextFileSync, production: true });
    configureLogging(config.log);
    await serve(config);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    return EX_CONFIG;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
