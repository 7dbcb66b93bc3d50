/**
 * The interfaces of connections and ports. The other files of this room implement them with sockets and TLS, and `testing/`
 * in memory.
 *
 * @module
 */

/** A connection. A read and a write can overlap; two reads or two writes cannot. */
export interface Transport {
  /** Whether TLS protects the octets. */
  readonly secure: boolean;
  /** The peer's IP address, without brackets or port. */
  readonly remoteAddress: string;
  /**
   * Returns the next octets; null at the end of the stream. They are valid until the next read.
   *
   * @param bulk Whether a message is read, not a command.
   * @throws if the connection broke or was closed on our side.
   */
  read(bulk?: boolean): Promise<Uint8Array | null>;
  /** Writes octets. Resolves when they can be overwritten and more can be written, which is the back-pressure. */
  write(octets: Uint8Array): Promise<void>;
  /**
   * Upgrades to TLS (RFC 3207). Plain octets that were not read are discarded.
   *
   * @param goAhead The last plain octets: the server's 220. They are sent in the same tick as the upgrade, so that nothing
   * can come in between.
   */
  startTls(goAhead?: Uint8Array): Promise<void>;
  /** Ends the connection. Octets that were written still arrive; a pending read or write ends. Can be called again. */
  close(): void;
}

/** A certificate chain and its private key, PEM-encoded. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

/** The other end of a new connection. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  /** TLS from the first octet. */
  readonly implicitTls: boolean;
}

/** Opens connections. */
export interface Dialer {
  /**
   * Connects by IPv6 or IPv4, whichever answers first. Verifies the certificate against `host`.
   *
   * @param signal Aborts the attempt.
   */
  connect(destination: Destination, signal: AbortSignal): Promise<Transport>;
}

/**
 * Kinds of ports: without TLS, with TLS from the first octet (RFC 8314), with STARTTLS (RFC 3207), or either of the last two,
 * depending on the client's first octet.
 */
export const PORT_KINDS = ["plain", "tls", "starttls", "auto"] as const;

/** One of {@linkcode PORT_KINDS}. */
export type PortKind = typeof PORT_KINDS[number];

/** A port to listen on. */
export interface Endpoint {
  readonly kind: PortKind;
  /** IP address or name of this machine. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Whether other processes can listen on it, too; the system distributes the connections (`SO_REUSEPORT`). */
  readonly reusePort?: boolean;
}

/** A client that has connected and has not been greeted. */
export interface Arrival {
  readonly remoteAddress: string;
  /** The local port. */
  readonly port: number;
  /** Closes the connection, after a last line if the client can read it. */
  reject(octets: Uint8Array): void;
  /** Accepts the client, with a TLS handshake if the port begins with one. */
  accept(): Promise<Accepted>;
}

/** An accepted client. */
export interface Accepted {
  readonly transport: Transport;
  /** Whether STARTTLS is offered; if so, nobody logs in without it. */
  readonly startTls: boolean;
}

/** An open port. */
export interface Listener {
  readonly endpoint: Endpoint;
  close(): void;
}

/** Opens ports. */
export interface Network {
  /** Opens a port. @throws if it can't be opened. */
  listen(endpoint: Endpoint, onArrival: (arrival: Arrival) => void): Promise<Listener>;
  /** Uses another certificate for new connections. @throws {TypeError} if the pair is invalid; the old one stays in use. */
  useCertificate(pair: CertificatePair): void;
}
