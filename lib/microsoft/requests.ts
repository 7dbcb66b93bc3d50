/**
 * Requests to the identity service: each with a timeout, over the injected fetch, with errors in our own terms.
 *
 * @module
 */
import * as oauth from "oauth4webapi";
import { type Clock, isLoopbackHost, SECOND_MS } from "../base/mod.ts";
import type { AccountKind } from "../explain/mod.ts";
import { temporary, toMicrosoftError } from "./errors.ts";

/** Below the 10 seconds after which Gmail gives up on a login that has to wait for a token. */
const REQUEST_TIMEOUT_MS = 8 * SECOND_MS;

/** Options that every request takes along. */
export interface RequestOptions {
  readonly signal: AbortSignal;
  readonly [oauth.customFetch]: typeof fetch;
  readonly [oauth.allowInsecureRequests]: boolean;
}

/** Sends requests to the identity service. */
export class Requests {
  readonly #fetch: typeof fetch;
  readonly #clock: Clock;
  readonly #insecure: boolean;

  /**
   * @param authority Base address of the identity service.
   * @throws {TypeError} when it is neither `https:` nor on this machine.
   */
  constructor(options: { authority: URL; fetch: typeof fetch; clock: Clock }) {
    this.#fetch = options.fetch;
    this.#clock = options.clock;
    this.#insecure = options.authority.protocol === "http:";
    if (this.#insecure && !isLoopbackHost(options.authority.hostname)) {
      throw new TypeError(
        "The identity service has to be reached over https, except on localhost.",
      );
    }
  }

  /**
   * Runs an exchange (request, response and its body) within the timeout.
   *
   * @param kind Of the account, where it is known: for the words of an error.
   * @throws {MicrosoftError}
   */
  async run<Result>(
    exchange: (options: RequestOptions) => Promise<Result>,
    kind?: AccountKind,
  ): Promise<Result> {
    const controller = new AbortController();
    const timer = this.#clock.setTimer(
      REQUEST_TIMEOUT_MS,
      () => controller.abort(temporary("timeout")),
    );
    try {
      return await exchange({
        signal: controller.signal,
        [oauth.customFetch]: this.#fetch,
        [oauth.allowInsecureRequests]: this.#insecure,
      });
    } catch (error) {
      throw await toMicrosoftError(error, this.#clock.now(), kind);
    } finally {
      timer.cancel();
    }
  }
}
