/**
 * Octets in, octets out: what the protocol needs of a connection. The other files of this room have it with
 * sockets and TLS, `testing/` has it in memory.
 *
 * @module
 */

/** One connection. Reads and writes may overlap; two reads, or two writes, may not. */
export interface Transport {
  /** Whether TLS protects the octets. */
  readonly secure: boolean;
  /** The peer's IP address, without brackets or port. */
  readonly remoteAddress: string;
  /**
   * The next octets, as many as there are; null at the end of the stream. They are valid until the next read.
   *
   * @param bulk Much may come: a message, not a command.
   * @throws when the connection broke or was closed on our side.
   */
  read(bulk?: boolean): Promise<Uint8Array | null>;
  /** Resolves when the octets may be overwritten, which is also when more may be written: this is the back-pressure. */
  write(octets: Uint8Array): Promise<void>;
  /**
   * Upgrades to TLS (RFC 3207). Plain octets that arrived and were not read are thrown away.
   *
   * @param goAhead Last plain octets to send: the server's 220. They leave in the same tick as the upgrade, so nothing
   * can slip in between.
   */
  startTls(goAhead?: Uint8Array): Promise<void>;
  /** Ends the connection: what was written still arrives, a pending read or write rejects or ends. May be called again. */
  close(): void;
}

/** A certificate chain and its private key, PEM-encoded. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

/** The other end of a connection to open. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  /** TLS from the first octet. */
  readonly implicitTls: boolean;
}

/** Opens connections; injected, so that tests need no network. */
export interface Dialer {
  /**
   * Connects by IPv6 and IPv4, whichever answers first. The certificate is verified against `host`.
   *
   * @param signal Gives up.
   */
  connect(destination: Destination, signal: AbortSignal): Promise<Transport>;
}

/**
 * How a port begins: without TLS ever, with TLS from the first octet (RFC 8314), with STARTTLS (RFC 3207), or as the client
 * likes, told by its first octet.
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
}

/** A client that has connected and was told nothing yet. */
export interface Arrival {
  readonly remoteAddress: string;
  /** The local port. */
  readonly port: number;
  /** Turns the client away, with a last line where it can read one. */
  reject(octets: Uint8Array): void;
  /** Lets it in: shakes hands where the port begins with TLS. */
  accept(): Promise<Accepted>;
}

/** A client that was let in. */
export interface Accepted {
  readonly transport: Transport;
  /** Whether {@linkcode Transport.startTls} works. */
  readonly startTls: boolean;
}

/** A port that is open. */
export interface Listener {
  readonly endpoint: Endpoint;
  close(): void;
}

/** Opens ports; injected. */
export interface Network {
  /** @throws when the port can't be opened. */
  listen(endpoint: Endpoint, onArrival: (arrival: Arrival) => void): Promise<Listener>;
  /** Uses another certificate for the connections to come. @throws {TypeError} when the pair is none; the old one stays. */
  useCertificate(pair: CertificatePair): void;
}
