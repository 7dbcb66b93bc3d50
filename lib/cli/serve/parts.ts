/**
 * The parts of the running server besides SMTP, each made from the configuration.
 *
 * @module
 */
import { formatAddress, type Observer } from "../../../smtp/mod.ts";
import { errorText, systemClock, VERSION } from "../../base/mod.ts";
import { CertificateError, CertificateWatch } from "../../certificates/mod.ts";
import type { CertificateFiles, Config } from "../../config/mod.ts";
import {
  healthHandler,
  type HttpHandler,
  HttpServer,
  portProblem,
  portsToOpen,
} from "../../http/mod.ts";
import { getLogger } from "../../log/mod.ts";
import { Metrics, smtpObserver } from "../../observers/mod.ts";
import { ProcessGuard, type Services } from "../../program/mod.ts";
import { CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import type { FittedLimits } from "./descriptors.ts";

/** The certificates in use. */
export interface Certificates {
  readonly smtp?: CertificateWatch;
  readonly https?: CertificateWatch;
}

const log = getLogger("main");

/** Tries all ports before any is opened, to name the one that cannot be. @throws {CommandError} */
export function checkPorts(config: Config): void {
  for (const port of portsToOpen(config)) {
    const problem = portProblem(port);
    if (!problem) continue;
    const { message, remedy } = problem;
    const address = formatAddress(port.host, port.port);
    throw new CommandError(`${port.variable}: ${address} ${message}. ${remedy}`, EXIT.unavailable);
  }
}

/** Reads the certificates. @throws {CommandError} */
export function openCertificates({ config: { smtp, http }, alerts }: Services): Certificates {
  const open = (use: string, files: CertificateFiles | undefined) =>
    files && new CertificateWatch({ use, files, alerts, clock: systemClock });
  try {
    return { smtp: open("SMTP", smtp.certificate), https: open("HTTPS", http.certificate) };
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
export function createMetrics({ store, alerts }: Services, certificates: Certificates): Metrics {
  const watches = listOf(certificates);
  return new Metrics({
    accounts: store.accounts,
    alerts,
    now: systemClock.now,
    certificates: () => watches.map(({ use, expiresAtMs }) => [use, expiresAtMs] as const),
  }, { version: VERSION, deno: Deno.version.deno });
}

/** Returns the observer of everything that happens in the SMTP server. */
export function createObserver(
  { config, store, alerts, refusals }: Services,
  metrics: Metrics,
): Observer {
  const { recipients } = config.activity;
  const log = getLogger("smtp");
  return smtpObserver({ store, alerts, metrics, log, recipients, refusals, now: systemClock.now });
}

/** Dependencies of the web servers. */
interface WebOptions {
  readonly services: Services;
  readonly pages: HttpHandler;
  readonly metrics: Metrics;
  readonly certificates: Certificates;
  readonly limits: FittedLimits;
  /** Whether the SMTP ports are open. */
  isListening(): boolean;
}

/** Serves the web pages, and health: together with metrics on a separate port if there is one, else beside the pages. */
export async function startWeb(
  { services, pages, metrics, certificates, limits, isListening }: WebOptions,
) {
  const { config, store, replicas } = services;
  const { trustProxy } = config;
  const apart = config.metrics !== undefined;
  const health = healthHandler({
    checkStore: () => replicas ? replicas.check() : store.check(),
    canDoWithout: () => replicas?.canDoWithoutDatabase ?? false,
    isListening,
    metrics: apart ? metrics : undefined,
  });
  return {
    web: await HttpServer.open({
      ...config.http,
      trustProxy,
      limits: { connectionCount: limits.webConnectionCount },
      pair: certificates.https?.pair,
      handler: apart ? pages : (request, info) => health(request) ?? pages(request, info),
    }),
    health: config.metrics && await HttpServer.open({
      ...config.metrics,
      limits: { connectionCount: limits.healthConnectionCount },
      handler: (request) => health(request) ?? new Response("Not Found", { status: 404 }),
    }),
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
