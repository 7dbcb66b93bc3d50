import QuestionButton from "../../../islands/question.tsx";
import type { Alert } from "../../../lib/alerts/mod.ts";
import type { KnownRegistration } from "../../../lib/program/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";
import { UtcTime } from "../../(_components)/utc_time.tsx";
import { secretEndQuestion } from "./questions.ts";
import { StackedTable } from "./stacked_table.tsx";

/** An app registration as the admin page shows it. */
export interface RegistrationState {
  readonly clientId: string;
  /** New accounts use it. */
  readonly isDefault: boolean;
  readonly accounts: number;
  /** How it proves itself, and until when. Absent: the settings do not name it any more. */
  readonly known?: KnownRegistration;
  /** Present: Microsoft refuses it. */
  readonly alert?: Alert;
}

/** The app registrations, and whether and how long Microsoft takes their secrets. */
export function RegistrationTable(
  { registrations, site }: { registrations: readonly RegistrationState[]; site: Site },
) {
  return (
    <StackedTable
      caption="App registrations"
      columns={["Application id", "Accounts", "Secret or certificate"]}
    >
      {registrations.map(({ clientId, isDefault, accounts, known, alert }) => (
        <tr key={clientId}>
          <th scope="row">
            <code>{clientId}</code>
            {isDefault && <span class="badge">for new accounts</span>}
          </th>
          <td data-label="Accounts">{accounts}</td>
          <td data-label="Secret or certificate">
            {alert
              ? (
                <>
                  <span class="badge bad">refused</span> {alert.text} {alert.remedy}
                </>
              )
              : <span class="badge good">no problem</span>}
            {known && <End registration={known} site={site} />}
          </td>
        </tr>
      ))}
    </StackedTable>
  );
}

/** The end of a secret or a certificate, and a way to enter that of a secret, which nothing else tells. */
function End({ registration, site }: { registration: KnownRegistration; site: Site }) {
  const { authentication, endsAtMs, isEndEntered } = registration;
  const takesEnd = authentication === "secret" && (endsAtMs === undefined || isEndEntered);
  return (
    <>
      <p class="fine-print">
        {endsAtMs === undefined ? NO_END[authentication] : (
          <>
            expires <UtcTime ms={endsAtMs} />
            {authentication === "secret" &&
              (isEndEntered ? " (entered here)" : " (from APP_SECRET_EXPIRES)")}
          </>
        )}
      </p>
      {takesEnd && <QuestionButton question={secretEndQuestion(site, registration)} />}
    </>
  );
}

const NO_END = {
  "secret": "expiry date unknown",
  "certificate": "expiry date unknown",
  "token-file": "a token file, which does not expire",
  "none": "a public client, which has no secret",
} as const satisfies Record<KnownRegistration["authentication"], string>;
