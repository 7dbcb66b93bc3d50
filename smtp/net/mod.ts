/**
 * Connections: ports, sockets, TLS, PROXY headers and addresses, and the reading of lines.
 *
 * @module
 */
export {
  type AddressMatcher,
  addressMatcher,
  canonicalAddress,
  clientNetwork,
  clientNetworks,
  formatAddress,
} from "./address.ts";
export type { ProxyPolicy } from "./header_reader.ts";
export { createTcpDialer, tcpDialer } from "./native_transport.ts";
export { TcpNetwork } from "./network.ts";
export { type CertificatePair, TLS_HANDSHAKE, TlsEngine } from "./tls_engine.ts";
export {
  type Accepted,
  type Arrival,
  type Dialer,
  type Endpoint,
  type Listener,
  type Network,
  PORT_KINDS,
  type PortKind,
  type Transport,
} from "./transport.ts";
export { LINE_TOO_LONG, WireReader } from "./wire.ts";
