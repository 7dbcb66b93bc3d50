/**
 * CHUNKING (RFC 3030) for npm's smtp-server, which lacks it: Microsoft offers it, and the product prefers it to DATA.
 *
 * The package has no hook for this. The members of its connections and parsers that are used here are declared in its types, but
 * not documented. If a new version changes them, tests in `submission_server_test.ts` fail, and this file and `dialect.ts` have
 * to be adapted.
 *
 * @module
 */
import { PassThrough } from "node:stream";
import type { SMTPServer } from "smtp-server";

/** A connection of npm's smtp-server. */
export type Connection = SMTPServer["connections"] extends Set<infer Each> ? Each : never;
type Parser = Exclude<Connection["_parser"], false>;

/** The result of the server's handler of a message. */
interface Outcome {
  readonly error?: (Error & { responseCode?: number }) | null;
  readonly text?: string;
}

/** The stream of a message that is sent by BDAT, for the server's handler. */
export class ChunkedStream extends PassThrough {
  byteLength = 0;
  sizeExceeded = false;
}

/** Receives the chunks of one connection. */
export class ChunkReceiver {
  readonly #server: SMTPServer;
  readonly #connection: Connection;
  /** The message that is being received, and the result of its handler. */
  #message: { readonly stream: PassThrough; readonly outcome: Promise<Outcome> } | undefined;

  constructor(server: SMTPServer, connection: Connection) {
    this.#server = server;
    this.#connection = connection;
  }

  /** Returns the changed members of the connection. */
  overrides() {
    const { _resetSession: resetSession } = this.#connection;
    return {
      handler_BDAT: (command: Uint8Array, next: () => void) => this.#bdat(command.toString(), next),
      _resetSession: () => {
        this.#message?.stream.destroy();
        this.#message = undefined;
        resetSession.call(this.#connection);
      },
    };
  }

  /** Reads the octets after the command line; then the parser continues with commands. */
  #bdat(command: string, next: () => void): void {
    const [, size, last] = /^BDAT (\d+)( LAST)?$/i.exec(command.trimEnd()) ?? [];
    const { session, _parser: parser } = this.#connection;
    if (!parser) return;
    if (!size || session.envelope.rcptTo.length === 0) {
      this.#connection.send(503, "Error: bad BDAT");
      return this.#connection.close();
    }
    const { stream } = this.#message ??= this.#begin();
    const endChunk = (done: () => void) => {
      if (last) this.#finish(done);
      else this.#acknowledge(size, done);
    };
    if (Number(size) === 0) return endChunk(next);
    readOctets(parser, Number(size), stream, endChunk);
    next();
  }

  #begin() {
    const stream = new ChunkedStream();
    // The connection destroys it when the client disconnects.
    this.#connection._dataStream = stream;
    const outcome = new Promise<Outcome>((resolve) => {
      this.#server.onData(stream, this.#connection.session, (error, text) => {
        resolve({ error, text: typeof text === "string" ? text : undefined });
      });
    });
    return { stream, outcome };
  }

  #acknowledge(size: string, done: () => void): void {
    this.#connection.send(250, `${size} octets received`);
    done();
  }

  async #finish(done: () => void): Promise<void> {
    const { stream, outcome } = this.#message!;
    stream.end();
    const { error, text } = await outcome;
    this.#connection._dataStream = false;
    if (error) this.#connection.send(error.responseCode ?? 550, error.message);
    else this.#connection.send(250, text);
    this.#connection._resetSession();
    done();
  }
}

/**
 * Lets a parser pass on octets instead of reading lines or message data.
 *
 * @param whenRead Called after the last octet. The parser continues when it calls back.
 */
function readOctets(
  parser: Parser,
  count: number,
  stream: PassThrough,
  whenRead: (done: () => void) => void,
): void {
  const { _feedDataStream: feedDataStream } = parser;
  let due = count;
  parser._dataMode = true;
  parser._feedDataStream = (chunk, done) => {
    const wanted = chunk.subarray(0, due);
    const rest = chunk.subarray(wanted.length);
    due -= wanted.length;
    const proceed = () => {
      if (due > 0) return done();
      parser._dataMode = false;
      parser._feedDataStream = feedDataStream;
      whenRead(() => parser._write(rest, "buffer", done));
    };
    if (stream.write(wanted)) proceed();
    else stream.once("drain", proceed);
  };
}
