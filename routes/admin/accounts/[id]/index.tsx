import { page } from "fresh";
import ActivityList from "../../../../islands/activity_list.tsx";
import QuestionButton from "../../../../islands/question.tsx";
import { explainState } from "../../../../lib/accounts/mod.ts";
import type { Explanation } from "../../../../lib/explain/mod.ts";
import type { AppPassword } from "../../../../lib/store/mod.ts";
import { define, type Site } from "../../../../lib/web/mod.ts";
import { activityItem } from "../../../(_components)/activity_item.ts";
import { explainDelay } from "../../../(_components)/renewal_delay.ts";
import { UtcTime } from "../../../(_components)/utc_time.tsx";
import { accountOf } from "../../(_components)/operator_action.ts";
import { deleteQuestion, revokeQuestion, signOutQuestion } from "../../(_components)/questions.ts";
import { type ListedAccount, StateBadge } from "../../(_components)/account_table.tsx";

import { ExplanationView } from "../../../(_components)/explanation.tsx";
import { Row } from "../../../(_components)/row.tsx";

const DELIVERIES_SHOWN = 20;

export const handler = define.handlers({
  async GET(ctx) {
    const account = await accountOf(ctx);
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
      <p class="back">
        <a href={site.path("/admin/accounts")}>All accounts</a>
      </p>
      <h1>{account.email}</h1>
      <div class="columns">
        <div>
          <Facts account={account} excludedBy={data.excludedBy} explanation={data.explanation} />
          <section class="card" aria-labelledby="passwords">
            <h2 id="passwords">App passwords</h2>
            <Passwords passwords={passwords} site={site} />
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

interface PasswordsProps {
  readonly passwords: readonly AppPassword[];
  readonly site: Site;
}

function Passwords({ passwords, site }: PasswordsProps) {
  if (passwords.length === 0) return <p class="empty">There are none.</p>;
  return (
    <ul class="cards">
      {passwords.map((password) => (
        <li key={password.id}>
          <div class="password-head">
            <strong id={`name-${password.id}`}>{password.name}</strong>
            <p class="fine-print">
              <LastUse password={password} />
            </p>
          </div>
          <div class="actions">
            <a
              class="button small quiet"
              href={site.path(
                `/admin/accounts/${password.accountId}/passwords/${password.id}/rules`,
              )}
              aria-describedby={`name-${password.id}`}
            >
              Rules
            </a>
            <QuestionButton
              question={revokeQuestion(site, password)}
              describedBy={`name-${password.id}`}
            />
          </div>
        </li>
      ))}
    </ul>
  );
}

function LastUse({ password: { lastUsedAtMs, lastUsedAddress } }: { password: AppPassword }) {
  if (lastUsedAtMs === undefined) return <>Not used yet.</>;
  return (
    <>
      Last used <UtcTime ms={lastUsedAtMs} /> from {lastUsedAddress}.
    </>
  );
}
