/**
 * AUTH (RFC 4954): from a client's credentials to its login.
 *
 * @module
 */
import type { AddressBook, Backend, ClientInfo, Login } from "../backend.ts";
import type { Clock } from "../clock.ts";
import type { Observer, SmtpEvent } from "../events.ts";
import {
  asSmtpError,
  checkCredentials,
  type Credentials,
  LoginError,
  loginReply,
  type Reply,
  SmtpError,
} from "../protocol/mod.ts";
import { LOG_IN_FIRST } from "./sequence.ts";

/** Observers get this many characters of a user name. No real one is longer. */
const SHOWN_CHARACTERS = 255;

/** Dependencies of a login. */
export interface LoginOptions {
  readonly backend: Backend;
  /** Absent: no address stands for a login. */
  readonly addressBook?: AddressBook;
  readonly observe: Observer;
  readonly clock: Clock;
}

/** Counts a login whose password is right; false if the account has too many connections. */
export type Admission = (accountId: string) => boolean;

const CROWDED = "Too many connections of this account are open: close some, then try again";

/**
 * Logs a client in and reports the result.
 *
 * @throws {SmtpError} with the reply to AUTH; 421 ends the connection.
 */
export function logIn(
  credentials: Credentials,
  client: ClientInfo,
  admit: Admission,
  options: LoginOptions,
): Promise<Login> {
  const username = credentials.username.slice(0, SHOWN_CHARACTERS);
  const attempt = () => {
    checkCredentials(credentials);
    return options.backend.login(credentials, client);
  };
  return report({ client, username }, attempt, loginReply, admit, options);
}

/**
 * Logs in a client whose address stands for an app password, and reports the result.
 *
 * @throws {SmtpError} with the reply to MAIL. Reports nothing if no app password names the address.
 */
export async function logInByAddress(
  client: ClientInfo,
  admit: Admission,
  options: LoginOptions,
): Promise<Login> {
  const found = await options.addressBook?.find(client);
  if (found === undefined) {
    const cause = new Error(`no app password names the address ${client.address}`);
    throw new SmtpError(LOG_IN_FIRST, { cause });
  }
  const attempt = async () => await options.backend.admit(await found.authenticate(), client);
  const { username } = found;
  return await report(
    { client, username, byAddress: true },
    attempt,
    ({ reply }) => reply,
    admit,
    options,
  );
}

type LoginEvent = Extract<SmtpEvent, { type: "login" }>;

async function report(
  attempted: Pick<LoginEvent, "client" | "username" | "byAddress">,
  attempt: () => Promise<Login>,
  replyTo: (failure: SmtpError) => Reply,
  admit: Admission,
  { observe, clock }: LoginOptions,
): Promise<Login> {
  const startedMs = clock.now();
  const event = { type: "login", ...attempted } as const;
  try {
    const login = await attempt();
    if (!admit(login.account.id)) throw new LoginError("crowded", CROWDED);
    observe({ ...event, account: login.account, durationMs: clock.now() - startedMs });
    return login;
  } catch (error) {
    const failed = asSmtpError(error);
    const failure = failed instanceof LoginError ? failed.failure : "temporary";
    const reply = replyTo(failed);
    const durationMs = clock.now() - startedMs;
    observe({ ...event, failure, reply, durationMs, cause: failed.privateCause });
    throw new SmtpError(reply, { cause: error, closes: reply.code === 421 });
  }
}
