/**
 * The login throttle slows down guessing without getting in the way of an account's owner.
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

/** Guesses from everywhere: an attacker can have thousands of networks. */
const TOTAL_RULE: DelayRule = { ...RULE, freeFailures: 5000, longestDelayMs: MINUTE_MS };

/** The time that every refusal takes, whatever its reason. */
const REFUSAL_MS = 500;

const FINGERPRINT_KEY_OCTETS = 32;

/** The dependencies of {@linkcode LoginThrottle}. */
export interface LoginThrottleOptions {
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  /** Absent: this process is the only one. */
  readonly shared?: SharedFailures;
}

/** A login that other replicas should know of. Keys and fingerprints are keyed hashes. */
export interface LoginEvent {
  readonly account: string;
  /** Narrowest first. */
  readonly networks: readonly string[];
  /** Of the wrong password. Absent: a success. */
  readonly fingerprint?: string;
}

/** Tells the replicas of each other's failed logins. */
export interface SharedFailures {
  /** The same for all replicas. */
  readonly key: Uint8Array;
  publish(event: LoginEvent): void;
  /** Sets the listener for events of other replicas. */
  onEvent(listener: (event: LoginEvent) => void): void;
}

/** The keys of a login in the counters. */
type Origin = Pick<LoginEvent, "account" | "networks">;

/** Throttles the logins of an authenticator. */
export class LoginThrottle implements Authenticator {
  readonly #authenticator: Authenticator;
  readonly #clock: Clock;
  readonly #accounts: FailureCounter;
  readonly #networks: readonly FailureCounter[];
  readonly #total: FailureCounter;
  readonly #shared: SharedFailures | undefined;
  readonly #fingerprintKey: Uint8Array;

  constructor({ authenticator, clock, shared }: LoginThrottleOptions) {
    this.#shared = shared;
    this.#fingerprintKey = shared?.key ?? randomBytes(FINGERPRINT_KEY_OCTETS);
    shared?.onEvent((event) => void this.#apply(event));
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
    const account = `${networks[0]} ${username.trim().toLowerCase()}`;
    if (!this.#shared) return { account, networks };
    return { account: this.#hash(account), networks: networks.map((one) => this.#hash(one)) };
  }

  #counters({ networks }: Origin): readonly (readonly [counter: FailureCounter, key: string])[] {
    const own = networks.map((network, level) => [this.#networks[level]!, network] as const);
    return [...own, [this.#total, "all"]];
  }

  /** Whether to refuse guesses now. An account that has logged in before is not held up by others at the same address. */
  #isDelayed(origin: Origin): boolean {
    const { account } = origin;
    return this.#accounts.delayMs(account) > 0 || !this.#accounts.isProven(account) &&
        this.#counters(origin).some(([counter, key]) => counter.delayMs(key) > 0);
  }

  #succeeded(origin: Origin): void {
    const isNews = !this.#accounts.isProven(origin.account);
    if (this.#apply(origin) || isNews) this.#shared?.publish(origin);
  }

  /** The same wrong password again is no guess, but a device with an old password. */
  #failed(origin: Origin, { username, password }: Credentials): void {
    const fingerprint = this.#hash(`${username}\0${password}`);
    const event = { ...origin, fingerprint };
    if (this.#apply(event)) this.#shared?.publish(event);
  }

  /**
   * Counts a login of this or another replica. A success takes an owner's failures back, unless there are so many that others
   * may have made them.
   *
   * @returns Whether a count has changed.
   */
  #apply(event: LoginEvent): boolean {
    const { account, fingerprint } = event;
    const counters = this.#counters(event);
    if (fingerprint === undefined) {
      const failureCount = this.#accounts.succeeded(account);
      counters.forEach(([counter, key]) => counter.forgive(key, failureCount));
      return failureCount > 0;
    }
    if (!this.#accounts.failed(account, fingerprint)) return false;
    counters.forEach(([counter, key]) => counter.failed(key, fingerprint));
    return true;
  }

  #hash(text: string): string {
    return createHmac("sha256", this.#fingerprintKey).update(text).digest("base64");
  }
}

function throttled(): LoginError {
  return new LoginError("throttled", "Too many failed logins: wait some minutes, then try again");
}
