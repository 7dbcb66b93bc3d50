import type { Login } from "../../smtp/mod.ts";
import { explainSmtpReply, type Explanation } from "./explain.ts";

/** A reply of the submission server, see `smtp/reply.ts`. */
export type SubmissionReply = Awaited<ReturnType<ReturnType<Login["open"]>["data"]>>;

/** Explains a reply; `undefined` for one that is no error. @param mailbox Put into the administrator's command. */
export function explainReply(
  { code, enhanced = "", text }: SubmissionReply,
  mailbox?: string,
): Explanation | undefined {
  return explainSmtpReply(code, `${enhanced} ${text}`, mailbox);
}

/** What a mail client is told when the submission server refuses its account. */
export function refusalText(reply: SubmissionReply): string {
  return explainReply(reply)?.smtpText ?? reply.text;
}
