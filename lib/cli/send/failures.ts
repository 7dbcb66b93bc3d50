/**
 * Why a message could not be sent, in words.
 *
 * @module
 */
import {
  type Account,
  type Observer,
  type Reply,
  SmtpError,
  UpstreamRefusal,
} from "../../../smtp/mod.ts";
import { errorText } from "../../base/mod.ts";
import { explainCause, explainReply, type Explanation } from "../../explain/mod.ts";
import { causeOf } from "../../observers/mod.ts";
import { CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";

/** Collects what is known about a failure, and explains it for the kind of account. */
export class SendFailures {
  readonly #account: Pick<Account, "mailbox" | "kind">;
  #upstreamFailure = "";

  constructor(account: Pick<Account, "mailbox" | "kind">) {
    this.#account = account;
  }

  /** Notes the cause of a failed connection. */
  readonly observe: Observer = (event) => {
    if (event.type === "upstream-failure") this.#upstreamFailure = errorText(event.cause);
  };

  /** Throws for a sign-in that failed, at the submission server or at the identity service. */
  failLogin(error: unknown): never {
    if (!(error instanceof SmtpError)) throw error;
    const { reply, privateCause } = error;
    if (privateCause instanceof UpstreamRefusal) {
      const problem = "The submission server refused the sign-in";
      this.fail(problem, privateCause.reply, EXIT.noPermission);
    }
    const { mailbox, kind } = this.#account;
    const explanation = explainCause(causeOf(undefined, error), mailbox, kind);
    const exitCode = reply.transient ? EXIT.temporary : EXIT.noPermission;
    const because = privateCause === undefined ? "" : errorText(privateCause);
    throw explainedError([`${reply.text}.`, because], explanation, exitCode);
  }

  /** Throws for a transfer that was interrupted. */
  failData(error: unknown): never {
    const message = `The message may not have been sent: ${errorText(error)}`;
    throw new CommandError(message, EXIT.temporary, { cause: error });
  }

  /** Throws for a negative reply, with its explanation. */
  fail(problem: string, reply: Reply, permanentExit: number = EXIT.refused): never {
    const explanation = explainReply(reply, this.#account.mailbox, this.#account.kind);
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
