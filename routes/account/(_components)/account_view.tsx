import { type Context, page } from "fresh";
import TestMail from "../../../islands/test_mail.tsx";
import type { Site, State } from "../../../lib/web/mod.ts";
import { ErrorSummary, type FormProblem } from "../../(_components)/form_problem.tsx";
import { Row } from "../../(_components)/row.tsx";
import { type AccountData, accountData } from "./account_data.ts";
import { AccountCard } from "./account_card.tsx";
import { AppPasswordsCard } from "./app_passwords_card.tsx";
import { SignInBanner, SignInCard } from "./sign_in_card.tsx";
import { SmtpSettings } from "./smtp_settings.tsx";

/** Answers with the account page. @param problem Present: a form of it was not accepted. */
export async function accountPage({ state }: Context<State>, problem?: FormProblem) {
  state.title = problem ? "Error – Your account" : "Your account";
  return page(await accountData(state, problem), { status: problem ? 400 : 200 });
}

interface AccountViewProps {
  readonly data: AccountData;
  readonly site: Site;
}

/** The account page, in the order of use. */
export function AccountView({ data, state: { site } }: { data: AccountData; state: State }) {
  const { account, passwords, signIn, problem } = data;
  return (
    <>
      <ErrorSummary problem={problem} />
      <h1>Your account</h1>
      <SignInBanner account={account} signIn={signIn} site={site} />
      <div class="columns">
        <div>
          <SettingsCard data={data} site={site} />
          <AppPasswordsCard passwords={passwords} site={site} problem={problem} />
        </div>
        <div>
          {signIn.state !== "sign-in-required" && <TestMailCard data={data} />}
          {!signIn.explanation && <SignInCard account={account} signIn={signIn} site={site} />}
          <AccountCard account={account} site={site} problem={problem} />
        </div>
      </div>
    </>
  );
}

function SettingsCard({ data, site }: AccountViewProps) {
  return (
    <section class="card" aria-labelledby="settings">
      <h2 id="settings">Settings for outgoing mail (SMTP)</h2>
      <p>
        Enter these in your device or program. The <a href={site.path("/guides")}>set-up guides</a>
        {" "}
        show where.
      </p>
      <SmtpSettings data={data}>
        <Row label="Password">
          <a href="#app-password-name">Create an app password</a> for each device or program
        </Row>
      </SmtpSettings>
    </section>
  );
}

function TestMailCard({ data }: Pick<AccountViewProps, "data">) {
  return (
    <section class="card" aria-labelledby="test-mail">
      <h2 id="test-mail">Try it</h2>
      <p>
        Send a message from{" "}
        {data.account.email}, the way the mail of a device goes: to this SMTP server, and on to
        Microsoft.
      </p>
      <TestMail form={data.testMail} steps={[]} />
    </section>
  );
}
