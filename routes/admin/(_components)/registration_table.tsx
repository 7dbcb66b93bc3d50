import type { Alert } from "../../../lib/alerts/mod.ts";
import { UtcTime } from "../../(_components)/utc_time.tsx";

/** An app registration as the admin page shows it. */
export interface RegistrationState {
  readonly clientId: string;
  /** New accounts use it. */
  readonly isDefault: boolean;
  readonly accounts: number;
  /** The end of its secret or certificate. Absent: not known, or none. */
  readonly endsAtMs?: number;
  /** Present: Microsoft refuses it. */
  readonly alert?: Alert;
}

/** The app registrations, and whether and how long Microsoft takes their secrets. */
export function RegistrationTable(
  { registrations }: { registrations: readonly RegistrationState[] },
) {
  return (
    <table class="stacked">
      <caption class="visually-hidden">App registrations</caption>
      <thead>
        <tr>
          <th scope="col">Application id</th>
          <th scope="col">Accounts</th>
          <th scope="col">Secret or certificate</th>
        </tr>
      </thead>
      <tbody>
        {registrations.map(({ clientId, isDefault, accounts, endsAtMs, alert }) => (
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
                : <span class="badge good">no complaint</span>}
              <p class="fine-print">
                {endsAtMs === undefined ? "end not known" : (
                  <>
                    ends <UtcTime ms={endsAtMs} />
                  </>
                )}
              </p>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
