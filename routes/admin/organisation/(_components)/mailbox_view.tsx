import QuestionButton from "../../../../islands/question.tsx";
import type { AppPassword, AppPasswordCount } from "../../../../lib/store/mod.ts";
import type { Site } from "../../../../lib/web/mod.ts";
import { PasswordCards } from "../../../(_components)/app_passwords.tsx";
import { ExplanationView } from "../../../(_components)/explanation.tsx";
import { ErrorSummary } from "../../../(_components)/form_problem.tsx";
import { Row } from "../../../(_components)/row.tsx";
import { UtcTime } from "../../../(_components)/utc_time.tsx";
import { passwordPath } from "../../(_components)/named_account.ts";
import { deleteQuestion } from "../../(_components)/questions.ts";
import { BackLink } from "../../../(_components)/back_link.tsx";
import { DeviceForm } from "./device_form.tsx";
import type { MailboxData } from "./mailbox_data.ts";
import { MailboxBadge } from "./mailboxes.tsx";
import { Proof, ProofForm } from "./proof.tsx";

interface MailboxProps {
  readonly data: MailboxData;
  readonly site: Site;
}

/** A mailbox: its state and the proof of it, its devices, and beside them a form for more. */
export function MailboxView({ data, site }: MailboxProps) {
  const { account, devices, proof, problem } = data;
  return (
    <>
      <ErrorSummary problem={problem} />
      <BackLink href={site.path("/admin/organisation")}>Organisation</BackLink>
      <h1>{account.email}</h1>
      <div class="columns">
        <div>
          {proof ? <Proof id="proof" proof={proof} site={site} /> : <State {...data} />}
          <ProofForm
            action={site.path(`/admin/organisation/${account.id}`)}
            mailbox={account.email}
            isRepeated={proof !== undefined}
            problem={problem}
          >
            <a class="button quiet" href={site.path(`/admin/accounts/${account.id}`)}>
              Last deliveries
            </a>
          </ProofForm>
          <section class="card" aria-labelledby="devices">
            <h2 id="devices">Devices</h2>
            {devices.length === 0 ? <p class="empty">There are none yet.</p> : (
              <PasswordCards
                passwords={devices}
                pathOf={(device) => site.path(passwordPath(device))}
                isForOperator
              />
            )}
          </section>
        </div>
        <DeviceForm
          action={site.path(`/admin/organisation/${account.id}/devices`)}
          problem={problem}
        />
      </div>
      <div class="actions">
        <QuestionButton question={deleteQuestion(site, account)} />
      </div>
    </>
  );
}

function State({ account, devices, explanation }: MailboxData) {
  return (
    <section class="card" aria-labelledby="state">
      <h2 id="state">State</h2>
      <dl class="settings">
        <Row label="Sending">
          <MailboxBadge account={account} devices={countOf(devices)} /> since{" "}
          <UtcTime ms={account.stateSinceMs} />
        </Row>
        {account.displayName && <Row label="Name">{account.displayName}</Row>}
        <Row label="App registration">
          <code>{account.clientId}</code>
        </Row>
      </dl>
      {explanation && (
        <>
          <h3>{explanation.title}</h3>
          <ExplanationView explanation={explanation} />
        </>
      )}
    </section>
  );
}

function countOf(devices: readonly AppPassword[]): AppPasswordCount {
  const lastUsedAtMs = devices.find((device) => device.lastUsedAtMs !== undefined)?.lastUsedAtMs;
  return { count: devices.length, lastUsedAtMs };
}
