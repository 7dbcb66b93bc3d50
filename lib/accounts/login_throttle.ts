/**
 * Slows down who guesses passwords, without ever getting in the way of an owner.
 *
 * Failures are counted by network (an IPv4 address, an IPv6 /64) and by network together with user name. Nothing is counted
 * by user name alone: who guesses at an account from afar must not lock its owner out. While a delay lasts, a login is
 * refused without a look at the password, as temporary: a false "wrong password" would make a mail program ask for another.
 *
 * @module
 */
import { createHmac, randomBytes } from "node:crypto";
import {
  type Account,
  type Authenticator,
  type ClientInfo,
  clientNetwork,
  type Credentials,
  LoginError,
} from "../../smtp/mod.ts";
import { type Clock, MINUTE_MS, pause, SECOND_MS } from "../base/mod.ts";
import { type DelayRule, FailureCounter } from "./failure_counter.ts";

/** Guesses at one account from one network. A person who mistypes a password, or a device that has an old one, is no attack. */
const ACCOUNT_RULE: DelayRule = {
  freeFailures: 5,
  firstDelayMs: SECOND_MS,
  longestDelayMs: 5 * MINUTE_MS,
  memoryMs: 30 * MINUTE_MS,
};

/** One password tried on many accounts. Many people may share one address. */
const NETWORK_RULE: DelayRule = {
  freeFailures: 20,
  firstDelayMs: SECOND_MS,
  longestDelayMs: 5 * MINUTE_MS,
  memoryMs: 30 * MINUTE_MS,
};

/** A refusal takes this long, whatever the reason was, and how long it took to find. */
const REFUSAL_MS = 500;

const FINGERPRINT_KEY_OCTETS = 32;

export interface LoginThrottleOptions {
  /** Whom to ask. */
  readonly authenticator: Authenticator;
  readonly clock: Clock;
}

/** Stands in front of an authenticator. */
export class LoginThrottle implements Authenticator {
  readonly #authenticator: Authenticator;
  readonly #clock: Clock;
  readonly #networks: FailureCounter;
  readonly #accounts: FailureCounter;
  readonly #fingerprintKey = randomBytes(FINGERPRINT_KEY_OCTETS);

  constructor({ authenticator, clock }: LoginThrottleOptions) {
    this.#authenticator = authenticator;
    this.#clock = clock;
    this.#networks = new FailureCounter(NETWORK_RULE, clock);
    this.#accounts = new FailureCounter(ACCOUNT_RULE, clock);
  }

  /** @throws {LoginError} `throttled`, or what the authenticator throws. */
  async authenticate(credentials: Credentials, client: ClientInfo): Promise<Account> {
    const startedMs = this.#clock.now();
    const network = clientNetwork(client.address);
    const account = `${network} ${credentials.username.trim().toLowerCase()}`;
    this.#checkDelay(network, account);
    try {
      const found = await this.#authenticator.authenticate(credentials, client);
      this.#succeeded(network, account);
      return found;
    } catch (error) {
      if (!(error instanceof LoginError) || error.failure !== "invalid") throw error;
      this.#failed(network, account, credentials);
      const restMs = startedMs + REFUSAL_MS - this.#clock.now();
      await pause(this.#clock, Math.max(0, restMs));
      throw error;
    }
  }

  /** Who has logged in before is not held up by what others at the same address do. */
  #checkDelay(network: string, account: string): void {
    const delayMs = this.#accounts.isProven(account)
      ? this.#accounts.delayMs(account)
      : Math.max(this.#accounts.delayMs(account), this.#networks.delayMs(network));
    if (delayMs === 0) return;
    throw new LoginError("throttled", "Too many failed logins: wait some minutes, then try again");
  }

  #succeeded(network: string, account: string): void {
    this.#networks.forgive(network, this.#accounts.succeeded(account));
  }

  /** The same wrong password again is no guess, but a device that nobody has told the new one. */
  #failed(network: string, account: string, { username, password }: Credentials): void {
    const fingerprint = createHmac("sha256", this.#fingerprintKey)
      .update(`${username}\0${password}`)
      .digest("base64");
    if (this.#accounts.failed(account, fingerprint)) this.#networks.failed(network, fingerprint);
  }
}
