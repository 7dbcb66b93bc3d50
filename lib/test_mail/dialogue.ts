/**
 * The dialogue of a mail client with its server (RFC 5321), step by step.
 *
 * @module
 */
import {
  isInternationalized,
  joinReplyLines,
  parseReplyLine,
  type Reply,
  type ReplyLine,
  ReplySyntaxError,
} from "../../smtp/mod.ts";
import type { Explanation } from "../explain/mod.ts";
import type { OwnServer } from "./own_server.ts";
import type { Connection } from "./connection.ts";

/** One step of a test mail, for display. */
export interface TestMailStep {
  /** `client` and `server`: a line that was sent. `success` and `failure` end it. */
  readonly kind: "note" | "client" | "server" | "success" | "failure";
  readonly text: string;
  /** Of a failure: it may work later. */
  readonly transient?: boolean;
  /** Of a refusal whose cause is known. */
  readonly explanation?: Explanation;
}

/** A mail to send. */
export interface TestMailOrder {
  readonly server: OwnServer;
  /** Sender and user name. */
  readonly mailbox: string;
  readonly password: string;
  readonly recipients: readonly string[];
  /** Lines, none of which begins with a dot. */
  readonly message: readonly string[];
  /** Our name in EHLO, by which the server's events can be told from others. */
  readonly helo: string;
  /** Explains the server's refusal by what it knows, not by its reply. `undefined`: only the reply is known. */
  readonly explain: () => Explanation | undefined;
}

type Steps = AsyncGenerator<TestMailStep, void, void>;

/** A reply that ends the dialogue. */
class Refusal extends Error {
  constructor(readonly reply: Reply) {
    super(String(reply));
  }
}

/** Sends the mail. The last step tells how it ended. @throws {ConnectionError} */
export async function* converse(connection: Connection, order: TestMailOrder): Steps {
  try {
    yield* transact(connection, order);
    yield {
      kind: "success",
      text: `Microsoft has accepted the message. It is on its way to ${
        order.recipients.join(", ")
      }.`,
    };
  } catch (error) {
    yield failureStep(error, order);
  }
}

async function* transact(connection: Connection, order: TestMailOrder): Steps {
  const { server, mailbox, password, recipients, message } = order;
  const say = (command: string, shown?: string) => exchange(connection, command, shown);
  if (server.encryption === "TLS") yield* protect(connection, server);
  yield* reply(connection);
  yield* say(`EHLO ${order.helo}`);
  if (server.encryption === "STARTTLS") {
    yield* say("STARTTLS");
    yield* protect(connection, server);
    yield* say(`EHLO ${order.helo}`);
  }
  yield* say(`AUTH PLAIN ${saslPlain(mailbox, password)}`, "AUTH PLAIN ••••••••");
  yield* say(
    `MAIL FROM:<${mailbox}>${
      [mailbox, ...recipients].some(isInternationalized) ? " SMTPUTF8" : ""
    }`,
  );
  for (const recipient of recipients) yield* say(`RCPT TO:<${recipient}>`);
  yield* say("DATA");
  for (const line of message) yield { kind: "client", text: line };
  yield* say([...message, "."].join("\r\n"), ".");
  yield* say("QUIT");
}

async function* exchange(connection: Connection, command: string, shown = command): Steps {
  yield { kind: "client", text: shown };
  connection.write(`${command}\r\n`);
  yield* reply(connection);
}

/** Tells each line of one reply. @throws {Refusal} @throws {ReplySyntaxError} */
async function* reply(connection: Connection): Steps {
  const lines: ReplyLine[] = [];
  do {
    const text = await connection.readLine();
    yield { kind: "server", text };
    lines.push(parseReplyLine(text));
  } while (lines.at(-1)!.more);
  const reply = joinReplyLines(lines);
  if (!reply.positive && !reply.intermediate) throw new Refusal(reply);
}

async function* protect(connection: Connection, server: OwnServer): Steps {
  const { publicHost } = server;
  const { protocol, problem } = await connection.startTls(server);
  yield { kind: "note", text: `The connection is protected by ${protocol}.` };
  yield {
    kind: "note",
    text: problem === undefined
      ? `The certificate is good for ${publicHost}.`
      : `Careful mail clients will not accept the certificate for ${publicHost}: ${problem}.`,
  };
}

/** Returns the last step of a dialogue that failed. @throws any error of the connection. */
function failureStep(error: unknown, { explain }: TestMailOrder): TestMailStep {
  if (error instanceof ReplySyntaxError) {
    return { kind: "failure", text: `The server does not speak SMTP: ${error.message}` };
  }
  if (!(error instanceof Refusal)) throw error;
  const { reply: { transient } } = error;
  const explanation = explain();
  if (!explanation) {
    return { kind: "failure", transient, text: `The server said: ${error.message}` };
  }
  const text = `${explanation.title}. ${explanation.cause}`;
  return { kind: "failure", transient, text, explanation };
}

/** RFC 4616; base64 of UTF-8. */
function saslPlain(username: string, password: string): string {
  return new TextEncoder().encode(`\0${username}\0${password}`).toBase64();
}
