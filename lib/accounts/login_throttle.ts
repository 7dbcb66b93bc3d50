/**
 * The login throttle slows guessing down without getting in the way of an owner.
 *
 * Failures are counted by network (an IPv4 address; an IPv6 /64, /56 and /48), by network together with user name, and in
 * total. Nothing is counted by user name alone: guesses from afar must not lock an owner out. A password that cannot be
 * guessed is always looked up first, so a right one is never refused for what others do. Only a password that is easy to
 * guess, which another program has made, waits for the end of a delay: it is refused as temporary without being looked up.
 *
 * @module
 */
import { createHmac, randomBytes } from "node:crypto";
import {
  type Account,
  type Authenticator,
  type ClientInfo,
  clientNetworks,
  type Credentials,
  LoginError,
} from "../../smtp/mod.ts";
import { type Clock, MINUTE_MS, pause, SECOND_MS } from "../base/mod.ts";
import { isGuessable } from "./app_passwords.ts";
import { type DelayRule, FailureCounter } from "./failure_counter.ts";

const RULE = {
  firstDelayMs: SECOND_MS,
  longestDelayMs: 5 * MINUTE_MS,
  memoryMs: 30 * MINUTE_MS,
} as const;

/** Guesses at one account from one network. A mistyped password, or an old one in a device, is no attack. */
const ACCOUNT_RULE: DelayRule = { ...RULE, freeFailures: 5 };

/** Guesses at many accounts, by the networks of a client, narrowest first. Many people may share one address. */
const NETWORK_RULES: readonly DelayRule[] = [20, 40, 80].map((freeFailures) => ({
  ...RULE,
  freeFailures,
}));

/** Guesses from everywhere: somebody has thousands of networks. */
const TOTAL_RULE: DelayRule = { ...RULE, freeFailures: 5000, longestDelayMs: MINUTE_MS };

/** The time that every refusal takes, whatever its reason. */
const REFUSAL_MS = 500;

const FINGERPRINT_KEY_OCTETS = 32;

/** The dependencies of {@linkcode LoginThrottle}. */
export interface LoginThrottleOptions {
  readonly authenticator: Authenticator;
  readonly clock: Clock;
}

/** The counters of a login, with their keys. */
interface Origin {
  readonly account: string;
  readonly networks: readonly (readonly [counter: FailureCounter, key: string])[];
}

/** Throttles the logins of an authenticator. */
export class LoginThrottle implements Authenticator {
  readonly #authenticator: Authenticator;
  readonly #clock: Clock;
  readonly #accounts: FailureCounter;
  readonly #networks: readonly FailureCounter[];
  readonly #total: FailureCounter;
  readonly #fingerprintKey = randomBytes(FINGERPRINT_KEY_OCTETS);

  constructor({ authenticator, clock }: LoginThrottleOptions) {
    this.#authenticator = authenticator;
    this.#clock = clock;
    this.#accounts = new FailureCounter(ACCOUNT_RULE, clock);
    this.#networks = NETWORK_RULES.map((rule) => new FailureCounter(rule, clock));
    this.#total = new FailureCounter(TOTAL_RULE, clock);
  }

  /** @throws {LoginError} `throttled`, or an error of the authenticator. */
  async authenticate(credentials: Credentials, client: ClientInfo): Promise<Account> {
    const startedMs = this.#clock.now();
    const origin = this.#originOf(credentials, client);
    const delayed = this.#isDelayed(origin);
    try {
      if (delayed && isGuessable(credentials.password)) throw throttled();
      const account = await this.#authenticator.authenticate(credentials, client);
      if (!delayed) this.#succeeded(origin);
      return account;
    } catch (error) {
      if (!(error instanceof LoginError)) throw error;
      if (error.failure !== "invalid" && error.failure !== "throttled") throw error;
      if (!delayed) this.#failed(origin, credentials);
      const restMs = startedMs + REFUSAL_MS - this.#clock.now();
      await pause(this.#clock, Math.max(0, restMs));
      throw delayed ? throttled() : error;
    }
  }

  #originOf({ username }: Credentials, { address }: ClientInfo): Origin {
    const networks = clientNetworks(address);
    return {
      account: `${networks[0]} ${username.trim().toLowerCase()}`,
      networks: [
        ...networks.map((network, level) => [this.#networks[level]!, network] as const),
        [this.#total, "all"],
      ],
    };
  }

  /** Whether to refuse guesses now. An account that has logged in before is not held up by others at the same address. */
  #isDelayed({ account, networks }: Origin): boolean {
    return this.#accounts.delayMs(account) > 0 || !this.#accounts.isProven(account) &&
        networks.some(([counter, key]) => counter.delayMs(key) > 0);
  }

  /** Takes an owner's failures back, unless there are so many that others may have made them. */
  #succeeded({ account, networks }: Origin): void {
    const failureCount = this.#accounts.succeeded(account);
    networks.forEach(([counter, key]) => counter.forgive(key, failureCount));
  }

  /** The same wrong password again is no guess, but a device with an old password. */
  #failed({ account, networks }: Origin, { username, password }: Credentials): void {
    const fingerprint = createHmac("sha256", this.#fingerprintKey)
      .update(`${username}\0${password}`)
      .digest("base64");
    if (!this.#accounts.failed(account, fingerprint)) return;
    networks.forEach(([counter, key]) => counter.failed(key, fingerprint));
  }
}

function throttled(): LoginError {
  return new LoginError("throttled", "Too many failed logins: wait some minutes, then try again");
}
