/**
 * A stand-in for Microsoft's submission server on this machine: takes mail only after STARTTLS and XOAUTH2, only from
 * whom it should, and keeps it. A test, a benchmark or the panel can make it slow, strict or unreachable. On top of npm's
 * smtp-server.
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
/** As Microsoft limits work accounts. */
const MAX_SUBMISSIONS_PER_MAILBOX = 3;

/** How AUTH is refused. */
type AuthRefusal =
  /** A direct 535, as Microsoft does. */
  | "direct"
  /** 334 with JSON first, and 535 after the client's empty line. */
  | "challenge"
  /** 432: too many at once; heals by itself. */
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
  /** Octets of messages to keep; default: 256 MiB. */
  readonly maxStoredOctets?: number;
  /** At the same time and of one mailbox; more get 432 at AUTH. Default: any number. */
  readonly maxSessionsPerMailbox?: number;
}

/** The simulated submission server. It listens on the loopback interface only. */
export class SubmissionServer implements AsyncDisposable {
  /** The messages that have arrived. */
  readonly store: MessageStore;
  /** Refuses every AUTH from now on; `undefined`: decides by the token. */
  refusal: AuthRefusal | undefined;
  /** How a bad token is refused from now on. */
  badTokenRefusal: "direct" | "challenge" = "direct";
  /** Where an application without rights on a mailbox is refused from now on: after the message with 430, or at AUTH. */
  missingRightsShowAt: "auth" | "message" = "message";
  /** How many messages of one mailbox may be under way at the same time, from now on; a further MAIL gets 432. */
  maxSubmissionsPerMailbox = MAX_SUBMISSIONS_PER_MAILBOX;
  /** Called with each piece of a message, from now on: the next is read when it resolves. */
  pace: ((octets: number) => Promise<void>) | undefined;
  /** Sessions accepted so far. */
  connections = 0;
  /** The most sessions that one mailbox has had signed in at the same time, so far. */
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

  /** How late 535 5.7.3 and 535 5.7.139 come from now on; Microsoft's were seen to take 5 to 7 seconds. */
  get refusalDelayMs(): number {
    return this.#refusals.delayMs;
  }

  set refusalDelayMs(ms: number) {
    this.#refusals.delayMs = ms;
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

  /** Whether an application's rights on a mailbox suffice, or are looked at another time. */
  #hasRights(stage: "auth" | "message", signedIn: SignedIn): boolean {
    return stage !== this.missingRightsShowAt || mayOpen(this.#directory, signedIn);
  }

  /** Ends the sessions of a scope that have no message under way. */
  #endIdleSessions(troubles: Troubles, scope: Scope): void {
    // A session does not know from which registration its person's token is.
    const isForAnybody = typeof scope === "object" && "application" in scope;
    for (const connection of this.#server.connections) {
      const { user, envelope } = connection.session;
      const isMeant = user && (isForAnybody || troubles.includes(scope, subjectOf(user)));
      if (isMeant && envelope.mailFrom === false) connection.close();
    }
  }

  /** The sessions of whoever has signed in to a mailbox. */
  #sessionsOf({ objectId }: Mailbox): readonly SMTPServerSession[] {
    const sessions = [...this.#server.connections].map(({ session }) => session);
    return sessions.filter(({ user }) => user && (user as SignedIn).mailbox.objectId === objectId);
  }

  /** Throws whatever MAIL is refused with. */
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

  /** Throws whatever a whole message is refused with. */
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

  /** The null sender (RFC 5321 section 4.5.5) is nobody's. */
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
