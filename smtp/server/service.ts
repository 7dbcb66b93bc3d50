/**
 * The SMTP service: the server that clients see, and the relay behind it.
 *
 * @module
 */
import type { Authenticator, TokenSource, UpstreamCounts } from "../backend.ts";
import type { Clock } from "../clock.ts";
import type { Observer } from "../events.ts";
import { Relay, type RelayOptions } from "../upstream/mod.ts";
import { SmtpServer, type SmtpServerOptions } from "./server.ts";
import {
  addressMatcher,
  type CertificatePair,
  type Dialer,
  type Endpoint,
  type Network,
  type ProxyPolicy,
  TcpDialer,
  TcpNetwork,
  TlsEngine,
} from "../net/mod.ts";

/** Settings of the service. */
export interface ServiceSettings {
  readonly endpoints: readonly Endpoint[];
  /** Our name for clients and for the upstream. */
  readonly greetingName: string;
  readonly limits: SmtpServerOptions["limits"];
  readonly sessionLimits: SmtpServerOptions["sessionLimits"];
  readonly poolLimits: RelayOptions["poolLimits"];
}

/** What the service asks, and whom it tells; see {@linkcode ServiceSettings} for the rest. */
export interface ServicePorts {
  readonly clock: Clock;
  readonly authenticator: Authenticator;
  readonly tokens: TokenSource;
  /** What to tell a client whose account the upstream refuses: one line that says what to do. */
  readonly explainRefusal: RelayOptions["explainRefusal"];
  readonly observe: Observer;
}

/** What the service stands on. */
export interface ServiceGround {
  readonly network: Network;
  readonly dialer: Dialer;
}

/** Whose logins have ended: those of an account, or of one of its app passwords alone. */
export interface Revoked {
  readonly accountId: string;
  readonly appPasswordId?: string;
}

/** Serves clients. */
export class SmtpService {
  readonly #relay: Relay;
  readonly #server: SmtpServer;
  #endpoints: readonly Endpoint[] = [];

  private constructor(settings: ServiceSettings, ports: ServicePorts, ground: ServiceGround) {
    this.#relay = new Relay({ ...settings, ...ports, ...ground });
    this.#server = new SmtpServer({ ...settings, ...ports, ...ground, backend: this.#relay });
  }

  /** Opens all ports. @throws when one can't be opened; then none is. */
  static async start(
    settings: ServiceSettings,
    ports: ServicePorts,
    ground: ServiceGround,
  ): Promise<SmtpService> {
    const service = new SmtpService(settings, ports, ground);
    service.#endpoints = await service.#server.start();
    return service;
  }

  /** Where it listens, with the real ports. */
  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  /** How many clients are connected. */
  get connectionCount(): number {
    return this.#server.connectionCount;
  }

  /** The connections to the submission server. */
  get upstream(): UpstreamCounts {
    return this.#relay.counts;
  }

  /** Ends sessions, and hangs up what is signed in upstream for an account that is gone. */
  revoke({ accountId, appPasswordId }: Revoked): void {
    if (appPasswordId === undefined) this.forget(accountId);
    this.#server.endSessions(({ account }) =>
      account.id === accountId &&
      (appPasswordId === undefined || account.appPasswordId === appPasswordId)
    );
  }

  /** Forgets what is signed in upstream for an account whose owner has signed in anew. */
  forget(accountId: string): void {
    this.#relay.drop(accountId);
  }

  /** Closes the ports, lets transactions finish, and ends the rest. @param graceSeconds How long they may take. */
  async stop(graceSeconds: number): Promise<void> {
    await this.#server.stop(graceSeconds);
    this.#relay.close();
  }
}

/** Settings of the service on real ports. */
export interface TcpServiceSettings extends ServiceSettings {
  /** Needed by ports of any kind but `plain`. */
  readonly certificate?: CertificatePair;
  /** How long an `auto` port waits for a TLS client to speak before it greets in plain text, in milliseconds. */
  readonly inspectionDelayMs: number;
  readonly proxyProtocol: {
    readonly mode: ProxyPolicy["mode"];
    /** The peers whose headers are believed, in CIDR notation. */
    readonly trustedRanges: readonly string[];
  };
}

/** A service that runs on real ports. */
export interface TcpService
  extends Pick<SmtpService, "endpoints" | "upstream" | "revoke" | "forget" | "stop"> {
  /** Uses another certificate for the connections to come. */
  useCertificate(pair: CertificatePair): void;
}

/** Opens all ports. @throws when one can't be opened; then none is. */
export async function startTcpService(
  settings: TcpServiceSettings,
  ports: ServicePorts,
): Promise<TcpService> {
  const { certificate, inspectionDelayMs, proxyProtocol: { mode, trustedRanges } } = settings;
  const engine = certificate && new TlsEngine(certificate);
  const trusted = addressMatcher(trustedRanges);
  const network = new TcpNetwork({
    clock: ports.clock,
    engine,
    inspectionDelayMs,
    proxyProtocol: { mode, trusts: (address) => trusted.includes(address) },
    observe: ports.observe,
  });
  const ground = { network, dialer: new TcpDialer(ports.clock) };
  const service = await SmtpService.start(settings, ports, ground);
  return {
    endpoints: service.endpoints,
    get upstream() {
      return service.upstream;
    },
    revoke: (revoked) => service.revoke(revoked),
    forget: (accountId) => service.forget(accountId),
    useCertificate: (pair) => engine?.reload(pair),
    stop: (graceSeconds) => service.stop(graceSeconds),
  };
}
