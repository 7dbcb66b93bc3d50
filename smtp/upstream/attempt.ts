/**
 * One attempt to sign an account in, as those who wait for it see it.
 *
 * @module
 */
import { type Reply, UpstreamError } from "../protocol/mod.ts";

/** An attempt to sign an account in. It may need several connections: another name, another token, a busy mailbox. */
export class SignInAttempt {
  readonly #controller = new AbortController();
  readonly #success = Promise.withResolvers<void>();
  /** The thing that it waits for, for the log. */
  step = "a free connection of the mailbox";
  /** The upstream's last refusal. */
  refusal: Reply | undefined;
  /** Since when a connection or a reply has been waited for; undefined while it waits for something else. */
  unansweredSinceMs: number | undefined;

  /** @param token The account's access token. Absent: it has to be asked for. */
  constructor(readonly startedMs: number, readonly token?: string) {}

  /** Aborts when the attempt is given up. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Resolves when this attempt or a later one has succeeded; rejects with the failure of this one. */
  get succeeded(): Promise<void> {
    return this.#success.promise;
  }

  /** Ends with the result of the work. */
  follow(work: Promise<void>): void {
    work.then(this.#success.resolve, this.#success.reject);
  }

  /** Lets this attempt succeed with another one, and not fail with it. */
  join({ succeeded }: SignInAttempt): void {
    succeeded.then(this.#success.resolve, () => {
      // The other one's failure is told to those who wait for it.
    });
  }

  /** Closes its connection: it takes too long, and others want to try. */
  giveUp(): void {
    this.#controller.abort(
      new UpstreamError(
        "timeout",
        `sign-in given up for a new one, still waiting for ${this.step}`,
      ),
    );
  }
}
