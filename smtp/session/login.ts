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
  checkCredentials,
  type Credentials,
  LoginError,
  loginReply,
  SmtpError,
} from "../protocol/mod.ts";

/** Characters of a user name that observers get: none that is longer exists. */
const SHOWN_CHARACTERS = 255;

/** Dependencies of a login. */
export interface LoginOptions {
  readonly backend: Backend;
  readonly observe: Observer;
  readonly clock: Clock;
}

/**
 * Logs a client in and reports how that went.
 *
 * @throws {SmtpError} with the reply to AUTH.
 */
export async function logIn(
  credentials: Credentials,
  client: ClientInfo,
  { backend, observe, clock }: LoginOptions,
): Promise<Login> {
  const startedMs = clock.now();
  const username = credentials.username.slice(0, SHOWN_CHARACTERS);
  const event = { type: "login", client, username } as const;
  try {
    checkCredentials(credentials);
    const login = await backend.login(credentials, client);
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
