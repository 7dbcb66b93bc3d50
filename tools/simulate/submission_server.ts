/**
 * A stand-in for Microsoft's submission server on this machine: takes mail only after STARTTLS and XOAUTH2, and keeps
 * it. A test or a benchmark can make it slow, strict or unreachable. On top of npm's smtp-server.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import {
  SMTPServer,
  type SMTPServerAddress,
  type SMTPServerDataStream,
  type SMTPServerOptions,
  type SMTPServerSession,
} from "smtp-server";
import type { ServerCertificate } from "./certificates.ts";
import { ChunkedStream, ChunkingSmtpServer } from "./chunking.ts";
import { LOOPBACK } from "./loopback.ts";
import { type EnvelopeAddress, MessageStore } from "./message_store.ts";
import { SMTP_SCOPE } from "./scope.ts";

export type { EnvelopeAddress, MessageStore, ReceivedMessage } from "./message_store.ts";

/** As Microsoft announces it. */
const MAX_MESSAGE_OCTETS = 157_286_400;
const MAX_STORED_OCTETS = 256 * 1024 * 1024;

/** How AUTH is refused. */
export type AuthRefusal =
  /** A direct 535, as Microsoft does. */
  | "direct"
  /** 334 with JSON first, and 535 after the client's empty line. */
  | "challenge"
  /** 432: too many at once; heals by itself. */
  | "concurrency";

/** What can be left out of the reply to EHLO. */
export type ServiceExtension =
  | "PIPELINING"
  | "8BITMIME"
  | "SMTPUTF8"
  | "DSN"
  | "CHUNKING"
  | "STARTTLS";

/** Settings of a {@linkcode SubmissionServer}. */
export interface SubmissionServerOptions {
  readonly certificate: ServerCertificate;
  /** Whose mailbox an access token opens. */
  readonly verifyAccessToken: (token: string) => { readonly address: string } | undefined;
  /** Default: a free one. */
  readonly port?: number;
  /** Name in the greeting. */
  readonly name?: string;
  /** Service extensions that are not announced. */
  readonly hide?: readonly ServiceExtension[];
  /** Octets; default: 157,286,400. */
  readonly maxMessageOctets?: number;
  /** Octets of messages to keep; default: 256 MiB. */
  readonly maxStoredOctets?: number;
  /** At the same time and of one mailbox; more get 432 at AUTH. Default: any number. */
  readonly maxSessionsPerMailbox?: number;
}

/** The simulated submission server. It listens on the loopback interface only. */
export class SubmissionServer implements AsyncDisposable {
  /** What has arrived. */
  readonly store: MessageStore;
  /** Refuses every AUTH from now on; `undefined`: decides by the token. */
  refusal: AuthRefusal | undefined;
  /** How a bad token is refused from now on. */
  badTokenRefusal: "direct" | "challenge" = "direct";
  /** Called with each piece of a message, from now on: the next is read when it resolves. */
  pace: ((octets: number) => Promise<void>) | undefined;
  /** Sessions accepted so far. */
  connections = 0;

  readonly #options: SubmissionServerOptions;
  /** Open sessions by mailbox, in lower case. */
  readonly #sessions = new Map<string, number>();
  readonly #sockets = new Set<Socket>();
  #server: SMTPServer;
  #port: number;

  private constructor(options: SubmissionServerOptions) {
    this.#options = options;
    this.#port = options.port ?? 0;
    this.store = new MessageStore(options.maxStoredOctets ?? MAX_STORED_OCTETS);
    this.#server = this.#createServer();
  }

  /** Starts one. @throws when the port is taken. */
  static async start(options: SubmissionServerOptions): Promise<SubmissionServer> {
    const server = new SubmissionServer(options);
    await server.#listen();
    return server;
  }

  /** Where it listens, for `SMTP_TARGET_PORT`. */
  get port(): number {
    return this.#port;
  }

  /** Stops listening and cuts every session; what has arrived is kept. */
  async stop(): Promise<void> {
    const listener = this.#server.server;
    if (!listener.listening) return;
    const closed = once(listener, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Listens again, on the same port, after {@linkcode stop}. */
  async restart(): Promise<void> {
    this.#server = this.#createServer();
    await this.#listen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #listen(): Promise<void> {
    const listener = this.#server.listen(this.#port, LOOPBACK);
    await once(listener, "listening");
    this.#port = (listener.address() as AddressInfo).port;
  }

  #createServer(): SMTPServer {
    const Server = this.#options.hide?.includes("CHUNKING") ? SMTPServer : ChunkingSmtpServer;
    const server = new Server({ ...announcement(this.#options), ...this.#handlers() });
    server.server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    // A client that leaves in the middle is no fault of this server.
    server.on("error", () => {});
    return server;
  }

  #handlers(): SMTPServerOptions {
    return {
      onConnect: (session, callback) => {
        this.connections++;
        // Microsoft offers no AUTH before STARTTLS.
        session.disabledCommands = [...disabledCommands(this.#options), "AUTH"];
        callback();
      },
      onSecure: (_socket, session, callback) => {
        session.disabledCommands = undefined;
        callback();
      },
      onAuth: ({ username = "", accessToken = "" }, _session, callback) => {
        const refusal = this.refusal ?? this.#judge(username, accessToken);
        if (refusal) return REFUSALS[refusal](callback);
        this.#countSession(username, 1);
        callback(null, { user: username });
      },
      onData: (stream, session, callback) => {
        this.#receive(stream, session).then((text) => callback(null, text), callback);
      },
      onClose: ({ user }) => {
        if (user) this.#countSession(user, -1);
      },
    };
  }

  /** Why a user may not come in; `undefined` when they may. */
  #judge(username: string, accessToken: string): AuthRefusal | undefined {
    const owner = this.#options.verifyAccessToken(accessToken);
    if (owner?.address.toLowerCase() !== username.toLowerCase()) return this.badTokenRefusal;
    const open = this.#sessions.get(username.toLowerCase()) ?? 0;
    return open < (this.#options.maxSessionsPerMailbox ?? Infinity) ? undefined : "concurrency";
  }

  #countSession(mailbox: string, change: 1 | -1): void {
    const key = mailbox.toLowerCase();
    this.#sessions.set(key, (this.#sessions.get(key) ?? 0) + change);
  }

  async #receive(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string> {
    const { mailFrom, rcptTo } = session.envelope;
    const content = await this.#read(stream);
    const { number } = this.store.add({
      receivedAt: new Date(),
      mailbox: session.user,
      sender: envelopeAddress(mailFrom || { address: "", args: false }),
      recipients: rcptTo.map(envelopeAddress),
      command: stream instanceof ChunkedStream ? "BDAT" : "DATA",
      content,
    });
    return `Queued mail for delivery as simulated message ${number}`;
  }

  async #read(stream: SMTPServerDataStream): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) {
      chunks.push(chunk);
      await this.pace?.(chunk.length);
    }
    return Buffer.concat(chunks);
  }
}

/** What a client is shown before it sends anything. */
function announcement(options: SubmissionServerOptions): SMTPServerOptions {
  const { certificate, name = "simulation.localhost", hide = [] } = options;
  return {
    ...certificate,
    minVersion: "TLSv1.2",
    name,
    authMethods: ["XOAUTH2"],
    size: options.maxMessageOctets ?? MAX_MESSAGE_OCTETS,
    rejectOversized: true,
    hideENHANCEDSTATUSCODES: false,
    hidePIPELINING: hide.includes("PIPELINING"),
    hide8BITMIME: hide.includes("8BITMIME"),
    hideSMTPUTF8: hide.includes("SMTPUTF8"),
    hideDSN: hide.includes("DSN"),
    disabledCommands: disabledCommands(options),
    disableReverseLookup: true,
    logger: false,
  };
}

function disabledCommands({ hide = [] }: SubmissionServerOptions): string[] {
  return hide.includes("STARTTLS") ? ["STARTTLS"] : [];
}

function envelopeAddress({ address, args }: SMTPServerAddress): EnvelopeAddress {
  return { address, parameters: args || {} };
}

type AuthCallback = (error: Error | null, response?: { data?: object }) => void;

const REFUSALS: Record<AuthRefusal, (callback: AuthCallback) => void> = {
  direct: (callback) => callback(replyError(535, "Authentication unsuccessful")),
  concurrency: (callback) => callback(replyError(432, "Concurrent connections limit exceeded")),
  challenge: (callback) =>
    callback(null, { data: { status: "401", schemes: "Bearer", scope: SMTP_SCOPE } }),
};

function replyError(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}
