/**
 * The second part of `docs/troubleshooting.md`, made of the tables of Microsoft's errors. The first part is written by hand.
 *
 * @module
 */
import type { Fixer } from "../lib/explain/explain.ts";
import { SIGN_IN_ERRORS, type SignInErrorRow } from "../lib/explain/sign_in_errors.ts";
import { SMTP_REPLIES, type SmtpReplyRow } from "../lib/explain/smtp_replies.ts";

/** What is made begins here. */
const MARK = "<!-- From here on made of lib/explain by `deno task docs`. Changes will be lost. -->";

type Row =
  & Pick<SignInErrorRow, "title" | "cause" | "fixer" | "remedy">
  & Pick<SmtpReplyRow, "command">;

const FIXERS: Readonly<Record<Fixer, string>> = {
  "user": "the account's owner",
  "tenant-admin": "the administrator of the organisation",
  "operator": "whoever runs the proxy",
  "nobody": "nobody: it heals by itself",
};

/**
 * The whole page.
 *
 * @param current The page as it is: what stands before the mark stays.
 */
export function troubleshootingDocument(current: string): string {
  const [byHand = ""] = current.split(MARK);
  return [
    `${byHand}${MARK}`,
    "## Errors of Microsoft's sign-in",
    "They are shown on the web page, and stand in the log in `error`.",
    ...signInSections(),
    "## Replies of Microsoft's submission server",
    "They are passed on to the mail program, and stand in the log as `reply`.",
    ...replySections(),
  ].join("\n\n") + "\n";
}

/** One section for all errors with the same way out. */
function signInSections(): string[] {
  return groupsOf([...SIGN_IN_ERRORS], ([, row]) => row).map((rows) => {
    const codes = rows.map(([code]) => /^\d/.test(code) ? `AADSTS${code}` : code);
    return section(rows[0]![1], codes.map(inCode).join(", "));
  });
}

function replySections(): string[] {
  return groupsOf(SMTP_REPLIES, (row) => row).map((rows) => {
    return section(rows[0]!, rows.map(replyText).join(", "));
  });
}

function groupsOf<T>(items: readonly T[], rowOf: (item: T) => Row): readonly T[][] {
  const groups = Map.groupBy(items, (item) => {
    const { title, cause, remedy } = rowOf(item);
    return [title, cause, remedy].join("\n");
  });
  return [...groups.values()];
}

function replyText({ replyCode, enhancedCode, text }: SmtpReplyRow): string {
  const reply = inCode([replyCode, enhancedCode].filter(Boolean).join(" "));
  return text ? `${reply} with “${text.source}”` : reply;
}

function section(
  { title, cause, fixer, remedy, command }: Row,
  codes: string,
): string {
  const line = command?.replace("{mailbox}", "MAILBOX");
  return [
    `### ${title}`,
    `${codes}: ${cause}`,
    `- Who can help: ${FIXERS[fixer]}\n- What to do: ${remedy}`,
    ...(line ? ["```powershell\n" + line + "\n```"] : []),
  ].join("\n\n");
}

function inCode(text: string): string {
  return `\`${text}\``;
}
