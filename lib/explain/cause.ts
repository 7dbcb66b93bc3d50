/**
 * The structured cause of a refusal. It is stored with the reply and shown on pages, so that nobody has to guess it from a
 * text.
 *
 * @module
 */
import { LoginError } from "../../smtp/mod.ts";
import type { AccountKind, Explanation } from "./explanation.ts";
import { explainProxyFault } from "./proxy_faults.ts";
import { explainReason, signInRequiredText } from "./sign_in_errors.ts";
import { explainReply } from "./smtp_replies.ts";

/**
 * The party that refused, and what it said, as text for a database:
 *
 * - `upstream`: the submission server, by its reply: `upstream:535 5.7.139 …`.
 * - `sign-in`: the identity service, by a reason as `AccountRecord.stateReason` has it: `sign-in:AADSTS70008: …`.
 * - `proxy`: we ourselves, by our reply or the kind of the fault: `proxy:550 5.7.1`, `proxy:throttled`.
 */
export type Cause = `${"upstream" | "sign-in" | "proxy"}:${string}`;

/** A dead sign-in with Microsoft: the cause of a {@linkcode LoginError}. */
export class DeadSignIn extends Error {
  override readonly name = "DeadSignIn";

  /** @param reason See `AccountRecord.stateReason`. */
  constructor(readonly reason: string | undefined, readonly kind?: AccountKind) {
    super(reason ?? "no reason known");
  }
}

/** Returns the error of a login whose account has to sign in again; see {@linkcode signInRequiredText}. */
export function signInRequired(
  reason: string | undefined,
  kind: AccountKind | undefined,
  publicUrl?: string,
): LoginError {
  const text = signInRequiredText(reason, kind, publicUrl);
  return new LoginError("sign-in-required", text, { cause: new DeadSignIn(reason, kind) });
}

/**
 * Explains a cause.
 *
 * @param mailbox Put into the administrator's command.
 * @param kind Of the account, where it is known.
 * @returns `undefined` if there is nothing to explain, or nothing that the reply itself does not say.
 */
export function explainCause(
  cause: Cause | undefined,
  mailbox?: string,
  kind?: AccountKind,
): Explanation | undefined {
  const [, by, what = ""] = /^([a-z-]+):(.*)$/s.exec(cause ?? "") ?? [];
  switch (by) {
    case "upstream": {
      const explanation = explainReply(what, mailbox, kind);
      return explanation?.known ? explanation : undefined;
    }
    case "sign-in":
      return explainReason(what || undefined, kind);
    case "proxy":
      return explainProxyFault(what);
    default:
      return undefined;
  }
}
