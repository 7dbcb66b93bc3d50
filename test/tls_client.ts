/**
 * A client that checks the certificate of a server on this machine against a public name.
 *
 * @module
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { connect, type TLSSocket } from "node:tls";

/** Connects with TLS as a client that trusts an authority. @throws if the certificate does not hold. */
export async function connectTls(port: number, ca: string, servername: string): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port, ca, servername });
  await once(socket, "secureConnect");
  return socket;
}

/** Speaks SMTP. @returns the last line of each reply. */
export async function converse(socket: TLSSocket, commands: readonly string[]): Promise<string[]> {
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const replies: string[] = [];
  for (const command of [undefined, ...commands]) {
    if (command !== undefined) socket.write(`${command}\r\n`);
    let line: string;
    do line = (await lines.next()).value ?? assert.fail("the connection has ended"); while (
      line[3] === "-"
    );
    replies.push(line);
  }
  socket.destroy();
  return replies;
}
