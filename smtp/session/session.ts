/**
 * The client-facing side: one connection from its greeting to its end (RFC 5321 section 3).
 *
 * The loop reads a line, a handler returns the reply, and the loop writes it. Replies to commands that arrived together are
 * sent together (RFC 2920).
 *
 * @module
 */
import type { ClientInfo, Login } from "../backend.ts";
import {
  type Accepted,
  LINE_TOO_LONG,
  TLS_HANDSHAKE,
  type Transport,
  WireReader,
} from "../net/mod.ts";
import {
  type Command,
  COMMAND_LINE_LIMIT_OCTETS,
  latin1,
  type Mail,
  parseCommand,
  Reply,
  SASL_LINE_LIMIT_OCTETS,
  type SaslExchange,
  type SaslStep,
  SmtpError,
  startSasl,
} from "../protocol/mod.ts";
import { ClientGoneError, discardOctets } from "./body.ts";
import { AbuseLimits, type AllSessionLimits } from "./limits.ts";
import { type Admission, logIn, logInByAddress, type LoginOptions } from "./login.ts";
import * as replies from "./replies.ts";
import { MailCommands } from "./mail_commands.ts";
import { outOfOrder, type State } from "./sequence.ts";
import { Timeouts } from "./timeouts.ts";
import type { TransactionOptions } from "./transaction.ts";

/** Options of all sessions of a server. */
export interface SessionOptions extends LoginOptions, TransactionOptions {
  /** Our name in the greeting and in EHLO's reply. */
  readonly greetingName: string;
  readonly limits: AllSessionLimits;
}

/** The connection that a session serves. */
export interface SessionConnection extends Accepted {
  /** Identifies the session in every event. */
  readonly sessionId: string;
  /** The local port that the client connected to. */
  readonly port: number;
  /** When the client connected, in milliseconds since the epoch. */
  readonly connectedMs: number;
  readonly admit: Admission;
}

type Answer = Reply | readonly Reply[];

/** Serves one client. */
export class Session {
  readonly #connection: SessionConnection;
  readonly #transport: Transport;
  readonly #options: SessionOptions;
  readonly #reader: WireReader;
  readonly #queue: replies.ReplyQueue;
  readonly #abuse: AbuseLimits;
  readonly #timeouts: Timeouts;
  #helo = "";
  #greeted = false;
  /** The state before the login. After it, {@linkcode MailCommands} has the state. */
  #greeting: State = "new";
  /** The SASL exchange to which the next line belongs. */
  #exchange: SaslExchange | undefined;
  #login: Login | undefined;
  #mail: MailCommands | undefined;
  #startingTls = false;
  #closing = false;
  /** The last reply, if we ended the connection. */
  #cutOff: Reply | undefined;
  /** Sent as soon as no transaction is open. */
  #farewell: Reply | undefined;
  #endCause: unknown;

  constructor(connection: SessionConnection, options: SessionOptions) {
    const { transport, connectedMs } = connection;
    this.#connection = connection;
    this.#transport = transport;
    this.#options = options;
    this.#reader = new WireReader(transport, options.clock);
    this.#queue = new replies.ReplyQueue(transport);
    this.#abuse = new AbuseLimits(options.limits);
    this.#timeouts = new Timeouts(this.#reader, connectedMs, options);
  }

  /** The client as it is known so far. */
  get client(): ClientInfo {
    return {
      sessionId: this.#connection.sessionId,
      address: this.#transport.remoteAddress,
      secure: this.#transport.secure,
      helo: this.#helo,
    };
  }

  /** The client's login. */
  get login(): Login | undefined {
    return this.#login;
  }

  get #state(): State {
    return this.#mail?.state ?? this.#greeting;
  }

  /** Serves the client to the end of the connection. Never rejects. */
  async run(): Promise<void> {
    const { observe, clock, greetingName } = this.#options;
    const { port } = this.#connection;
    const startedMs = clock.now();
    observe({ type: "connected", client: this.client, port });
    try {
      this.#queue.push(replies.greeting(greetingName));
      // An idle session waits here, not in a nested function: each would need half a kilobyte.
      do {
        for (let late; (late = this.#answerArrived()) !== undefined;) {
          await late.then((answer) => this.#reply(answer), (error) => this.#answerError(error));
        }
        await this.#queue.flush();
      } while (!this.#closing && await this.#reader.fill());
    } catch (error) {
      this.#endCause ??= error;
    } finally {
      this.#mail?.reset();
      this.#transport.close();
      observe({
        type: "disconnected",
        client: this.client,
        durationMs: clock.now() - startedMs,
        messageCount: this.#mail?.messageCount ?? 0,
        greeted: this.#greeted,
        cutOff: this.#cutOff,
        cause: this.#endCause,
      });
    }
  }

  /** Ends the session now, with a last reply if the client can read it. An incomplete message is aborted. */
  end(reply: Reply, cause: unknown): void {
    if (this.#closing) return;
    this.#cut(reply);
    this.#endCause = cause;
    const close = () => this.#transport.close();
    // A client reads the reply unless a write to it is pending or it is in the TLS handshake.
    const listens = !this.#queue.writing && !this.#startingTls;
    const written = listens ? this.#queue.finish(reply) : Promise.resolve();
    written.then(close, close);
  }

  /** Ends the session as soon as no transaction is open. */
  retire(reply: Reply, cause: unknown): void {
    if (!this.#mail?.open && this.#reader.waitingSinceMs !== undefined) {
      return this.end(reply, cause);
    }
    this.#farewell = reply;
    this.#endCause ??= cause;
  }

  /** Ends the session if a timeout has expired. Must be called about once a second. */
  checkTime(): void {
    const error = this.#timeouts.expired({
      loggedIn: this.#login !== undefined,
      receiving: this.#mail?.receiving ?? false,
      clientIsSlow: this.#queue.writing || this.#startingTls,
    });
    if (error !== undefined) this.end(error.reply, error.cause);
  }

  /**
   * Answers what has arrived, as far as possible at once: commands, lines of a SASL exchange, messages. Returns the answer
   * that takes longer; undefined if everything is answered.
   */
  #answerArrived(): Promise<Answer> | undefined {
    while (!this.#closing) {
      try {
        const answer = this.#mail?.dataFollows ? this.#mail.receiveData() : this.#answerNext();
        if (answer === undefined || answer instanceof Promise) return answer;
        this.#reply(answer);
      } catch (error) {
        this.#answerError(error);
      }
    }
  }

  #answerError(error: unknown): void {
    if (error instanceof ClientGoneError) return void (this.#closing = true);
    if (!(error instanceof SmtpError)) throw error;
    const isExchange = this.#exchange !== undefined && error.reply === LINE_TOO_LONG;
    this.#exchange = undefined;
    this.#reply(isExchange ? replies.EXCHANGE_LINE_TOO_LONG : error.reply, error.privateCause);
    if (error.closes) this.#cut(error.reply);
  }

  /** Ends the connection after the queued replies. @param reply The last of them. */
  #cut(reply: Reply): void {
    this.#cutOff = reply;
    this.#closing = true;
  }

  /** Answers the next line; undefined if none is complete. */
  #answerNext(): Answer | Promise<Answer> | undefined {
    if (this.#farewell !== undefined && !this.#mail?.open) {
      throw new SmtpError(this.#farewell, { closes: true });
    }
    if (this.#state === "new" && this.#reader.unread[0] === TLS_HANDSHAKE) {
      throw notSmtp("the client begins with TLS, but this port does not");
    }
    const limitOctets = this.#exchange ? SASL_LINE_LIMIT_OCTETS : COMMAND_LINE_LIMIT_OCTETS;
    const line = this.#reader.takeLine(limitOctets);
    return line && this.#answer(line);
  }

  #answer(line: Uint8Array): Answer | Promise<Answer> {
    const exchange = this.#exchange;
    if (exchange !== undefined) {
      this.#exchange = undefined;
      return this.#authenticate(exchange, exchange.next(line));
    }
    if (this.#state === "new" && isHttpRequest(line)) throw notSmtp("the client speaks HTTP");
    const command = this.#parse(line);
    const refusal = outOfOrder(command.verb, this.#state);
    if (refusal !== undefined) return this.#refuse(command, refusal);
    if (this.#abuse.commandReceived(command.verb)) {
      throw new SmtpError(replies.TOO_MANY_COMMANDS, { closes: true });
    }
    return this.#handle(command);
  }

  #parse(line: Uint8Array): Command {
    try {
      return parseCommand(line);
    } catch (error) {
      if (error instanceof SmtpError) this.#mail?.refused(line, error.reply, this.client);
      throw error;
    }
  }

  #handle(command: Command): Answer | Promise<Answer> {
    switch (command.verb) {
      case "EHLO":
      case "HELO":
        return this.#hello(command.verb, command.name);
      case "STARTTLS":
        return this.#startTls();
      case "AUTH":
        return this.#startLogin(command.mechanism, command.initialResponse);
      case "MAIL":
        return this.#mail?.mail(command.mail, this.client) ?? this.#mailByAddress(command.mail);
      case "RCPT":
        return this.#mail!.recipients(command.recipient);
      case "DATA":
        return this.#mail!.data();
      case "BDAT":
        return this.#mail!.chunk(command.size, command.last);
      case "RSET":
        this.#mail?.reset();
        return replies.RESET;
      case "QUIT":
        this.#closing = true;
        return replies.BYE;
      case "NOOP":
      case "HELP":
      case "VRFY":
      case "EXPN":
        return replies.SIMPLE[command.verb];
    }
  }

  /** Refuses a command that is out of order. After BDAT, the octets of the chunk follow anyway (RFC 3030 section 2). */
  async #refuse(command: Command, refusal: Reply): Promise<never> {
    const reply = refusal.code === 530 && !this.#mayLogIn ? replies.STARTTLS_FIRST : refusal;
    if (command.verb !== "BDAT") throw new SmtpError(reply);
    const tooMuch = command.size > this.#options.limits.messageSizeOctets;
    if (this.#login === undefined || tooMuch) throw new SmtpError(reply, { closes: true });
    await this.#queue.flushDuring(discardOctets(this.#reader, command.size));
    throw new SmtpError(reply);
  }

  get #mayLogIn(): boolean {
    return this.#transport.secure || !this.#connection.startTls;
  }

  get #stateAfterHello(): State {
    const { addressBook } = this.#options;
    return addressBook?.permits(this.#transport.remoteAddress) ? "known" : "greeted";
  }

  #hello(verb: "EHLO" | "HELO", name: string): Reply {
    const { greetingName, limits } = this.#options;
    this.#helo = name;
    this.#greeted = true;
    this.#mail?.reset();
    this.#greeting = this.#stateAfterHello;
    if (verb === "HELO") return replies.helo(greetingName);
    const offer = {
      startTls: this.#connection.startTls && !this.#transport.secure,
      login: this.#mayLogIn,
    };
    return replies.ehlo(greetingName, limits, offer);
  }

  /** Begins TLS and forgets everything that the client has sent before (RFC 3207 section 4.2). */
  async #startTls(): Promise<Answer> {
    if (this.#transport.secure) throw new SmtpError(replies.TLS_ALREADY);
    if (!this.#connection.startTls) throw new SmtpError(replies.TLS_NOT_OFFERED);
    await this.#queue.flush();
    this.#reader.discard();
    this.#greeting = "new";
    this.#helo = "";
    this.#startingTls = true;
    // The 220 is sent with the upgrade itself, so that nothing can slip in between.
    await this.#transport.startTls(replies.READY_FOR_TLS.octets);
    this.#startingTls = false;
    return [];
  }

  #startLogin(mechanism: string, initialResponse: string | undefined): Reply | Promise<Reply> {
    if (!this.#mayLogIn) throw new SmtpError(replies.STARTTLS_FIRST);
    const { exchange, step } = startSasl(mechanism, initialResponse);
    return this.#authenticate(exchange, step);
  }

  #authenticate(exchange: SaslExchange, step: SaslStep): Reply | Promise<Reply> {
    if ("credentials" in step) {
      return this.#finishLogin(
        logIn(step.credentials, this.client, this.#connection.admit, this.#options),
      );
    }
    this.#exchange = exchange;
    return step.challenge;
  }

  async #finishLogin(login: Promise<Login>): Promise<Reply> {
    try {
      this.#login = await this.#queue.flushDuring(login);
    } catch (error) {
      if (!(error instanceof SmtpError) || error.closes || !this.#abuse.loginFailed()) throw error;
      throw new SmtpError(error.reply, { cause: error.cause, closes: true });
    }
    this.#mail = new MailCommands({
      ...this.#options,
      login: this.#login,
      reader: this.#reader,
      queue: this.#queue,
      abuse: this.#abuse,
      timeouts: this.#timeouts,
    });
    return replies.LOGGED_IN;
  }

  /** Answers MAIL without a login if the client's address stands for one. */
  async #mailByAddress(mail: Mail): Promise<Reply> {
    if (!this.#mayLogIn) throw new SmtpError(replies.STARTTLS_FIRST);
    await this.#finishLogin(logInByAddress(this.client, this.#connection.admit, this.#options));
    return this.#mail!.mail(mail, this.client);
  }

  #reply(answer: Answer, cause?: unknown): void {
    if (answer instanceof Reply) return this.#queueReply(answer, cause);
    for (const reply of answer) this.#queueReply(reply, cause);
  }

  /** Queues a reply, and ends the session after too many refusals in a row. */
  #queueReply(reply: Reply, cause: unknown): void {
    this.#queue.push(reply);
    if (reply.positive) this.#abuse.commandAccepted();
    if (reply.code < 400) return;
    this.#options.observe({
      type: "command-refused",
      client: this.client,
      reply,
      cause: cause ?? reply.cause,
    });
    // 4yz is not the client's mistake: after 452 it continues (RFC 5321 section 4.5.3.1.10).
    if (reply.transient || !this.#abuse.commandRefused() || this.#closing) return;
    this.#queue.push(replies.TOO_MANY_ERRORS);
    this.#cut(replies.TOO_MANY_ERRORS);
    this.#endCause = new Error("too many errors");
  }
}

/** `Host` follows the first line, which can be too long for a command. */
const HTTP_REQUEST =
  /^(?:(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|CONNECT|TRACE|PATCH) \S+ HTTP\/|host:)/i;

/** Whether a line before any greeting belongs to an HTTP request, from a browser at the wrong port or an attack through one. */
function isHttpRequest(line: Uint8Array): boolean {
  return HTTP_REQUEST.test(latin1(line));
}

/** Returns the error for a browser or a TLS client at the wrong port. */
function notSmtp(reason: string): SmtpError {
  return new SmtpError(replies.NOT_SMTP, { closes: true, cause: new Error(reason) });
}
