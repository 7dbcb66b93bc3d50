/**
 * The SMTP server, made from the configuration.
 *
 * @module
 */
import {
  type CertificatePair,
  formatAddress,
  type Observer,
  startTcpService,
  type TcpServiceSettings,
} from "../../../smtp/mod.ts";
import { DailyAllowance, LoginThrottle } from "../../accounts/mod.ts";
import { errorText, SECOND_MS, steadyClock, systemClock } from "../../base/mod.ts";
import type { Config } from "../../config/mod.ts";
import { refusalText } from "../../explain/mod.ts";
import { smtpEndpoints } from "../../http/mod.ts";
import { getLogger } from "../../log/mod.ts";
import type { Services } from "../../program/mod.ts";
import type { FittedLimits } from "./descriptors.ts";

/** How often revocations are looked for. */
const CHECK_INTERVAL_MS = SECOND_MS;
/** The same with replicas: a revocation works on all of them within a second, even without notifications. */
const SHARED_CHECK_INTERVAL_MS = SECOND_MS / 2;

const log = getLogger("main");

/** Opens the SMTP ports. @throws if one cannot be opened. */
export async function startSmtp(
  { config, accounts, tokens, store, replicas }: Services,
  observe: Observer,
  certificate: CertificatePair | undefined,
  { smtpConnectionCount }: FittedLimits,
) {
  const service = await startTcpService(settingsOf(config, certificate, smtpConnectionCount), {
    clock: steadyClock,
    date: systemClock.now,
    authenticator: new LoginThrottle({
      authenticator: accounts,
      clock: steadyClock,
      shared: replicas?.failures,
    }),
    addressBook: accounts.addressBook,
    allowance: new DailyAllowance(store.deliveries, systemClock),
    tokens,
    slots: replicas?.slots,
    explainRefusal: (reply, { kind }) => refusalText(reply, kind),
    observe,
  });
  accounts.onRevoked((revocation) => service.revoke(revocation));
  tokens.onAdopted((accountId) => service.forget(accountId));
  let isListening = true;
  let areRevocationsKnown = true;
  const check = () => {
    accounts.checkRevocations().then(() => areRevocationsKnown = true, (error) => {
      if (areRevocationsKnown) log.error("revocations unknown", { error: errorText(error) });
      areRevocationsKnown = false;
    });
  };
  replicas?.onRevoked(check);
  const timer = setInterval(check, replicas ? SHARED_CHECK_INTERVAL_MS : CHECK_INTERVAL_MS);
  return {
    /** Where it listens, for people. */
    addresses: service.endpoints.map(({ kind, host, port }) =>
      `${kind} ${formatAddress(host, port)}`
    ),
    service,
    /** Tells whether its ports are open. */
    isListening: () => isListening,
    /** Closes the ports and finishes what is in progress. */
    async stop() {
      isListening = false;
      await service.stop(config.smtp.shutdownGraceSeconds);
      clearInterval(timer);
    },
  };
}

function settingsOf(
  config: Config,
  certificate: CertificatePair | undefined,
  connectionCount: number,
): TcpServiceSettings {
  const { smtp, upstream, trustProxy } = config;
  return {
    endpoints: smtpEndpoints(config),
    certificate,
    inspectionDelayMs: smtp.inspectionDelayMs,
    proxyProtocol: { mode: smtp.proxyProtocol, trusted: trustProxy },
    greetingName: smtp.greetingName,
    plainClients: smtp.plainClients,
    limits: { ...smtp.limits, connectionCount },
    sessionLimits: smtp.sessionLimits,
    missingHeaders: smtp.missingHeaders,
    poolLimits: upstream,
  };
}
