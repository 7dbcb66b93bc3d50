/**
 * The second part of `docs/troubleshooting.md`, made from the tables of Microsoft's errors. The first part is written by hand.
 *
 * @module
 */
import {
  type Fixer,
  PROXY_FAULTS,
  SIGN_IN_ERRORS,
  SMTP_REPLIES,
  type SmtpReplyRow,
  type Wording,
} from "../lib/explain/mod.ts";

/** The generated part begins here. */
const MARK =
  "<!-- Everything below is made from lib/explain by `deno task docs`. Changes will be lost. -->";

type Row = Wording & Pick<SmtpReplyRow, "command" | "personal" | "mailbox">;

const FIXERS: Readonly<Record<Fixer, string>> = {
  "user": "the account's owner",
  "tenant-admin": "the administrator of the organisation",
  "operator": "the operator of the proxy",
  "nobody": "nobody: the problem resolves itself",
};

/**
 * Returns the whole page.
 *
 * @param current The page as it is; everything before the mark is kept.
 */
export function troubleshootingDocument(current: string): string {
  const [byHand = ""] = current.split(MARK);
  return [
    `${byHand}${MARK}`,
    "## Errors of Microsoft's sign-in",
    "The web page shows them, and the log has them as `error`.",
    ...signInSections(),
    "## Replies of Microsoft's submission server",
    "The mail client gets them, and the log has them as `reply`.",
    ...replySections(),
    "## Refusals of the proxy itself",
    "The account's activity page and the log (`hint`) show the title.",
    ...proxySections(),
  ].join("\n\n") + "\n";
}

/** Returns one section for all errors with the same remedy. */
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

function proxySections(): string[] {
  return groupsOf([...PROXY_FAULTS], ([, row]) => row).map((rows) =>
    section(rows[0]![1], rows.map(([fault]) => inCode(fault)).join(", "))
  );
}

function groupsOf<T>(items: readonly T[], rowOf: (item: T) => Row): readonly T[][] {
  const groups = Map.groupBy(items, (item) => {
    const { title, cause, remedy } = rowOf(item);
    return [title, cause, remedy].join("\n");
  });
  return [...groups.values()];
}

function replyText({ replies, text }: SmtpReplyRow): string {
  const codes = replies.map(inCode).join(", ");
  return text ? `${codes} with “${text.source}”` : codes;
}

function section(
  { title, cause, fixer, remedy, command, personal, mailbox }: Row,
  codes: string,
): string {
  const line = command?.replace("{mailbox}", "MAILBOX");
  return [
    `### ${title}`,
    `${codes}: ${cause}`,
    `- Who can help: ${FIXERS[fixer]}\n- What to do: ${remedy}` +
    (personal ? `\n- With a personal account: ${personal.cause} ${personal.remedy}` : "") +
    (mailbox ? `\n- With an app-only mailbox: ${mailbox.cause} ${mailbox.remedy}` : ""),
    ...(line ? ["```powershell\n" + line + "\n```"] : []),
  ].join("\n\n");
}

function inCode(text: string): string {
  return `\`${text}\``;
}
