import { page } from "fresh";
import ActivityList from "../../../../islands/activity_list.tsx";
import QuestionButton from "../../../../islands/question.tsx";
import { explainState } from "../../../../lib/accounts/mod.ts";
import type { Explanation } from "../../../../lib/explain/mod.ts";
import { define } from "../../../../lib/web/mod.ts";
import { PasswordCards } from "../../../(_components)/app_passwords.tsx";
import { activityItem } from "../../../(_components)/activity_item.ts";
import { explainDelay } from "../../../(_components)/renewal_delay.ts";
import { UtcTime } from "../../../(_components)/utc_time.tsx";
import { namedAccount, passwordPath } from "../../(_components)/named_account.ts";
import { deleteQuestion, signOutQuestion } from "../../(_components)/questions.ts";
import { type ListedAccount, StateBadge } from "../../(_components)/account_table.tsx";
import { ExplanationView } from "../../../(_components)/explanation.tsx";
import { Row } from "../../../(_components)/row.tsx";
import { BackLink } from "../../../(_components)/back_link.tsx";

const DELIVERIES_SHOWN = 20;

export const handler = define.handlers({
  async GET(ctx) {
    const account = await namedAccount(ctx);
    ctx.state.title = `${account.email} – Admin`;
    ctx.state.isWide = true;
    const { appPasswords, deliveries } = ctx.state.services.store;
    const found = await deliveries.list({ accountId: account.id, limit: DELIVERIES_SHOWN });
    return page({
      account,
      explanation: explainState(account) ?? explainDelay(ctx.state.services, account),
      excludedBy: ctx.state.services.signUpPolicy.refusal(account)?.setting,
      passwords: await appPasswords.list(account.id),
      items: found.map((delivery) => activityItem(delivery, account, { reader: "operator" })),
    });
  },
});

/** One account, for the operator. */
export default define.page<typeof handler>(({ data, state: { site } }) => {
  const { account, passwords, items } = data;
  return (
    <>
      <BackLink href={site.path("/admin/accounts")}>All accounts</BackLink>
      <h1>{account.email}</h1>
      <div class="columns">
        <div>
          <Facts account={account} excludedBy={data.excludedBy} explanation={data.explanation} />
          <section class="card" aria-labelledby="passwords">
            <h2 id="passwords">App passwords</h2>
            {passwords.length === 0 ? <p class="empty">There are none.</p> : (
              <PasswordCards
                passwords={passwords}
                pathOf={(password) => site.path(passwordPath(password))}
                isForOperator
              />
            )}
          </section>
          <div class="actions below">
            <QuestionButton question={signOutQuestion(site, account)} />
            <QuestionButton question={deleteQuestion(site, account)} />
          </div>
        </div>
        <section class="card" aria-labelledby="activity">
          <h2 id="activity">Last deliveries</h2>
          <ActivityList items={items} zone="UTC" empty="None is on record." />
        </section>
      </div>
    </>
  );
});

function Facts(
  { account, excludedBy, explanation }: ListedAccount & { explanation: Explanation | undefined },
) {
  return (
    <section class="card" aria-labelledby="facts">
      <h2 id="facts">State</h2>
      <dl class="settings">
        <Row label="Sign-in">
          <StateBadge account={account} excludedBy={excludedBy} /> since{" "}
          <UtcTime ms={account.stateSinceMs} />
        </Row>
        {account.signInName !== account.email && (
          <Row label="Sign-in name">{account.signInName}</Row>
        )}
        <Row label="Name">{account.displayName}</Row>
        {account.shortName && <Row label="Short user name">{account.shortName}</Row>}
        {!account.appOnly && (
          <>
            <Row label="Last sign-in">
              <UtcTime ms={account.signedInAtMs} />
            </Row>
            <Row label="Last renewed">
              <UtcTime ms={account.refreshedAtMs} />
            </Row>
          </>
        )}
        {account.isInvited && (
          <Row label="Admitted">by an invitation, without being named in an account filter</Row>
        )}
        <Row label="Here since">
          <UtcTime ms={account.createdAtMs} />
        </Row>
        <Row label="App registration">
          <code>{account.clientId}</code>
        </Row>
        <Row label="Identity (tid, oid)">
          <code>{account.tenantId}</code> <code>{account.objectId}</code>
        </Row>
      </dl>
      {explanation && (
        <>
          <h3>{explanation.title}</h3>
          <ExplanationView explanation={explanation} reader="operator" />
        </>
      )}
    </section>
  );
}
