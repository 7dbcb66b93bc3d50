/**
 * The device-code flow (RFC 8628): a sign-in in any browser, for a server that has none.
 *
 * @module
 */
import * as oauth from "oauth4webapi";
import { type Clock, pause, SECOND_MS } from "../base/mod.ts";
import { explainSignInError } from "../explain/mod.ts";
import { MicrosoftError } from "./errors.ts";

/** RFC 8628 section 3.2: where the server gives no interval; section 3.5: how much `slow_down` adds. */
const DEFAULT_INTERVAL_S = 5;
const SLOW_DOWN_S = 5;

/** Answers of the token endpoint that mean "not yet" (RFC 8628 section 3.5), with the seconds to add to the interval. */
const PENDING: Readonly<Record<string, number>> = {
  authorization_pending: 0,
  slow_down: SLOW_DOWN_S,
};

/** A device-code flow that waits for its user. */
export interface DeviceSignIn<Result> {
  /** The code that the user types in. */
  readonly userCode: string;
  /** The page to type it in. */
  readonly verificationUri: string;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
  /**
   * Resolves when the user has signed in.
   *
   * @throws {MicrosoftError} `cancelled` when the user declined or the code expired; `refused`, `registration`, `untrusted`.
   */
  wait(): Promise<Result>;
}

/** Asks the token endpoint once. Resolves to the seconds to add to the interval while the user is not ready. */
export type Poll<Result> = () => Promise<Result | number>;

/** Starts to wait for the user. Temporary errors of `poll` are ignored. */
export function deviceSignIn<Result extends object>(
  response: oauth.DeviceAuthorizationResponse,
  poll: Poll<Result>,
  clock: Clock,
): DeviceSignIn<Result> {
  const expiresAtMs = clock.now() + response.expires_in * SECOND_MS;
  return {
    userCode: response.user_code,
    verificationUri: response.verification_uri,
    expiresAtMs,
    async wait() {
      let intervalS = response.interval ?? DEFAULT_INTERVAL_S;
      while (clock.now() < expiresAtMs) {
        await pause(clock, intervalS * SECOND_MS);
        const answer = await poll().catch(ignoreTemporary);
        if (typeof answer === "object") return answer;
        intervalS += answer;
      }
      throw new MicrosoftError("cancelled", explainSignInError("expired_token"));
    },
  };
}

/** Returns the seconds to add to the interval, if the error means "not yet". @throws any other error. */
export function pendingSeconds(error: unknown): number {
  const seconds = error instanceof oauth.ResponseBodyError ? PENDING[error.error] : undefined;
  if (seconds === undefined) throw error;
  return seconds;
}

function ignoreTemporary(error: unknown): number {
  if (error instanceof MicrosoftError && error.failure === "temporary") return SLOW_DOWN_S;
  throw error;
}
