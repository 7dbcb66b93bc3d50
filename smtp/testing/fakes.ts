/**
 * Fakes for the ports of the SMTP core.
 *
 * @module
 */
import type {
  Account,
  AddressBook,
  AddressLogin,
  Allowance,
  Authenticator,
  ClientInfo,
  TokenSource,
} from "../backend.ts";
import type { SmtpEvent } from "../events.ts";
import type { Credentials } from "../protocol/sasl.ts";
import { LoginError, type LoginFailure } from "../protocol/failure.ts";

/** The account that tests use. */
export const ANNA: Account = {
  id: "account-1",
  mailbox: "anna@example.com",
  signInName: "anna@example.com",
  target: { host: "upstream.example", port: 587, tls: "starttls" },
  appPasswordId: "password-1",
};

export const APP_PASSWORD = "secret";

/** A client whose properties do not matter. */
export const SOME_CLIENT: ClientInfo = {
  sessionId: "session-1",
  address: "192.0.2.1",
  secure: true,
  helo: "client.example",
};

/** How a fake fails: as a login does, or with an unexpected error (`crash`). */
export type FakeFailure = LoginFailure | "crash";

function fail(failure: FakeFailure): never {
  if (failure === "crash") throw new Error("something broke");
  throw new LoginError(failure, `The login is ${failure}`, { cause: new Error("private cause") });
}

/** Knows one account. */
export class FakeAuthenticator implements Authenticator {
  account = ANNA;
  /** How the right credentials fail; undefined: they are accepted. */
  failure: FakeFailure | undefined;

  // deno-lint-ignore require-await -- a failure has to be a rejection, as with the real one.
  async authenticate({ username, password }: Credentials): Promise<Account> {
    const right = username === this.account.mailbox && password === APP_PASSWORD;
    if (!right) fail("invalid");
    if (this.failure !== undefined) fail(this.failure);
    return this.account;
  }
}

/** Counts the messages that it observes, as the real one counts those that are recorded. */
export class FakeAllowance implements Allowance {
  #reserved = 0;
  #sent = 0;

  reserve({ dailyLimit = 0 }: Account, wanted: number): Promise<number> {
    const granted = Math.min(wanted, dailyLimit - this.#reserved - this.#sent);
    this.#reserved += granted;
    return Promise.resolve(granted);
  }

  release(_account: Account, count: number): void {
    this.#reserved -= count;
  }

  observe(event: SmtpEvent): void {
    if (event.type !== "delivery" || event.delivery.outcome !== "accepted") return;
    this.#sent += event.delivery.recipients.length;
  }
}

/** Lets every address stand for a login, if there is an account. */
export class FakeAddressBook implements AddressBook {
  constructor(readonly account: Account | undefined, readonly failure?: FakeFailure) {}

  permits(): boolean {
    return true;
  }

  find(): Promise<AddressLogin | undefined> {
    const { account, failure } = this;
    return Promise.resolve(
      account && {
        username: account.mailbox,
        // deno-lint-ignore require-await -- a failure has to be a rejection, as with the real one.
        authenticate: async () => failure === undefined ? account : fail(failure),
      },
    );
  }
}

/** Returns `token-1`, and the next number after each refusal. */
export class FakeTokenSource implements TokenSource {
  #number = 1;
  /** How all requests fail. */
  failure: FakeFailure | undefined;
  /** How the request after a refusal fails. */
  refreshFailure: FakeFailure | undefined;

  get token(): string {
    return `token-${this.#number}`;
  }

  // deno-lint-ignore require-await -- as above.
  async accessToken(_account: Account, rejected?: string): Promise<string> {
    if (this.failure !== undefined) fail(this.failure);
    if (rejected === this.token) {
      if (this.refreshFailure !== undefined) fail(this.refreshFailure);
      this.#number++;
    }
    return this.token;
  }
}
