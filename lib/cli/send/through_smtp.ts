/**
 * Sends as a mail client does: through the running server, with an app password that is made for one message.
 *
 * @module
 */
import { errorText, systemClock } from "../../base/mod.ts";
import type { Services } from "../../program/mod.ts";
import type { AccountRecord } from "../../store/mod.ts";
import { connect, ConnectionError, converse, ownServers } from "../../test_mail/mod.ts";
import { CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import type { Output } from "../output.ts";
import { formatMessage, type OutgoingMessage } from "./message.ts";

const APP_PASSWORD_NAME = "Command line";
const PREFIXES: Readonly<Record<string, string>> = { client: "C: ", server: "S: " };

/** Sends a message through an SMTP port of the running server, and shows the dialogue. @throws {CommandError} */
export async function sendThroughSmtp(
  account: AccountRecord,
  message: OutgoingMessage,
  { accounts, config }: Services,
  output: Output,
): Promise<number> {
  const sent = output.paint("good", "Sent:");
  const choice = { name: APP_PASSWORD_NAME };
  const { appPassword, password } = await accounts.createAppPassword(account.id, choice);
  const server = ownServers(config.smtp)[0]!;
  const connection = connect(server);
  try {
    const order = {
      ...{ server, mailbox: account.email, password },
      recipients: message.to.map(({ address }) => address),
      message: formatMessage(message, new Date(systemClock.now())).trimEnd().split("\r\n"),
      helo: "command-line.localhost",
      explain: () => undefined,
    };
    for await (const { kind, text, transient } of converse(connection, order)) {
      if (kind === "failure") {
        throw new CommandError(text, transient ? EXIT.temporary : EXIT.refused);
      }
      if (kind !== "success") output.line(`${PREFIXES[kind] ?? ""}${text}`);
      else output.show({ sent: true }, () => output.line(`${sent} ${text}`));
    }
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    const problem = `The SMTP server at ${server.host}:${server.port} does not answer`;
    const text = `${problem}: ${errorText(error)}. Is it running?`;
    throw new CommandError(text, EXIT.temporary, { cause: error });
  } finally {
    connection.close();
    await accounts.revokeAppPassword(account.id, appPassword.id);
  }
}
