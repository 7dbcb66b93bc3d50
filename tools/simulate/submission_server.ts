/**
 * Simulates Microsoft's submission server: it accepts mail only after STARTTLS and XOAUTH2, only from permitted senders, and
 * stores it. Tests, benchmarks and the panel can make it slow, strict or unreachable. It is based on npm's smtp-server.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import type {
  SMTPServerAddress,
  SMTPServerAuthentication,
  SMTPServerAuthenticationResponse,
  SMTPServerDataStream,
  SMTPServerOptions,
  SMTPServerSession,
} from "smtp-server";
import { type Clock, systemClock } from "../../lib/base/mod.ts";
import { Directory, type Mailbox } from "./directory.ts";
import { SMTP_SCOPE } from "./identity/scope.ts";
import { LOOPBACK } from "./loopback.ts";
import { PERSONAL_TENANT_ID } from "./people.ts";
import {
  admit,
  mayOpen,
  type SignedIn,
  subjectOf,
  type TokenHolder,
} from "./submission/admission.ts";
import {
  announcement,
  type AnnouncementOptions,
  disabledCommands,
} from "./submission/announcement.ts";
import { ChunkedStream } from "./submission/chunking.ts";
import { MicrosoftSmtpServer } from "./submission/dialect.ts";
import { type EnvelopeAddress, MessageStore } from "./submission/message_store.ts";
import { Refusals } from "./submission/refusals.ts";
import { fromAddresses } from "./submission/header.ts";
import { type Scope, Troubles } from "./troubles/troubles.ts";

export type { TokenHolder } from "./submission/admission.ts";
export type { ServiceExtension } from "./submission/announcement.ts";
export type { EnvelopeAddress, MessageStore, ReceivedMessage } from "./submission/message_store.ts";

const MAX_STORED_OCTETS = 256 * 1024 * 1024;
/** Microsoft's limit for work accounts. */
const MAX_SUBMISSIONS_PER_MAILBOX = 3;

/** The ways of refusing AUTH. */
type AuthRefusal =
  /** 535 at once, as at Microsoft. */
  | "direct"
  /** 334 with JSON, then 535 after the client's empty line. */
  | "challenge"
  /** 432: too many connections, a temporary failure. */
  | "concurrency";

/** Settings of a {@linkcode SubmissionServer}. */
export interface SubmissionServerOptions extends AnnouncementOptions {
  /** Returns the holder of an access token; `undefined` for an unknown, expired or revoked one. */
  readonly holderOf: (token: string) => TokenHolder | undefined;
  /** Default: the simulated people. */
  readonly directory?: Directory;
  /** Default: none. */
  readonly troubles?: Troubles;
  readonly clock?: Clock;
  /** Default: a free one. */
  readonly port?: number;
  /** The most octets of messages that are stored. Default: 256 MiB. */
  readonly maxStoredOctets?: number;
  /** The most sessions of a mailbox at the same time; others get 432 at AUTH. Default: any number. */
  readonly maxSessionsPerMailbox?: number;
}

/** The simulated submission server. It listens on the loopback interface only. */
export class SubmissionServer implements AsyncDisposable {
  /** The messages that have arrived. */
  readonly store: MessageStore;
  /** The refusal of every AUTH. Absent: the token decides. */
  refusal: AuthRefusal | undefined;
  /** The refusal of bad tokens. */
  badTokenRefusal: "direct" | "challenge" = "direct";
  /** The step at which an application without rights on a mailbox is refused: after the message with 430, or at AUTH. */
  missingRightsShowAt: "auth" | "message" = "message";
  /** The most messages of a mailbox at the same time. Further MAIL commands get 432. */
  maxSubmissionsPerMailbox = MAX_SUBMISSIONS_PER_MAILBOX;
  /** Called with the size of each piece of a message. The next piece is read when it resolves. */
  pace: ((octets: number) => Promise<void>) | undefined;
  /** The number of sessions so far. */
  connections = 0;
  /** The largest number of simultaneous sessions of a mailbox so far. */
  mostSessions = 0;

  readonly #options: SubmissionServerOptions;
  readonly #directory: Directory;
  readonly #refusals: Refusals;
  readonly #sockets = new Set<Socket>();
  readonly #stopping = new AbortController();
  #server: MicrosoftSmtpServer;
  #port: number;

  private constructor(options: SubmissionServerOptions) {
    this.#options = options;
    this.#directory = options.directory ?? new Directory();
    const { troubles = new Troubles(this.#directory), clock = systemClock } = options;
    this.#refusals = new Refusals(troubles, clock, this.#stopping.signal);
    troubles.whenAtOnce((scope) => this.#endIdleSessions(troubles, scope));
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

  /** The delay of 535 5.7.3 and 535 5.7.139, in milliseconds. Microsoft was observed to take 5 to 7 seconds. */
  get refusalDelayMs(): number {
    return this.#refusals.delayMs;
  }

  set refusalDelayMs(ms: number) {
    this.#refusals.delayMs = ms;
  }

  /** Stops listening and cuts every session. Stored messages stay. */
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
    this.#stopping.abort();
    await this.stop();
  }

  async #listen(): Promise<void> {
    const listener = this.#server.listen(this.#port, LOOPBACK);
    await once(listener, "listening");
    this.#port = (listener.address() as AddressInfo).port;
  }

  #createServer(): MicrosoftSmtpServer {
    const server = new MicrosoftSmtpServer({ ...announcement(this.#options), ...this.#handlers() });
    server.takesChunks = !this.#options.hide?.includes("CHUNKING");
    server.server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    // A client that disconnects is not an error of this server.
    server.on("error", () => {});
    return server;
  }

  #handlers(): SMTPServerOptions {
    return {
      onConnect: (session, callback) => {
        this.connections++;
        // Microsoft offers no AUTH before STARTTLS.
        session.disabledCommands = [...disabledCommands(this.#options), "AUTH"];
        this.#refusals.meet("connect", {}).then(() => callback(), callback);
      },
      onSecure: (_socket, session, callback) => {
        session.disabledCommands = undefined;
        callback();
      },
      onAuth: (authentication, _session, callback) => {
        this.#authenticate(authentication).then((response) => callback(null, response), callback);
      },
      onMailFrom: ({ address }, session, callback) => {
        this.#checkSender(address, session).then(() => callback(), callback);
      },
      onData: (stream, session, callback) => {
        this.#receive(stream, session).then((text) => callback(null, text), callback);
      },
    };
  }

  async #authenticate(
    { method, username = "", accessToken = "" }: SMTPServerAuthentication,
  ): Promise<SMTPServerAuthenticationResponse> {
    if (this.refusal) return await this.#refuseAuth(this.refusal);
    if (method !== "XOAUTH2") return await this.#refusals.refuse("basic-auth-off");
    const signedIn = admit(this.#directory, username, this.#options.holderOf(accessToken));
    if (!signedIn || !this.#hasRights("auth", signedIn)) {
      return await this.#refuseAuth(this.badTokenRefusal);
    }
    await this.#refusals.meet("auth", subjectOf(signedIn));
    const open = this.#sessionsOf(signedIn.mailbox).length;
    if (open >= (this.#options.maxSessionsPerMailbox ?? Infinity)) {
      return await this.#refusals.refuse("too-many-connections");
    }
    this.mostSessions = Math.max(this.mostSessions, open + 1);
    return { user: signedIn };
  }

  async #refuseAuth(refusal: AuthRefusal): Promise<SMTPServerAuthenticationResponse> {
    if (refusal === "concurrency") return await this.#refusals.refuse("too-many-connections");
    if (refusal === "direct") return await this.#refusals.refuse("token-refused");
    return { data: { status: "401", schemes: "Bearer", scope: SMTP_SCOPE } };
  }

  /** Whether an application's rights on a mailbox suffice, or are checked at another step. */
  #hasRights(stage: "auth" | "message", signedIn: SignedIn): boolean {
    return stage !== this.missingRightsShowAt || mayOpen(this.#directory, signedIn);
  }

  /** Ends the idle sessions of a scope. */
  #endIdleSessions(troubles: Troubles, scope: Scope): void {
    // A session does not know the registration of its token.
    const isForAnybody = typeof scope === "object" && "application" in scope;
    for (const connection of this.#server.connections) {
      const { user, envelope } = connection.session;
      const isMeant = user && (isForAnybody || troubles.includes(scope, subjectOf(user)));
      if (isMeant && envelope.mailFrom === false) connection.close();
    }
  }

  /** Returns the sessions that are signed in to a mailbox. */
  #sessionsOf({ objectId }: Mailbox): readonly SMTPServerSession[] {
    const sessions = [...this.#server.connections].map(({ session }) => session);
    return sessions.filter(({ user }) => user && (user as SignedIn).mailbox.objectId === objectId);
  }

  /** Throws if MAIL is refused. */
  async #checkSender(sender: string, { user }: SMTPServerSession): Promise<void> {
    const signedIn: SignedIn = user;
    const hasForeignSender = !this.#maySendAs(signedIn, sender);
    await this.#refusals.meet("mail", { ...subjectOf(signedIn), hasForeignSender });
    const sessions = this.#sessionsOf(signedIn.mailbox);
    const underWay = sessions.filter(({ envelope }) => envelope.mailFrom !== false);
    if (underWay.length >= this.maxSubmissionsPerMailbox) {
      await this.#refusals.refuse("too-many-connections");
    }
  }

  async #receive(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string> {
    const { mailFrom, rcptTo } = session.envelope;
    const sender = envelopeAddress(mailFrom || { address: "", args: false });
    const signedIn: SignedIn = session.user;
    const content = await this.#read(stream);
    await this.#checkMessage(signedIn, sender.address, content);
    const { number } = this.store.add({
      receivedAt: new Date(),
      mailbox: signedIn.mailbox.address,
      username: signedIn.username,
      sender,
      recipients: rcptTo.map(envelopeAddress),
      command: stream instanceof ChunkedStream ? "BDAT" : "DATA",
      content,
    });
    return `Queued mail for delivery as simulated message ${number}`;
  }

  /** Throws if a message is refused. */
  async #checkMessage(signedIn: SignedIn, sender: string, content: Uint8Array): Promise<void> {
    const { mailbox } = signedIn;
    const senders = [sender, ...fromAddresses(content)];
    const foreign = senders.find((one) => !this.#maySendAs(signedIn, one));
    const named = { mailbox: mailbox.address, sender: foreign ?? senders.at(-1) };
    const subject = { ...subjectOf(signedIn), hasForeignSender: foreign !== undefined };
    await this.#refusals.meet("message", subject, named);
    if (!this.#hasRights("message", signedIn)) await this.#refusals.refuse("mailbox-logon");
    if (foreign === undefined) return;
    const isPersonal = mailbox.tenantId === PERSONAL_TENANT_ID;
    const id = isPersonal ? "sender-not-allowed-personal" : "sender-not-allowed";
    await this.#refusals.refuse(id, named);
  }

  /** Whether a sender is allowed. Everybody may use the null sender (RFC 5321 section 4.5.5). */
  #maySendAs({ mailbox, applicationId }: SignedIn, sender: string): boolean {
    return sender === "" || this.#directory.maySendAs(mailbox, sender, applicationId);
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

function envelopeAddress({ address, args }: SMTPServerAddress): EnvelopeAddress {
  return { address, parameters: args || {} };
}
