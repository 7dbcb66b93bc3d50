/**
 * Why a message could not be sent, in words.
 *
 * @module
 */
import { LoginError, type Observer } from "../../../smtp/mod.ts";
import { errorText } from "../../base/mod.ts";
import { explainReply, type Explanation, type SubmissionReply } from "../../explain/mod.ts";
import { CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import type { RouteWatcher } from "./route.ts";

/** Gathers what is known about a failure, and explains it. */
export class Trouble implements RouteWatcher {
  readonly #mailbox: string;
  #refusal: SubmissionReply | undefined;
  #upstreamFailure = "";

  constructor(mailbox: string) {
    this.#mailbox = mailbox;
  }

  readonly onRefusal = (reply: SubmissionReply): void => {
    this.#refusal = reply;
  };

  readonly observe: Observer = (event) => {
    if (event.type === "upstream-failure") this.#upstreamFailure = errorText(event.cause);
  };

  failLogin(error: unknown): never {
    if (this.#refusal) {
      this.fail("The submission server refused the sign-in", this.#refusal, EXIT.noPermission);
    }
    if (!(error instanceof LoginError)) throw error;
    const temporary = error.failure === "temporary";
    const lines = [`${error.publicText}.`, error.cause && errorText(error.cause)];
    throw new CommandError(
      lines.filter(Boolean).join("\n"),
      temporary ? EXIT.temporary : EXIT.noPermission,
      { cause: error },
    );
  }

  failData(error: unknown): never {
    throw new CommandError(
      `The message may not have been sent: ${errorText(error)}`,
      EXIT.temporary,
      {
        cause: error,
      },
    );
  }

  /** A refusal with Microsoft's reply and its explanation. */
  fail(what: string, reply: SubmissionReply, permanentExit: number = EXIT.refused): never {
    const explanation = explainReply(reply, this.#mailbox);
    const exitCode = reply.transient ? EXIT.temporary : permanentExit;
    throw failure([`${what}: ${reply}`, this.#upstreamFailure], explanation, exitCode);
  }
}

/** An error with an explanation. */
export function failure(
  what: readonly string[],
  explanation: Explanation | undefined,
  exitCode: number,
): CommandError {
  const { title, cause, remedy, command } = explanation ?? {};
  const lines = [...what, title && `${title}.`, cause, remedy, command && `  ${command}`];
  return new CommandError(lines.filter(Boolean).join("\n"), exitCode);
}
