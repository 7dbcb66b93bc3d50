import PrintButton from "../../../../islands/print_button.tsx";
import type { CreatedAppPassword } from "../../../../lib/accounts/mod.ts";
import { type Endpoint, portsOf } from "../../../../lib/guides/mod.ts";
import { circleCheck, Icon } from "../../../../lib/icons/mod.ts";
import type { AccountRecord } from "../../../../lib/store/mod.ts";
import type { Site } from "../../../../lib/web/mod.ts";
import { QrImage } from "../../../(_components)/qr_image.tsx";
import { Row } from "../../../(_components)/row.tsx";
import {
  encryptionText,
  settingsOf,
  settingsText,
} from "../../../account/(_components)/smtp_settings.tsx";

/** The data of the sheets of new devices. */
export interface SheetsData {
  readonly account: AccountRecord;
  readonly created: readonly CreatedAppPassword[];
  readonly host: string;
  /** The recommended one first. */
  readonly endpoints: readonly Endpoint[];
}

interface SheetsProps {
  readonly data: SheetsData;
  readonly site: Site;
}

/** The settings of new devices, a sheet for each: to be printed and taken to it. */
export function DeviceSheets({ data, site }: SheetsProps) {
  const { account, created } = data;
  return (
    <>
      <div class="screen-only">
        <h1>
          <Icon shapes={circleCheck} class="good" />
          {created.length === 1 ? "1 new device" : `${created.length} new devices`}
        </h1>
        <p class="notice success">
          Print the sheets or save them as PDF now:{" "}
          <strong>the passwords are not shown again</strong>. Each device has a page of its own.
        </p>
        <div class="actions below">
          <PrintButton label="Print the sheets" />
          <a class="button quiet" href={site.path(`/admin/organisation/${account.id}`)}>
            I have them: back to the mailbox
          </a>
        </div>
      </div>
      {created.map((device) => <Sheet key={device.appPassword.id} device={device} data={data} />)}
    </>
  );
}

function Sheet({ device, data }: { device: CreatedAppPassword; data: SheetsData }) {
  const { appPassword: { id, name, clientAddresses, forcedSender }, password } = device;
  const { account, endpoints } = data;
  const [, ...others] = portsOf(endpoints);
  return (
    <article class="card sheet" aria-labelledby={`sheet-${id}`}>
      <h2 id={`sheet-${id}`}>{name}</h2>
      <p>Settings for outgoing mail (SMTP)</p>
      <div class="sheet-columns">
        <dl class="settings">
          {settingsOf(data).map(({ label, value, copied }) => (
            <Row key={label} label={label}>
              {copied ? <code>{value}</code> : value}
            </Row>
          ))}
          <Row label="Password">
            <code class="sheet-password">{password}</code>
          </Row>
          <Row label="Sender">
            <code>{account.email}</code>
          </Row>
        </dl>
        <figure>
          <QrImage
            text={settingsText(data, password)}
            label={`QR code of the settings of ${name}`}
          />
          <figcaption class="fine-print">Scan it with a phone to copy these settings</figcaption>
        </figure>
      </div>
      <ul class="fine-print">
        {others.length > 0 && (
          <li>
            If that port does not work:{" "}
            {others.map((other) => `${other.port} (${encryptionText(other)})`).join(", ")}.
          </li>
        )}
        {forcedSender && (
          <li>
            Whatever sender the device sets, its messages come from {account.email}.
          </li>
        )}
        {clientAddresses && (
          <li>
            From {clientAddresses.replaceAll(" ", ", ")} it may send without user name and password.
          </li>
        )}
        <li>The password belongs to this device alone. Keep the sheet as you keep a key.</li>
      </ul>
    </article>
  );
}
