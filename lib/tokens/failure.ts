/**
 * Why no token can be given, as the mail client and as the operator read it.
 *
 * @module
 */
import { LoginError } from "../../smtp/mod.ts";
import { explainReason, signInRequiredText } from "../explain/mod.ts";
import { MicrosoftError } from "../microsoft/mod.ts";
import { SecretError } from "../crypto/mod.ts";
import { StoreError } from "../store/mod.ts";

const UNAVAILABLE = "The sign-in service is not available at the moment; try again later";
const NOT_OPENED = "The proxy cannot open the stored sign-in; ask its operator";
const STORE_FAILING = "The proxy cannot read its database at the moment; try again later";

/** Only this failure is one that the owner of the account has to do something about. */
export function signInRequired(reason: string | undefined, publicUrl?: string): LoginError {
  return new LoginError("sign-in-required", signInRequiredText(reason, publicUrl), {
    cause: explainReason(reason).code,
  });
}

/** Everything else heals without the owner of the account. */
export function temporarily(error: unknown): LoginError {
  return new LoginError("temporary", publicText(error), { cause: error });
}

function publicText(error: unknown): string {
  if (error instanceof StoreError) return STORE_FAILING;
  if (error instanceof SecretError) return NOT_OPENED;
  if (error instanceof MicrosoftError && error.failure === "registration") {
    return `${error.explanation.smtpText}; ask the proxy's operator`;
  }
  return UNAVAILABLE;
}
