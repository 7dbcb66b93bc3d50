import type { TestMailForm } from "../../../islands/test_mail.tsx";
import { ENCRYPTION_NAME, endpointsOf } from "../../../lib/guides/mod.ts";
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
  const { services: { smtp, testMail, webmailUrl }, site } = state;
  const endpoints = endpointsOf(smtp);
  const { account } = userOf(state);
  const recipient = entered.get("recipient") ?? account.email;
  return {
    action: site.path("/account/test-mail"),
    recipient,
    ports: testMail.servers.map(({ encryption, port }) => {
      // Devices are told the public port, where another one stands in front.
      const known = endpoints.find((one) => one.encryption === encryption)?.port ?? port;
      const name = encryption === "none" ? "no encryption" : ENCRYPTION_NAME[encryption];
      return [encryption, `${known}, ${name}`] as const;
    }),
    port: entered.get("encryption") ?? "",
    activity: site.path("/activity"),
    webmail: recipient === account.email ? webmailOf(account, webmailUrl) : undefined,
  };
}

function webmailOf(account: AccountRecord, url: string = WEBMAIL[accountKind(account)]): string {
  return url.replaceAll("{address}", encodeURIComponent(account.email));
}
