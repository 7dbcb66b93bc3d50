/**
 * The SMTP service on the ports of this machine.
 *
 * @module
 */
import { addressMatcher } from "../address_matcher.ts";
import { type ServicePorts, type ServiceSettings, SmtpService } from "../service.ts";
import type { ProxyPolicy } from "./introduction.ts";
import { tcpDialer } from "./native_transport.ts";
import { TcpNetwork } from "./network.ts";
import { type CertificatePair, TlsEngine } from "./tls_engine.ts";

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
    engine,
    inspectionDelayMs,
    proxyProtocol: { mode, trusts: (address) => trusted.includes(address) },
    observe: ports.observe,
  });
  const ground = { network, dialer: tcpDialer, now: Date.now };
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
