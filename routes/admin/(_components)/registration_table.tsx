import type { Alert } from "../../../lib/alerts/mod.ts";

/** An app registration as the admin page shows it. */
export interface RegistrationState {
  readonly clientId: string;
  /** New accounts use it. */
  readonly isDefault: boolean;
  readonly accounts: number;
  /** Present: Microsoft refuses it. */
  readonly alert?: Alert;
}

/** The app registrations, and whether Microsoft takes their secrets. */
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
          <th scope="col">Client secret</th>
        </tr>
      </thead>
      <tbody>
        {registrations.map(({ clientId, isDefault, accounts, alert }) => (
          <tr key={clientId}>
            <th scope="row">
              <code>{clientId}</code>
              {isDefault && <span class="badge">for new accounts</span>}
            </th>
            <td data-label="Accounts">{accounts}</td>
            <td data-label="Client secret">
              {alert
                ? (
                  <>
                    <span class="badge bad">refused</span> {alert.text} {alert.remedy}
                  </>
                )
                : <span class="badge good">no complaint</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
