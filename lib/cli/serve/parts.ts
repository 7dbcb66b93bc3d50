/**
 * The parts of the running server, each made from the configuration.
 *
 * @module
 */
import { formatAddress, type Observer } from "../../../smtp/mod.ts";
import type { Alerts } from "../../alerts/mod.ts";
import { CertificateError, CertificateWatch } from "../../certificates/mod.ts";
import { errorText, systemClock, VERSION } from "../../base/mod.ts";
import type { CertificateFiles, Config } from "../../config/mod.ts";
import { Metrics, recordDeliveries, smtpLog, upstreamAlert } from "../../observers/mod.ts";
import { healthHandler, HttpServer, portProblem, portsToOpen } from "../../http/mod.ts";
import { getLogger } from "../../log/mod.ts";
import type { Services } from "../../program/mod.ts";
import { CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";

/** The certificates that are shown. */
export interface Certificates {
  readonly smtp?: CertificateWatch;
  readonly https?: CertificateWatch;
}

const log = getLogger("main");

/** Says what is wrong with a port by name, before any is opened. @throws {CommandError} */
export function checkPorts(config: Config): void {
  for (const port of portsToOpen(config)) {
    const problem = portProblem(port);
    if (!problem) continue;
    throw new CommandError(
      `${port.variable}: ${
        formatAddress(port.host, port.port)
      } ${problem.message}. ${problem.remedy}`,
      EXIT.unavailable,
    );
  }
}

/** Other systems let several sockets have one port, but do not share the connections out. @throws {CommandError} */
export function checkWorkers({ smtp: { workerCount } }: Config, os = Deno.build.os): void {
  if (workerCount === 0 || os === "linux") return;
  throw new CommandError("SMTP_WORKERS works on Linux alone. Remove it.", EXIT.config);
}

/** Reads the certificates. @throws {CommandError} */
export function openCertificates({ smtp, http }: Config, alerts: Alerts): Certificates {
  const open = (use: string, files: CertificateFiles | undefined) =>
    files && new CertificateWatch({ use, files, alerts, clock: systemClock });
  try {
    return { smtp: open("SMTP", smtp.certificate), https: open("HTTPS", http.certificate) };
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new CommandError(`A certificate cannot be used: ${error.message}.`, EXIT.config);
  }
}

/** All certificates, as a list. */
export function listOf({ smtp, https }: Certificates): readonly CertificateWatch[] {
  return [smtp, https].filter((watch) => watch !== undefined);
}

export function createMetrics({ store, alerts }: Services, certificates: Certificates): Metrics {
  const watches = listOf(certificates);
  return new Metrics({
    accounts: store.accounts,
    alerts,
    now: systemClock.now,
    certificates: () => watches.map(({ use, expiresAtMs }) => [use, expiresAtMs] as const),
  }, { version: VERSION, deno: Deno.version.deno });
}

/** All who are told what happens in the SMTP server. */
export function createObserver({ config, store, alerts }: Services, metrics: Metrics): Observer {
  const observers: readonly Observer[] = [
    smtpLog(getLogger("smtp")),
    metrics.observe,
    upstreamAlert(alerts),
    recordDeliveries({
      deliveries: store.deliveries,
      recipients: config.activity.recipients,
      now: systemClock.now,
      onError: (error) => log.error("delivery not recorded", { error: errorText(error) }),
    }),
  ];
  return (event) => observers.forEach((observer) => observer(event));
}

/** What the web ports serve. */
export interface WebOptions {
  readonly services: Services;
  readonly pages: Deno.ServeHandler<Deno.NetAddr>;
  readonly metrics: Metrics;
  readonly certificates: Certificates;
  isListening(): boolean;
}

/** The web pages, and health: with metrics on a port of its own, else without them beside the pages. */
export function startWeb({ services, pages, metrics, certificates, isListening }: WebOptions) {
  const { config, store } = services;
  const checkStore = () => store.check();
  const apart = config.metrics !== undefined;
  const health = healthHandler({ checkStore, isListening, metrics: apart ? metrics : undefined });
  return {
    web: new HttpServer({
      ...config.http,
      pair: certificates.https?.pair,
      handler: apart ? pages : (request, info) => health(request) ?? pages(request, info),
    }),
    health: config.metrics && new HttpServer({
      ...config.metrics,
      handler: (request) => health(request) ?? new Response("Not Found", { status: 404 }),
    }),
  };
}

/** Lets go of the tokens and warnings of an account that is gone; the SMTP server looks after its sessions itself. */
export function forgetDeleted({ accounts, tokens, alerts }: Services): void {
  accounts.onRevoked(({ accountId, appPasswordId }) => {
    if (appPasswordId !== undefined) return;
    alerts.clearAccount(accountId);
    tokens.forget(accountId).catch((error) =>
      log.error("account not forgotten", { account: accountId, error: errorText(error) })
    );
  });
}
