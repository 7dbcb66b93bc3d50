/**
 * A client's connection to an SMTP server: lines out, lines in, TLS at the beginning or later.
 *
 * @module
 */
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { OwnServer } from "./own_server.ts";

/** A connection that cannot be opened, or that broke. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}

/** Facts about a TLS connection. */
export interface TlsFacts {
  readonly protocol: string;
  /** Why a careful mail client would not accept the certificate; absent: it is good. */
  readonly problem?: string;
}

/** A connection to an SMTP server. */
export interface Connection {
  /** @throws {ConnectionError} at the end, too: a server does not hang up before QUIT. */
  readLine(): Promise<string>;
  write(text: string): void;
  /**
   * Starts TLS and checks the certificate as a mail client does. A bad one is reported, not refused.
   *
   * @throws {ConnectionError}
   */
  startTls(server: Pick<OwnServer, "publicHost" | "authorityFile">): Promise<TlsFacts>;
  /** Closes the connection; a pending read rejects. */
  close(): void;
}

/** Opens a connection, not yet protected. */
export type Connect = (server: Pick<OwnServer, "host" | "port" | "speaksProxy">) => Connection;

/** RFC 5321 section 4.5.3.1.5; what is longer is no SMTP. */
const LINE_LIMIT_OCTETS = 4096;

/** PROXY protocol 1: a connection of the sender's own, without a client behind it. */
const NO_PROXY = "PROXY UNKNOWN\r\n";

/** Connects over the network. A failure to do so shows at the first read. */
export const connect: Connect = ({ host, port, speaksProxy }) => {
  const connection = new SocketConnection(connectPlain({ host, port }));
  if (speaksProxy) connection.write(NO_PROXY);
  return connection;
};

class SocketConnection implements Connection {
  #socket: Socket;
  #unread = "";
  #error: ConnectionError | undefined;
  #wake = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  async readLine(): Promise<string> {
    for (;;) {
      const end = this.#unread.indexOf("\n");
      if (end >= 0) {
        const line = this.#unread.slice(0, end).replace(/\r$/, "");
        this.#unread = this.#unread.slice(end + 1);
        return line;
      }
      if (this.#unread.length > LINE_LIMIT_OCTETS) this.#fail("the server sends endless lines");
      if (this.#error) throw this.#error;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  async startTls(
    { publicHost: host, authorityFile }: Pick<OwnServer, "publicHost" | "authorityFile">,
  ): Promise<TlsFacts> {
    const ca = authorityFile === undefined ? undefined : await authorityIn(authorityFile);
    this.#socket.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onEnd);
    this.#unread = "";
    const secured = connectTls({
      socket: this.#socket,
      servername: /^[\d.]+$|:/.test(host) ? undefined : host,
      ...(ca !== undefined && { ca }),
      // It is our own server that is asked, and the certificate is what is to be found out.
      rejectUnauthorized: false,
    });
    this.#socket = secured;
    this.#listen();
    await new Promise<void>((resolve) => {
      secured.once("secureConnect", resolve);
      this.#wake = resolve;
    });
    if (this.#error) throw this.#error;
    return factsOf(secured);
  }

  close(): void {
    this.#fail("it took too long, or was given up");
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.on("data", this.#onData).on("end", this.#onEnd).on("close", this.#onEnd)
      .on("error", this.#onError);
  }

  #onData = (octets: Uint8Array): void => {
    this.#unread += new TextDecoder("latin1").decode(octets);
    this.#wake();
  };

  #onEnd = (): void => this.#fail("the server hung up");

  #onError = (error: Error): void => this.#fail(error.message);

  /** The first failure counts. */
  #fail(message: string): void {
    this.#error ??= new ConnectionError(message);
    this.#wake();
  }
}

/** Returns the last certificate of a chain: clients of an authority of our own trust that one, and no other. */
async function authorityIn(file: string): Promise<string | undefined> {
  const text = await Deno.readTextFile(file);
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)?.at(-1);
}

function factsOf(socket: TLSSocket): TlsFacts {
  const code = String(socket.authorizationError);
  return {
    protocol: socket.getProtocol() ?? "TLS",
    problem: socket.authorized ? undefined : PROBLEMS[code] ?? code,
  };
}

/** OpenSSL's codes in words. */
const PROBLEMS: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: "it was issued for another name",
  CERT_HAS_EXPIRED: "it has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its authority is not generally trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its authority is not generally trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "its authority is not generally trusted, or the chain is not complete",
};
