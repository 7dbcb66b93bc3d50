/**
 * Connections: ports, sockets, TLS, PROXY headers and addresses, and the reading of lines.
 *
 * @module
 */
export type { ProxyPolicy } from "./acceptor.ts";
export {
  type AddressMatcher,
  addressMatcher,
  canonicalAddress,
  clientNetworks,
  formatAddress,
  isWithin,
} from "./address.ts";
export { TcpDialer } from "./native_transport.ts";
export { TcpNetwork } from "./network.ts";
export { PortProbe } from "./port_probe.ts";
export { TLS_HANDSHAKE } from "./tls_engine.ts";
export {
  type Accepted,
  type Arrival,
  type CertificatePair,
  type Dialer,
  type Endpoint,
  type Listener,
  type Network,
  PORT_KINDS,
  type PortKind,
  type Transport,
} from "./transport.ts";
export { LINE_TOO_LONG, WireReader } from "./wire.ts";
