/**
 * The SMTP service: the server that clients see, and the relay behind it.
 *
 * @module
 */
import type { Account, Login, MailboxCounts, UpstreamCounts } from "../backend.ts";
import { type Clock, withinMs } from "../clock.ts";
import {
  type CertificatePair,
  type Dialer,
  type Endpoint,
  type Network,
  type ProxyPolicy,
  TcpDialer,
  TcpNetwork,
} from "../net/mod.ts";
import { Relay, type RelayOptions } from "../upstream/mod.ts";
import { SmtpServer, type SmtpServerOptions } from "./server.ts";

/** Settings of the service. */
export interface ServiceSettings extends
  Pick<
    SmtpServerOptions,
    | "endpoints"
    | "greetingName"
    | "limits"
    | "sessionLimits"
    | "missingHeaders"
    | "plainClients"
  > {
  readonly poolLimits: RelayOptions["poolLimits"];
}

/** Settings of the service on real ports. */
export interface TcpServiceSettings extends ServiceSettings {
  /** Needed by ports of any kind but `plain`. */
  readonly certificate?: CertificatePair;
  /** How long an `auto` port waits for a TLS client to speak before it greets in plain text, in milliseconds. */
  readonly inspectionDelayMs: number;
  readonly proxyProtocol: ProxyPolicy;
}

/** Dependencies of the service. */
export type Dependencies =
  & Pick<
    RelayOptions,
    "clock" | "authenticator" | "tokens" | "explainRefusal" | "observe" | "slots"
  >
  & Pick<SmtpServerOptions, "allowance" | "addressBook" | "date">;

/** The ports and the upstream connections of a service. */
export interface NetworkAccess {
  readonly network: Network;
  readonly dialer: Dialer;
}

/** A revoked account, or one of its app passwords, revoked or changed. */
export interface Revoked {
  readonly accountId: string;
  readonly appPasswordId?: string;
  /** Whether only the rules of the app password have changed. */
  readonly isChange?: boolean;
}

/** Serves clients and relays their messages. */
export class SmtpService {
  readonly #clock: Clock;
  readonly #network: Network;
  readonly #relay: Relay;
  readonly #server: SmtpServer;
  #endpoints: readonly Endpoint[] = [];

  private constructor(settings: ServiceSettings, options: Dependencies & NetworkAccess) {
    this.#clock = options.clock;
    this.#network = options.network;
    this.#relay = new Relay({ ...settings, ...options });
    this.#server = new SmtpServer({ ...settings, ...options, backend: this.#relay });
  }

  /** Opens all ports. @throws if one can't be opened; then none is open. */
  static async start(
    settings: ServiceSettings,
    options: Dependencies & NetworkAccess,
  ): Promise<SmtpService> {
    const service = new SmtpService(settings, options);
    service.#endpoints = await service.#server.start();
    return service;
  }

  /** The endpoints with their real ports. */
  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  /** Number of connected clients. */
  get connectionCount(): number {
    return this.#server.connectionCount;
  }

  /** Numbers of connections of each mailbox that has any. */
  get mailboxes(): readonly MailboxCounts[] {
    return this.#relay.mailboxes;
  }

  /** Numbers of connections to the submission server. */
  get upstream(): UpstreamCounts {
    return this.#relay.counts;
  }

  /** Uses another certificate for new connections. @throws {TypeError} if the pair is invalid; the old one stays in use. */
  useCertificate(pair: CertificatePair): void {
    this.#network.useCertificate(pair);
  }

  /**
   * Ends the sessions of an app password, or the sessions and upstream connections of an account. After a change of rules,
   * sessions end as soon as no transaction is open.
   */
  revoke({ accountId, appPasswordId, isChange }: Revoked): void {
    if (appPasswordId === undefined) this.forget(accountId);
    const matches = ({ account }: Login) =>
      account.id === accountId &&
      (appPasswordId === undefined || account.appPasswordId === appPasswordId);
    if (isChange) this.#server.retireSessions(matches);
    else this.#server.endSessions(matches);
  }

  /** Signs an account in before its login, and keeps the connection for its first message. @throws {SmtpError} */
  prepare(account: Account): Promise<void> {
    return this.#relay.prepare(account);
  }

  /** Closes the upstream connections of an account. Its next login signs in again. */
  forget(accountId: string): void {
    this.#relay.drop(accountId);
  }

  /**
   * Closes the ports, lets transactions finish, and ends the rest with `421 4.3.2`, even if the upstream is silent. Takes no
   * longer than the grace period plus {@linkcode REPORT_MS}.
   *
   * @param graceSeconds Limit for transactions.
   */
  async stop(graceSeconds: number): Promise<void> {
    const ended = this.#server.retire();
    const finished = await withinMs(this.#clock, graceSeconds * 1000, ended);
    if (finished) return this.#relay.close();
    this.#server.end();
    this.#relay.destroy();
    await withinMs(this.#clock, REPORT_MS, ended);
  }
}

/** Time for sessions that were cut off to report their transactions. */
const REPORT_MS = 300;

/** Starts the service on real ports. @throws if one can't be opened; then none is open. */
export function startTcpService(
  settings: TcpServiceSettings,
  dependencies: Dependencies,
): Promise<SmtpService> {
  const { clock, observe } = dependencies;
  const network = new TcpNetwork({ ...settings, clock, observe });
  return SmtpService.start(settings, { ...dependencies, network, dialer: new TcpDialer(clock) });
}
