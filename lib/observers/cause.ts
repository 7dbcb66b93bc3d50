/**
 * The structured causes of refusals, from the typed errors and replies in the events of the SMTP server.
 *
 * @module
 */
import {
  LoginError,
  type Reply,
  RuleRefusal,
  SlowSignIn,
  type SmtpEvent,
  UpstreamError,
  UpstreamRefusal,
  UpstreamReply,
} from "../../smtp/mod.ts";
import { SecretError } from "../crypto/mod.ts";
import { type Cause, DeadSignIn } from "../explain/mod.ts";
import { MicrosoftError } from "../microsoft/mod.ts";
import { StoreError } from "../store/mod.ts";

/** Returns the cause of a reply, if it refuses something. */
export function causeOf(
  reply: Reply | undefined,
  error: unknown,
  failure?: LoginError["failure"],
): Cause | undefined {
  if (error instanceof LoginError) return causeOf(reply, error.cause, error.failure);
  if (error instanceof RuleRefusal) return `proxy:${error.rule}`;
  if (error instanceof UpstreamRefusal) return `upstream:${error.reply}`;
  if (error instanceof DeadSignIn) return `sign-in:${error.reason ?? ""}`;
  if (error instanceof MicrosoftError) {
    return error.fault ? `proxy:${error.fault}` : `sign-in:${error.reason}`;
  }
  if (error instanceof SlowSignIn) return "proxy:slow";
  if (error instanceof UpstreamError) {
    return error.said ? `upstream:${error.said}` : `proxy:${error.fault}`;
  }
  if (error instanceof StoreError) return "proxy:database";
  if (error instanceof SecretError) return "proxy:secret";
  if (failure === "invalid") return "proxy:535 5.7.8";
  if (failure === "refused") return "proxy:not-allowed";
  if (reply === undefined || reply.code < 400) return undefined;
  if (reply instanceof UpstreamReply) return `upstream:${reply}`;
  if (failure === "throttled") return "proxy:throttled";
  return `proxy:${reply.code} ${reply.enhanced}`;
}

/** Returns the cause of the refusal that an event of a client's connection reports; undefined if it reports none. */
export function causeIn(event: SmtpEvent): Cause | undefined {
  switch (event.type) {
    case "login":
      return causeOf(event.reply, event.cause, event.failure);
    case "delivery":
      return causeOf(event.delivery.reply, event.delivery.cause);
    case "command-refused":
      return causeOf(event.reply, event.cause);
    default:
      return undefined;
  }
}
