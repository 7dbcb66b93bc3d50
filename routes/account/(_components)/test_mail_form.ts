import type { TestMailForm } from "../../../islands/test_mail.tsx";
import { ENCRYPTION_NAME } from "../../../lib/guides/mod.ts";
import { accountKind } from "../../../lib/microsoft/mod.ts";
import type { AccountRecord } from "../../../lib/store/mod.ts";
import { type State, userOf } from "../../../lib/web/mod.ts";

/** Outlook on the web. */
const WEBMAIL = {
  personal: "https://outlook.live.com/mail/",
  work: "https://outlook.office.com/mail/",
  mailbox: "https://outlook.office.com/mail/",
} as const;

/** Returns the form of a test mail, with what was entered. */
export function testMailForm(state: State, entered = new URLSearchParams()): TestMailForm {
  const { services: { testMail, webmailUrl }, site } = state;
  const { account } = userOf(state);
  const recipient = entered.get("recipient") ?? account.email;
  return {
    action: site.path("/account/test-mail"),
    recipient,
    ports: testMail.servers.map(({ encryption, port }) =>
      [
        encryption,
        `${port}, ${encryption === "none" ? "no encryption" : ENCRYPTION_NAME[encryption]}`,
      ] as const
    ),
    port: entered.get("encryption") ?? "",
    activity: site.path("/activity"),
    webmail: recipient === account.email ? webmailOf(account, webmailUrl) : undefined,
  };
}

function webmailOf(account: AccountRecord, url: string = WEBMAIL[accountKind(account)]): string {
  return url.replaceAll("{address}", encodeURIComponent(account.email));
}
