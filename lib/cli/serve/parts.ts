/**
 * The parts of the running server apart from SMTP, each created from the configuration.
 *
 * @module
 */
import { formatAddress, type Observer } from "../../../smtp/mod.ts";
import { errorText, SECOND_MS, systemClock, VERSION } from "../../base/mod.ts";
import {
  CertificateError,
  type CertificateRenewer,
  CertificateWatch,
  openRenewer,
} from "../../certificates/mod.ts";
import type { CertificateFiles, Config } from "../../config/mod.ts";
import {
  ACME_CHALLENGE_PATH,
  authorityAnswer,
  healthHandler,
  type HttpHandler,
  HttpServer,
  portProblem,
  portsToOpen,
  redirectHandler,
} from "../../http/mod.ts";
import { getLogger, type LineDigest } from "../../log/mod.ts";
import { Metrics, smtpObserver } from "../../observers/mod.ts";
import { ProcessGuard, type Services } from "../../program/mod.ts";
import { CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import type { FittedLimits } from "./descriptors.ts";

/** The certificates in use. */
export interface Certificates {
  readonly smtp?: CertificateWatch;
  readonly https?: CertificateWatch;
  /** Renews an automatic certificate. Absent: there is none. */
  readonly renewer?: CertificateRenewer;
}

const log = getLogger("main");

/**
 * Tries all ports before any is opened, to name the one that cannot be opened.
 *
 * @returns the configuration; without the redirect, if no setting asks for it and its port cannot be opened.
 * @throws {CommandError}
 */
export function checkPorts(config: Config): Config {
  let usable = config;
  for (const port of portsToOpen(config)) {
    const problem = portProblem(port);
    if (!problem) continue;
    const { message, remedy } = problem;
    const address = formatAddress(port.host, port.port);
    if (!port.optional) {
      const text = `${port.variable}: ${address} ${message}. ${remedy}`;
      throw new CommandError(text, EXIT.unavailable);
    }
    log.warning("port 80 does not redirect to HTTPS", { address, cause: message });
    usable = { ...config, http: { ...config.http, redirectPort: undefined } };
  }
  return usable;
}

/** Reads the certificates, and creates an automatic one if it does not exist yet. @throws {CommandError} */
export async function openCertificates(
  { config: { smtp, http, automaticCertificate }, alerts, values, replicas }: Services,
): Promise<Certificates> {
  const clock = systemClock;
  const shared = replicas && { values, ...replicas.certificates };
  try {
    const renewer = automaticCertificate &&
      await openRenewer(automaticCertificate, { alerts, clock, shared });
    const open = (use: string, files: CertificateFiles | undefined) => {
      if (!files) return undefined;
      const automatic = files === automaticCertificate?.files;
      const read = automatic && shared ? () => renewer!.pair : undefined;
      return new CertificateWatch({ use, files, automatic, alerts, clock, read });
    };
    return {
      smtp: open("SMTP", smtp.certificate),
      https: open("HTTPS", http.certificate),
      renewer,
    };
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new CommandError(`A certificate cannot be used: ${error.message}.`, EXIT.config);
  }
}

/** Returns all certificates as a list. */
export function listOf({ smtp, https }: Certificates): readonly CertificateWatch[] {
  return [smtp, https].filter((watch) => watch !== undefined);
}

/** Creates the metrics of the server and its certificates. */
export function createMetrics(
  { store, alerts, registrations }: Services,
  certificates: Certificates,
): Metrics {
  const watches = listOf(certificates);
  return new Metrics({
    accounts: store.accounts,
    alerts,
    now: systemClock.now,
    certificates: () => watches.map(({ use, expiresAtMs }) => [use, expiresAtMs] as const),
    registrations,
  }, { version: VERSION, deno: Deno.version.deno });
}

/** Returns the observer of everything that happens in the SMTP server. */
export function createObserver(
  { config, store, alerts, refusals, health }: Services,
  metrics: Metrics,
  digest: LineDigest,
): Observer {
  const { recipients } = config.activity;
  const log = getLogger("smtp");
  const { now } = systemClock;
  const observe = smtpObserver({ store, alerts, metrics, log, digest, recipients, refusals, now });
  return (event) => {
    observe(event);
    health.observe(event);
  };
}

/** Dependencies of the web servers. */
interface WebOptions {
  readonly services: Services;
  readonly pages: HttpHandler;
  readonly metrics: Metrics;
  readonly certificates: Certificates;
  readonly limits: FittedLimits;
  readonly digest: LineDigest;
  /** Whether the SMTP ports are open. */
  isListening(): boolean;
}

/** Serves the web pages, and the health checks: on the port of the metrics if there is one, else beside the pages. */
export async function startWeb(
  { services, pages, metrics, certificates, limits, digest, isListening }: WebOptions,
) {
  const { config: { trustProxy, http, publicUrl, metrics: apart }, store, replicas } = services;
  const { renewer, https } = certificates;
  const health = healthHandler({
    checkStore: () => replicas ? replicas.check() : store.check(),
    canDoWithout: () => replicas?.canDoWithoutDatabase ?? false,
    isListening,
    metrics: apart && metrics,
  });
  const exempt = (request: Request) =>
    authorityAnswer(request, renewer?.authority) ?? (apart ? undefined : health(request));
  const challenge = (token: string) => renewer?.challenge(token) ?? Promise.resolve(undefined);
  const redirect = redirectHandler({ publicUrl, httpsPort: http.ports[0]!, challenge, exempt });
  // If a proxy in front redirects all of port 80, challenges arrive here.
  const handler: HttpHandler = (request, info) =>
    new URL(request.url).pathname.startsWith(ACME_CHALLENGE_PATH) && renewer
      ? redirect(request, info)
      : exempt(request) ?? pages(request, info);
  const redirectLimits = redirectLimitsOf(http, limits);
  return {
    web: await HttpServer.open({
      ...http,
      trustProxy,
      digest,
      limits: {
        connectionCount: limits.webConnectionCount - (redirectLimits?.connectionCount ?? 0),
      },
      pair: https?.pair,
      handler,
    }),
    redirect: redirectLimits && await HttpServer.open({
      hosts: http.hosts,
      ports: [http.redirectPort!],
      trustProxy,
      digest,
      limits: redirectLimits,
      handler: redirect,
    }),
    health: apart && await HttpServer.open({
      ...apart,
      digest,
      limits: { connectionCount: limits.healthConnectionCount },
      handler: (request) => health(request) ?? new Response("Not Found", { status: 404 }),
    }),
  };
}

/** The limits of the port that redirects are low: a redirect is one short answer. */
const REDIRECT_PART = 1 / 4;
const REDIRECTS_PER_NETWORK = 16;
const REDIRECT_KEEP_ALIVE_MS = 2 * SECOND_MS;

/** Returns the limits of the port that redirects, a part of those of the pages; `undefined` if there is no such port. */
function redirectLimitsOf({ redirectPort }: Config["http"], { webConnectionCount }: FittedLimits) {
  return redirectPort === undefined ? undefined : {
    connectionCount: Math.floor(webConnectionCount * REDIRECT_PART),
    connectionCountPerNetwork: REDIRECTS_PER_NETWORK,
    keepAliveMs: REDIRECT_KEEP_ALIVE_MS,
  };
}

/** Resolves if there were too many unexpected errors. */
export function guardProcess(metrics: Metrics): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  new ProcessGuard({
    log,
    now: systemClock.now,
    onError: metrics.observeUnexpectedError,
    giveUp: resolve,
  }).install();
  return promise;
}

/** Drops tokens and alerts of deleted accounts; the SMTP server ends their sessions itself. */
export function forgetDeleted({ accounts, tokens, alerts }: Services): void {
  accounts.onRevoked(({ accountId, appPasswordId }) => {
    if (appPasswordId !== undefined) return;
    alerts.clearAccount(accountId);
    tokens.forget(accountId).catch((error) =>
      log.error("account not forgotten", { account: accountId, error: errorText(error) })
    );
  });
}
