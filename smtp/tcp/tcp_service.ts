/**
 * The SMTP service on the ports of this machine.
 *
 * @module
 */
import { addressMatcher } from "../address_matcher.ts";
import type { CensusMemory } from "../census.ts";
import {
  type RunningService,
  type ServicePorts,
  type ServiceSettings,
  SmtpService,
} from "../service.ts";
import type { Endpoint } from "../transport.ts";
import type { ProxyPolicy } from "./introduction.ts";
import { tcpDialer } from "./native_transport.ts";
import { TcpNetwork } from "./network.ts";
import type { PortWatch } from "./port_probe.ts";
import { type CertificatePair, TlsEngine } from "./tls_engine.ts";

/** What the service is to do: plain data, which may be handed to another thread. */
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

/** What threads that serve the same ports have in common. */
export interface Shared {
  readonly censusMemory: CensusMemory;
  /** Absent where this thread alone opens the ports. */
  readonly sharedWatch?: (endpoint: Endpoint) => PortWatch;
}

/** A service that runs on real ports. */
export interface TcpService extends RunningService {
  /** Uses another certificate for the connections to come. */
  useCertificate(pair: CertificatePair): void;
}

/** Opens all ports. @throws when one can't be opened; then none is. */
export async function startTcpService(
  settings: TcpServiceSettings,
  ports: ServicePorts,
  { censusMemory, sharedWatch }: Shared,
): Promise<TcpService> {
  const { certificate, inspectionDelayMs, proxyProtocol: { mode, trustedRanges } } = settings;
  const engine = certificate && new TlsEngine(certificate);
  const trusted = addressMatcher(trustedRanges);
  const network = new TcpNetwork({
    engine,
    inspectionDelayMs,
    proxyProtocol: { mode, trusts: (address) => trusted.includes(address) },
    sharedWatch,
    observe: ports.observe,
  });
  const ground = { network, dialer: tcpDialer, censusMemory, now: Date.now };
  const service = await SmtpService.start(settings, ports, ground);
  return {
    endpoints: service.endpoints,
    revoke: (revoked) => service.revoke(revoked),
    forget: (accountId) => service.forget(accountId),
    useCertificate: (pair) => engine?.reload(pair),
    stop: (graceSeconds) => service.stop(graceSeconds),
  };
}
