/**
 * TLS on the server side: one context for all ports, whose certificate can be replaced at any time.
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

/** Upgrades accepted sockets with a `tls.Server` that does not listen. Only that reports every failure. */
export class TlsEngine {
  readonly #server: Server;
  /** Handshakes by their plain socket. */
  readonly #handshakes = new WeakMap<Socket, PromiseWithResolvers<TLSSocket>>();

  /** @throws {TypeError} if the key does not belong to the certificate, or either is invalid. */
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
   * Uses another pair for new connections.
   *
   * @throws {TypeError} as the constructor does; the old pair stays in use.
   */
  reload(pair: CertificatePair): void {
    checkPair(pair);
    this.#server.setSecureContext({ ...pair, minVersion: MIN_VERSION });
  }

  /**
   * Performs the handshake. Must be called in the tick that decides on it: octets buffered in between would cause an uncaught
   * error in node:tls.
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
      // The socket stays in use under TLS and should not keep its handshake in memory.
      socket.off("close", onClose);
      this.#handshakes.delete(socket);
    }
  }

  /** Returns the handshake of a socket. node:tls keeps the plain socket, but its types do not say so. */
  #handshakeOf(socket: TLSSocket): PromiseWithResolvers<TLSSocket> | undefined {
    return this.#handshakes.get((socket as TLSSocket & { _parent: Socket })._parent);
  }
}

/** Checks a pair. node:tls accepts any two texts and then fails every handshake. */
function checkPair({ cert, key }: CertificatePair): void {
  let matches: boolean;
  try {
    matches = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    throw new TypeError(`certificate or key is not valid PEM: ${(cause as Error).message}`, {
      cause,
    });
  }
  if (!matches) throw new TypeError("the private key does not belong to the certificate");
}
