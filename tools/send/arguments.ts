/**
 * The command line of `deno task send`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { withoutBrackets } from "../../lib/config/mod.ts";
import type { Security } from "./mail_client.ts";

/** How to call it. */
export const USAGE = `Usage: deno task send HOST:PORT FROM PASSWORD TO [SUBJECT [MESSAGE]]
       deno task send --db [--through-smtp] FROM TO [SUBJECT [MESSAGE]]

Sends a mail as a mail client does, and shows the dialogue. With --db: sends as an account of the local database,
straight to Microsoft, as the program's own command "send" does; with --through-smtp: through a port of the running server.

  FROM      the sender, and the user name unless --user gives another
  PASSWORD  the app password; "-" asks for it
  TO        one address, or several with commas between them

FROM and TO may have names: "Nora Lindqvist <nora@outlook.com>".

Port 25 is taken for plain text, 465 for TLS, 587 for STARTTLS (and so is any port that ends in these digits).
  --plain, --tls, --starttls   choose one of them for another port
  --user NAME                  user name, where it is not FROM
  --ca FILE                    trust this certificate authority (PEM) as well
  --insecure                   accept any certificate`;

/** A command line that cannot be understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Arguments of the command line. */
interface SendArguments {
  readonly host: string;
  readonly port: number;
  readonly security: Security;
  readonly user: string;
  /** `-`: ask for it. */
  readonly password: string;
  readonly from: string;
  /** As given: the mail client takes it apart. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly insecure: boolean;
  readonly caFile?: string;
}

const SECURITIES = ["plain", "tls", "starttls"] as const;
const SECURITY_BY_PORT: readonly (readonly [ending: RegExp, security: Security])[] = [
  [/25$/, "plain"],
  [/465$/, "tls"],
  [/587$/, "starttls"],
];

/** Parses the arguments after the program's name. @throws {UsageError} */
export function parseSendArguments(args: readonly string[]): SendArguments {
  const { values, positionals } = parse(args);
  const [server, from, password, to, subject = "Test", text = "This is a test."] = positionals;
  if (!server || !from || !password || !to) throw new UsageError("Too few arguments.");
  if (positionals.length > 6) {
    throw new UsageError(
      "Too many arguments: put quotes around a subject or a message with spaces.",
    );
  }
  const { host, port } = parseServer(server);
  return {
    host,
    port,
    security: SECURITIES.find((name) => values[name]) ?? securityOf(port),
    user: values.user ?? addressOf(from),
    password,
    from,
    to: [to],
    subject,
    text,
    insecure: values.insecure ?? false,
    caFile: values.ca,
  };
}

/** Returns the address of `Name <address>`. */
function addressOf(mailbox: string): string {
  return /<([^<>]*)>\s*$/.exec(mailbox)?.[1] ?? mailbox;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        plain: { type: "boolean" },
        tls: { type: "boolean" },
        starttls: { type: "boolean" },
        insecure: { type: "boolean" },
        user: { type: "string" },
        ca: { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** `host:port`, with an IPv6 address in brackets. */
function parseServer(text: string): { host: string; port: number } {
  const url = URL.parse(`smtp://${text}`);
  if (!url || url.host !== text || !url.port) {
    throw new UsageError(`"${text}" is not HOST:PORT, as in localhost:587 or [::1]:587.`);
  }
  return { host: withoutBrackets(url.hostname), port: Number(url.port) };
}

function securityOf(port: number): Security {
  const [, security] = SECURITY_BY_PORT.find(([ending]) => ending.test(`${port}`)) ?? [];
  if (!security) throw new UsageError(`Add --plain, --tls or --starttls for port ${port}.`);
  return security;
}
