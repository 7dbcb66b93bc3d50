import TestMail from "../../../islands/test_mail.tsx";
import type { Site } from "../../../lib/web/mod.ts";
import { AuthorityNotice } from "../../(_components)/authority_notice.tsx";
import type { AccountData } from "./account_data.ts";
import { AccountCard } from "./account_card.tsx";
import { AppPasswords } from "./app_passwords.tsx";
import { SignInCard } from "./sign_in_card.tsx";
import { SmtpSettings } from "./smtp_settings.tsx";

interface AccountViewProps {
  readonly data: AccountData;
  readonly site: Site;
}

/** The account page. */
export function AccountView({ data, site }: AccountViewProps) {
  const { account, passwords, signIn, problem } = data;
  const isBroken = signIn.explanation !== undefined;
  const signInCard = <SignInCard account={account} signIn={signIn} site={site} />;
  return (
    <>
      <h1>Your account</h1>
      {isBroken && signInCard}
      <section class="card" aria-labelledby="settings">
        <h2 id="settings">Settings for outgoing mail (SMTP)</h2>
        <p>
          Enter these in your device or program, with an app password. The{" "}
          <a href={site.path("/guides")}>set-up guides</a> show where.
        </p>
        <SmtpSettings data={data} />
        {data.ownAuthority && <AuthorityNotice site={site} />}
      </section>
      <AppPasswords passwords={passwords} site={site} problem={problem} />
      {signIn.state !== "sign-in-required" && <TestMailCard data={data} site={site} />}
      {!isBroken && signInCard}
      <AccountCard account={account} site={site} problem={problem} />
    </>
  );
}

function TestMailCard({ data, site }: AccountViewProps) {
  return (
    <section class="card" aria-labelledby="test-mail">
      <h2 id="test-mail">Try it</h2>
      <p>
        From and to{" "}
        {data.account.email}, the way the mail of a device goes: to this SMTP server, and on to
        Microsoft. You see what the two say to each other.
      </p>
      <TestMail action={site.path("/account/test-mail")} steps={[]} />
    </section>
  );
}
