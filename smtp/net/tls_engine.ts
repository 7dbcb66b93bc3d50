/**
 * TLS on the server side: one context for all ports, replaceable while connections go on.
 *
 * @module
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { CertificatePair } from "./transport.ts";

/** The first octet of a TLS connection: a handshake record (RFC 8446 section 5.1). No SMTP command begins with it. */
export const TLS_HANDSHAKE = 0x16;

/** A client has to finish its handshake within this time. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

const MIN_VERSION = "TLSv1.2";

/** Upgrades accepted sockets. A `tls.Server` that does not listen does the work: it alone reports every failure. */
export class TlsEngine {
  readonly #server: Server;
  /** By the plain socket. */
  readonly #handshakes = new WeakMap<Socket, PromiseWithResolvers<TLSSocket>>();

  /** @throws {TypeError} when the pair is none. */
  constructor(pair: CertificatePair) {
    checkPair(pair);
    this.#server = createServer({
      ...pair,
      minVersion: MIN_VERSION,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
    this.#server.on("secureConnection", (socket) => this.#handshakeOf(socket)?.resolve(socket));
    this.#server.on("tlsClientError", (error, socket) => {
      this.#handshakeOf(socket)?.reject(error);
      socket.destroy();
    });
  }

  /**
   * Uses another pair for the connections to come.
   *
   * @throws {TypeError} when the pair is none; the old one stays.
   */
  reload(pair: CertificatePair): void {
    checkPair(pair);
    this.#server.setSecureContext({ ...pair, minVersion: MIN_VERSION });
  }

  /**
   * Shakes hands. Has to be called in the tick that decided it: octets that are buffered in between would end up in an
   * uncaught error inside node:tls.
   */
  async upgrade(socket: Socket): Promise<TLSSocket> {
    const handshake = Promise.withResolvers<TLSSocket>();
    const onClose = () => handshake.reject(new Error("connection ended inside the TLS handshake"));
    this.#handshakes.set(socket, handshake);
    socket.once("close", onClose);
    this.#server.emit("connection", socket);
    try {
      return await handshake.promise;
    } finally {
      // The socket lives on under TLS, and should not carry its handshake along.
      socket.off("close", onClose);
      this.#handshakes.delete(socket);
    }
  }

  /** node:tls keeps the plain socket, but does not say so in its types. */
  #handshakeOf(socket: TLSSocket): PromiseWithResolvers<TLSSocket> | undefined {
    return this.#handshakes.get((socket as TLSSocket & { _parent: Socket })._parent);
  }
}

/** node:tls takes any two texts for a pair, and then fails every handshake. */
function checkPair({ cert, key }: CertificatePair): void {
  let matches: boolean;
  try {
    matches = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    throw new TypeError(`certificate or key is no valid PEM: ${(cause as Error).message}`, {
      cause,
    });
  }
  if (!matches) throw new TypeError("the private key does not belong to the certificate");
}
