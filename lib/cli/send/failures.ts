/**
 * Why a message could not be sent, in words.
 *
 * @module
 */
import { type Observer, type Reply, SmtpError } from "../../../smtp/mod.ts";
import { errorText } from "../../base/mod.ts";
import { explainReply, type Explanation } from "../../explain/mod.ts";
import { CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";

/** Collects what is known about a failure, and explains it. */
export class SendFailures {
  readonly #mailbox: string;
  #refusal: Reply | undefined;
  #upstreamFailure = "";

  constructor(mailbox: string) {
    this.#mailbox = mailbox;
  }

  /** Notes the reply with which the submission server rejected the sign-in. */
  readonly onRefusal = (reply: Reply): void => {
    this.#refusal = reply;
  };

  /** Notes the cause of a failed connection. */
  readonly observe: Observer = (event) => {
    if (event.type === "upstream-failure") this.#upstreamFailure = errorText(event.cause);
  };

  /** Throws for a sign-in that failed. */
  failLogin(error: unknown): never {
    if (this.#refusal) {
      this.fail("The submission server refused the sign-in", this.#refusal, EXIT.noPermission);
    }
    if (!(error instanceof SmtpError)) throw error;
    const { reply, privateCause } = error;
    const exitCode = reply.transient ? EXIT.temporary : EXIT.noPermission;
    const lines = [`${reply.text}.`, privateCause && errorText(privateCause)];
    throw new CommandError(lines.filter(Boolean).join("\n"), exitCode, { cause: error });
  }

  /** Throws for a transfer that broke off. */
  failData(error: unknown): never {
    const message = `The message may not have been sent: ${errorText(error)}`;
    throw new CommandError(message, EXIT.temporary, { cause: error });
  }

  /** Throws for a negative reply, with its explanation. */
  fail(problem: string, reply: Reply, permanentExit: number = EXIT.refused): never {
    const explanation = explainReply(reply, this.#mailbox);
    const exitCode = reply.transient ? EXIT.temporary : permanentExit;
    throw explainedError([`${problem}: ${reply}`, this.#upstreamFailure], explanation, exitCode);
  }
}

/** Returns an error that ends with an explanation. */
export function explainedError(
  problem: readonly string[],
  explanation: Explanation | undefined,
  exitCode: number,
): CommandError {
  const { title, cause, remedy, command } = explanation ?? {};
  const lines = [...problem, title && `${title}.`, cause, remedy, command && `  ${command}`];
  return new CommandError(lines.filter(Boolean).join("\n"), exitCode);
}
