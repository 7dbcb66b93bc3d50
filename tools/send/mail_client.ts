/**
 * A mail client for the command line: sends one message and shows the dialogue, without the password.
 *
 * @module
 */
import { createTransport } from "nodemailer";
import { EXIT } from "../../lib/cli/exit_codes.ts";

/** How the connection is protected. */
export type Security = "plain" | "tls" | "starttls";

/** With what the client signs in. */
type Login =
  | { readonly user: string; readonly password: string }
  | { readonly user: string; readonly accessToken: string };

/** A message and its destination. */
export interface Delivery {
  readonly host: string;
  readonly port: number;
  readonly security: Security;
  readonly login: Login;
  readonly from: string;
  /** Each with a name or without. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** Accepts any certificate. */
  readonly insecure?: boolean;
  /** PEM of a certificate authority to trust besides the known ones. */
  readonly ca?: string;
}

/** Why a message was not sent; the exit code follows `sysexits.h`. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";

  constructor(message: string, readonly exitCode: number, options?: ErrorOptions) {
    super(message, options);
  }
}

/** `sysexits.h`: the other side does not speak the protocol as it should. */
const EX_PROTOCOL = 76;

const CONNECT_TIMEOUT_MS = 15_000;
/** The relay answers only after the submission server has (RFC 5321 section 4.5.3.2.6). */
const REPLY_TIMEOUT_MS = 10 * 60_000;

/**
 * Sends a message.
 *
 * @param print Gets each line of the dialogue: `C:` sent, `S:` received.
 * @returns the server's final reply.
 * @throws {DeliveryError}
 */
export async function deliver(delivery: Delivery, print: (line: string) => void): Promise<string> {
  const { host, port, security, login, insecure, ca } = delivery;
  const transport = createTransport({
    host,
    port,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "plain",
    auth: "password" in login
      ? { user: login.user, pass: login.password }
      : { type: "OAuth2", user: login.user, accessToken: login.accessToken },
    tls: { rejectUnauthorized: !insecure, ...(ca && { ca }) },
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: REPLY_TIMEOUT_MS,
    logger: dialogueLogger(print),
    debug: true,
  });
  try {
    const { from, to, subject, text } = delivery;
    const { response } = await transport.sendMail({ from, to: [...to], subject, text });
    return response;
  } catch (error) {
    throw explain(delivery, error as SmtpFailure);
  } finally {
    transport.close();
  }
}

/** Prints what went over the line and nothing else of nodemailer's log. It has masked the password already. */
function dialogueLogger(print: (line: string) => void) {
  const PREFIXES: Record<string, string> = { client: "C:", server: "S:" };
  return {
    debug(entry: { tnx?: string }, text = "") {
      const prefix = PREFIXES[entry.tnx ?? ""];
      if (!prefix) return;
      const shown = text.replace(/^(AUTH [\w-]+) .*/, "$1 ****");
      for (const line of shown.trimEnd().split(/\r?\n/)) print(`${prefix} ${line}`);
    },
    info() {},
    warn() {},
    error() {},
  };
}

/** An error of nodemailer. */
interface SmtpFailure extends Error {
  readonly code?: string;
  /** The server's reply, where there was one. */
  readonly response?: string;
  readonly responseCode?: number;
  /** One for each address of the host that was tried. */
  readonly errors?: readonly Error[];
}

function explain({ host, port }: Delivery, failure: SmtpFailure): DeliveryError {
  const { code, response, responseCode = 0 } = failure;
  const options = { cause: failure };
  if (responseCode >= 400 && responseCode < 500) {
    return new DeliveryError(
      `Try again later. The server said: ${response}`,
      EXIT.temporary,
      options,
    );
  }
  if (code === "EAUTH") {
    const reason = response ?? failure.message;
    return new DeliveryError(`The sign-in was refused: ${reason}`, EXIT.noPermission, options);
  }
  if (responseCode >= 500) {
    return new DeliveryError(`The message was refused: ${response}`, EXIT.refused, options);
  }
  if (code === "ETLS" || /certificate/i.test(failure.message)) {
    return new DeliveryError(
      `No protected connection to ${host}:${port}: ${failure.message}. ` +
        "Name the certificate's authority with --ca, or accept any certificate with --insecure.",
      EX_PROTOCOL,
      options,
    );
  }
  return new DeliveryError(
    `Cannot reach ${host}:${port}: ${failure.message || failure.errors?.at(-1)?.message}`,
    EXIT.unavailable,
    options,
  );
}
