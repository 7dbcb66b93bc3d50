/**
 * AUTH (RFC 4954): from a client's credentials to its login.
 *
 * @module
 */
import type { Backend, ClientInfo, Login } from "../backend.ts";
import type { Clock } from "../clock.ts";
import type { Observer } from "../events.ts";
import {
  asSmtpError,
  type Credentials,
  LoginError,
  loginReply,
  SmtpError,
} from "../protocol/mod.ts";

/** Dependencies of a login. */
export interface LoginOptions {
  readonly backend: Backend;
  readonly observe: Observer;
  readonly clock: Clock;
}

/** Decides on logins whose password is right. */
interface Admission {
  /** Counts a login; false if the account has too many connections. */
  admit(accountId: string): boolean;
}

const CROWDED = "Too many connections of this account are open: close some, then try again";

/**
 * Logs a client in and reports how that went.
 *
 * @throws {SmtpError} with the reply to AUTH; 421 ends the connection.
 */
export async function logIn(
  credentials: Credentials,
  client: ClientInfo,
  admission: Admission,
  { backend, observe, clock }: LoginOptions,
): Promise<Login> {
  const startedMs = clock.now();
  const event = { type: "login", client, username: credentials.username } as const;
  try {
    const login = await backend.login(credentials, client);
    if (!admission.admit(login.account.id)) throw new LoginError("crowded", CROWDED);
    observe({ ...event, account: login.account, durationMs: clock.now() - startedMs });
    return login;
  } catch (error) {
    const failed = asSmtpError(error);
    const failure = failed instanceof LoginError ? failed.failure : "temporary";
    const reply = loginReply(failed);
    const durationMs = clock.now() - startedMs;
    observe({ ...event, failure, reply, durationMs, cause: failed.privateCause });
    throw new SmtpError(reply, { cause: error });
  }
}
