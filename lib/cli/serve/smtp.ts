/**
 * The SMTP server, made from the configuration.
 *
 * @module
 */
import {
  type Account,
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

const TICK_MS = SECOND_MS;
/** With other replicas: without notifications, too, a revocation shows on all of them within a second. */
const SHARED_TICK_MS = SECOND_MS / 2;

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
  let listening = true;
  let known = true;
  const check = () => {
    accounts.checkRevocations().then(() => known = true, (error) => {
      if (known) log.error("revocations unknown", { error: errorText(error) });
      known = false;
    });
  };
  replicas?.onRevoked(check);
  const ticker = setInterval(check, replicas ? SHARED_TICK_MS : TICK_MS);
  return {
    /** Where it listens, for people. */
    addresses: service.endpoints.map(({ kind, host, port }) =>
      `${kind} ${formatAddress(host, port)}`
    ),
    /** Whether its ports are open. */
    get listening(): boolean {
      return listening;
    },
    /** Numbers of connections of each mailbox that has any. */
    get mailboxes() {
      return service.mailboxes;
    },
    /** Numbers of connections to the submission server. */
    get upstream() {
      return service.upstream;
    },
    /** Signs an account in ahead of a login. @throws {SmtpError} */
    prepare: (account: Account) => service.prepare(account),
    /** Uses another certificate for new connections. */
    useCertificate: (pair: CertificatePair) => service.useCertificate(pair),
    /** Closes the ports and finishes what is in progress. */
    async stop() {
      listening = false;
      await service.stop(config.smtp.shutdownGraceSeconds);
      clearInterval(ticker);
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
