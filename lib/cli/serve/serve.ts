/**
 * `serve`: the SMTP server, the web pages, and everything that runs beside them.
 *
 * @module
 */
import { withinMs } from "../../../smtp/mod.ts";
import { errorText, PROGRAM, SECOND_MS, systemClock, VERSION } from "../../base/mod.ts";
import type { Config } from "../../config/mod.ts";
import { configureLogging, getLogger, LineDigest } from "../../log/mod.ts";
import {
  closeServices,
  Housekeeping,
  openServices,
  RegistrationWatch,
  type Services,
  WarmUp,
} from "../../program/mod.ts";
import { type Call, type Command, CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { fitToDescriptors } from "./descriptors.ts";
import {
  type Certificates,
  checkPorts,
  createMetrics,
  createObserver,
  forgetDeleted,
  guardProcess,
  listOf,
  openCertificates,
  startWeb,
} from "./parts.ts";
import { onHangUp, reload, stopSignal } from "./signals.ts";
import { startSmtp } from "./smtp.ts";

/** Time after the grace period in which everything has to end, in milliseconds. The program does not wait longer. */
const EXTRA_MS = 900;
/** Time after the grace period for tokens that are being requested, in milliseconds. */
const EXTRA_FOR_TOKENS_MS = 600;

const log = getLogger("main");

/** `serve`. */
export const serveCommand: Command = {
  name: "serve",
  summary: "run the SMTP server and the web pages (the default)",
  details:
    "SIGTERM or Ctrl-C: close the ports, finish messages in progress, and exit; again: exit at once.\n" +
    "SIGHUP: read certificates and the files of account filters again; ask again for an ACME certificate that is due.",
  run: serve,
};

async function serve(call: Call): Promise<number> {
  const given = call.config();
  configureLogging(call.flag("debug") ? { ...given.log, level: "debug" } : given.log);
  log.info("starting", { program: PROGRAM, version: VERSION, deno: Deno.version.deno });
  for (const { variable, message, remedy } of given.warnings) {
    log.warning(message, { setting: variable, remedy });
  }
  const config = checkPorts(given);
  // A signal during the start stops the program in order, too.
  const stopped = stopSignal();
  const { stop, failed } = await start(config, call);
  const signal = await Promise.race([stopped, failed]);
  log.info("stopping", { signal });
  const limitMs = config.smtp.shutdownGraceSeconds * SECOND_MS + EXTRA_MS;
  const inTime = await withinMs(systemClock, limitMs, stop());
  if (inTime) log.info("stopped");
  else log.warning("stopped before everything had ended");
  return signal ? EXIT.ok : EXIT.software;
}

/** Starts everything. `failed` resolves if the program should stop because of too many errors. */
async function start(
  config: Config,
  { createPages, descriptorLimit }: Pick<Call, "createPages" | "descriptorLimit">,
) {
  const limits = fitToDescriptors(config, descriptorLimit);
  let observeQuery = (_durationMs: number) => {};
  const services = await openServices(config, {
    webhook: true,
    onRenewal: (outcome) => metrics.observeRenewal(outcome),
    // The first statements are sent before there are metrics.
    onQuery: (durationMs) => observeQuery(durationMs),
  });
  const certificates = await openCertificates(services);
  const metrics = createMetrics(services, certificates);
  const failed = guardProcess(metrics);

  const digest = new LineDigest(getLogger("clients"), systemClock);
  const observe = createObserver(services, metrics, digest);
  const smtp = await startSmtp(services, observe, certificates.smtp?.pair, limits).catch(
    cannotStart,
  );
  metrics.watchUpstream(() => smtp.service.upstream);
  const { replicas } = services;
  if (replicas) {
    metrics.watchReplica(() => ({
      heartbeatAgeMs: replicas.heartbeatAgeMs,
      slots: replicas.slots.counts,
      claims: replicas.lease.counts,
    }));
    observeQuery = metrics.observeQuery;
  }
  services.health.watch({
    certificates: () => listOf(certificates).map(({ use, expiresAtMs }) => [use, expiresAtMs]),
    mailboxes: () => smtp.service.mailboxes,
  });
  const pages = await createPages(services);
  const { web, redirect, health } = await startWeb({
    services,
    pages: pages.handler,
    metrics,
    certificates,
    limits,
    digest,
    isListening: smtp.isListening,
  });
  certificates.smtp?.start((pair) => smtp.service.useCertificate(pair));
  certificates.https?.start((pair) => web.useCertificate(pair));
  const watches = listOf(certificates);
  certificates.renewer?.start(async () => {
    for (const watch of watches) await watch.check();
  });
  const warmUp = new WarmUp({
    ...services,
    prepare: (account) => smtp.service.prepare(account),
    clock: systemClock,
  });
  void warmUp.start();
  const stopBackground = startBackground(services, certificates);

  announce("SMTP", smtp.addresses);
  announce("web pages", web.addresses);
  announce("redirects to HTTPS", redirect?.addresses ?? []);
  announce("health and metrics", health?.addresses ?? []);
  log.info("ready", { smtp: smtp.addresses, web: web.addresses });

  const stop = async () => {
    const graceMs = config.smtp.shutdownGraceSeconds * SECOND_MS;
    const tokensUntilMs = performance.now() + graceMs + EXTRA_FOR_TOKENS_MS;
    warmUp.stop();
    stopBackground();
    certificates.renewer?.stop();
    pages.close();
    await Promise.all([smtp.stop(), web.stop(graceMs), redirect?.stop(0)]);
    await closeServices(services, Math.max(0, tokensUntilMs - performance.now()));
    await health?.stop(0);
    digest.flush();
  };
  return { stop, failed };
}

/** Starts everything that works without a client. @returns a function that stops it. */
function startBackground(services: Services, certificates: Certificates): () => void {
  const watches = listOf(certificates);
  const { config: { activity: { retentionDays } }, alerts, store, tokens } = services;
  forgetDeleted(services);
  void tokens.start();
  const housekeeping = new Housekeeping({ store, alerts, clock: systemClock, retentionDays });
  void housekeeping.start();
  const { registrations } = services;
  const registrationWatch = new RegistrationWatch({ registrations, alerts, clock: systemClock });
  void registrationWatch.start();
  const hangUp = onHangUp(() => {
    certificates.renewer?.retry();
    void reload(services, watches);
  });
  return () => {
    hangUp[Symbol.dispose]();
    housekeeping.stop();
    registrationWatch.stop();
    tokens.retire();
    for (const watch of watches) watch.stop();
  };
}

/** @throws {CommandError} */
function cannotStart(cause: unknown): never {
  const message = `The SMTP server cannot start: ${errorText(cause)}`;
  throw new CommandError(message, EXIT.unavailable, { cause });
}

function announce(service: string, addresses: readonly string[]): void {
  for (const address of addresses) log.info("listening", { for: service, address });
}
