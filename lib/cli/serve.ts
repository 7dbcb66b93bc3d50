/**
 * `serve`: the SMTP server, the web pages, and all that runs beside them.
 *
 * @module
 */
import type { Observer, UpstreamCounts } from "../../smtp/mod.ts";
import type { CertificatePair } from "../certificates/mod.ts";
import { errorText, PROGRAM, systemClock, VERSION } from "../base/mod.ts";
import type { Config } from "../config/mod.ts";
import {
  closeServices,
  Housekeeping,
  openServices,
  ProcessGuard,
  risksOf,
  type Services,
} from "../program/mod.ts";
import { configureLogging, getLogger } from "../log/mod.ts";
import type { Metrics } from "../observers/mod.ts";
import { type Call, type Command, CommandError } from "./command.ts";
import { EXIT } from "./exit_codes.ts";
import {
  checkPorts,
  checkWorkers,
  createMetrics,
  createObserver,
  forgetDeleted,
  listOf,
  openCertificates,
  startWeb,
} from "./serve/parts.ts";
import { reload } from "./serve/reload.ts";
import { onHangUp, stopSignal } from "./serve/signals.ts";

/** The SMTP server, running. */
export interface RunningSmtp {
  /** Where it listens, for people. */
  readonly addresses: readonly string[];
  /** Whether its ports are open. */
  readonly listening: boolean;
  /** Resolves when it has broken down and is of no use any more. */
  readonly failed?: Promise<Error>;
  /** The connections to the submission server. */
  readonly upstream: UpstreamCounts;
  /** Uses another certificate for the connections to come. */
  useCertificate(pair: CertificatePair): void;
  /** Closes the ports, and finishes what is under way. */
  stop(): Promise<void>;
}

/** The web pages. */
export interface Pages {
  readonly handler: Deno.ServeHandler<Deno.NetAddr>;
  /** Ends the answers that would go on for ever. */
  close(): void;
}

/** What is wired outside, since it needs more than this folder may import. */
export interface Servers {
  startSmtp(
    services: Services,
    observe: Observer,
    certificate: CertificatePair | undefined,
  ): Promise<RunningSmtp>;
  createPages(services: Services): Promise<Pages>;
}

const log = getLogger("main");

/** @param servers What is to be run. */
export function serveCommand(servers: Servers): Command {
  return {
    name: "serve",
    summary: "run the SMTP server and the web pages (the default)",
    details: "SIGTERM or Ctrl-C: closes the ports, lets messages under way finish, and ends.\n" +
      "SIGHUP: reads certificates and the files of account filters again.",
    run: (call) => serve(call, servers),
  };
}

async function serve(call: Call, servers: Servers): Promise<number> {
  const config = call.config();
  configureLogging(call.flag("debug") ? { ...config.log, level: "debug" } : config.log);
  log.info("starting", { program: PROGRAM, version: VERSION, deno: Deno.version.deno });
  checkWorkers(config);
  checkPorts(config);
  // From here on: a signal that comes before everything has started ends the program in order, too.
  const stopped = stopSignal();
  const { stop, failed } = await start(config, servers);
  const signal = await Promise.race([stopped, failed]);
  log.info("stopping", { signal });
  await stop();
  log.info("stopped");
  return signal === undefined ? EXIT.software : EXIT.ok;
}

/** Starts everything. `failed` resolves when the program is not well, and should stop. */
async function start(config: Config, servers: Servers) {
  const services = await openServices(config, {
    webhook: true,
    onRenewal: (outcome) => metrics.observeRenewal(outcome),
  });
  const { alerts, store, tokens, registration } = services;
  const certificates = openCertificates(config, alerts);
  const metrics = createMetrics(services, certificates);
  const tooManyErrors = guardProcess(metrics);

  const observe = createObserver(services, metrics);
  const smtp = await servers.startSmtp(services, observe, certificates.smtp?.pair).catch(
    cannotStart,
  );
  metrics.watchUpstream(() => smtp.upstream);
  const pages = await servers.createPages(services);
  const isListening = () => smtp.listening;
  const { web, health } = startWeb({
    services,
    pages: pages.handler,
    metrics,
    certificates,
    isListening,
  });

  forgetDeleted(services);
  void tokens.start();
  const { retentionDays } = config.activity;
  const housekeeping = new Housekeeping({ store, alerts, clock: systemClock, retentionDays });
  void housekeeping.start();
  certificates.smtp?.start((pair) => smtp.useCertificate(pair));
  certificates.https?.start((pair) => web.useCertificate(pair));
  const watches = listOf(certificates);
  const hangUp = onHangUp(() => void reload({ registration, certificates: watches, alerts }));

  announce("SMTP", smtp.addresses);
  announce("web pages", web.addresses);
  if (health) announce("health and metrics", health.addresses);
  warnOfRisks(config);
  log.info("ready", { smtp: smtp.addresses, web: web.addresses });

  const stop = async () => {
    hangUp[Symbol.dispose]();
    housekeeping.stop();
    for (const watch of watches) watch.stop();
    pages.close();
    await Promise.all([smtp.stop(), web.stop()]);
    await closeServices(services);
    await health?.stop();
  };
  return { stop, failed: Promise.race([tooManyErrors, breakDownOf(smtp)]) };
}

/** Resolves when there were too many unexpected errors. */
function guardProcess(metrics: Metrics): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  new ProcessGuard({
    log,
    now: systemClock.now,
    onError: metrics.observeUnexpectedError,
    giveUp: () => resolve(undefined),
  }).install();
  return promise;
}

/** @throws {CommandError} */
function cannotStart(cause: unknown): never {
  const message = `The SMTP server cannot start: ${errorText(cause)}`;
  throw new CommandError(message, EXIT.unavailable, { cause });
}

/** Resolves when the SMTP server has broken down. */
async function breakDownOf({ failed = new Promise(() => {}) }: RunningSmtp): Promise<undefined> {
  log.fatal("the SMTP server broke down, stopping", { error: errorText(await failed) });
}

function announce(what: string, addresses: readonly string[]): void {
  for (const address of addresses) log.info("listening", { for: what, address });
}

function warnOfRisks(config: Config): void {
  for (const { setting, text, remedy } of risksOf(config)) log.warn(text, { setting, remedy });
}
