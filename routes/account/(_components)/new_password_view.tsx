import { CodeBlock, Copyable } from "../../../islands/copy_button.tsx";
import GuideHere from "../../../islands/guide_here.tsx";
import LocalTime from "../../../islands/local_time.tsx";
import PasswordTools from "../../../islands/password_tools.tsx";
import { PASSWORD_PLACEHOLDER } from "../../../lib/guides/mod.ts";
import { circleCheck, download, Icon } from "../../../lib/icons/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";
import { QrImage } from "../../(_components)/qr_image.tsx";
import { GUIDE_CHOICES } from "../../(_components)/shown_guide.ts";
import type { NewPasswordData } from "./new_password.ts";
import { settingsText, SmtpSettings } from "./smtp_settings.tsx";

const PASSWORD_ID = "app-password";
const ALL_ID = "all-settings";

/** A new app password with everything else that has to be entered, where to enter it, and the way out. */
export function NewPasswordView({ data, site }: { data: NewPasswordData; site: Site }) {
  const { appPassword: { id, name }, password } = data;
  const path = site.path(`/account/passwords/${id}`);
  return (
    <>
      <h1>
        <Icon shapes={circleCheck} class="good" />
        App password for “{name}”
      </h1>
      <p>
        Enter it in your device or program now. This page shows it until{" "}
        <LocalTime ms={data.untilMs} part="time" />. Afterwards nobody can; if it gets lost, create
        another one.
      </p>
      <Settings data={data} savedAction={`${path}/saved`} />
      <section class="card" aria-labelledby="where">
        <h2 id="where">Where to enter it</h2>
        <GuideHere
          guides={GUIDE_CHOICES}
          chosen={data.chosen}
          guide={data.guide}
          source={site.path("/guides/steps/")}
          fill={{ placeholder: PASSWORD_PLACEHOLDER, password }}
        />
      </section>
      <MoreWays data={data} path={path} />
    </>
  );
}

function Settings({ data, savedAction }: { data: NewPasswordData; savedAction: string }) {
  return (
    <section class="card notice success" aria-labelledby="settings">
      <h2 id="settings">Settings for outgoing mail (SMTP)</h2>
      <SmtpSettings data={data}>
        <PasswordRow password={data.password} />
      </SmtpSettings>
      <pre
        id={ALL_ID}
        class="visually-hidden"
        aria-hidden="true"
      >{settingsText(data, data.password)}</pre>
      <div class="actions">
        <form method="post" action={savedAction}>
          <button type="submit">I have saved it</button>
        </form>
        <PasswordTools passwordId={PASSWORD_ID} allId={ALL_ID} />
      </div>
    </section>
  );
}

function PasswordRow({ password }: { password: string }) {
  return (
    <div class="new-password">
      <dt>Password</dt>
      <dd>
        <Copyable id={PASSWORD_ID} label="app password" value={password} />
      </dd>
    </div>
  );
}

/** Files that hold the password, by their names below the page's address. */
const FILES = [
  ["mail.mobileconfig", "Profile for Apple Mail"],
  ["config-v1.1.xml", "Configuration for Thunderbird"],
] as const;

function MoreWays({ data, path }: { data: NewPasswordData; path: string }) {
  return (
    <details class="card">
      <summary>Files, QR codes and terminal</summary>
      <h3>Files with the password inside</h3>
      <p>
        Delete them when they have done their work: whoever has one can send with this password.
      </p>
      <div class="actions">
        {FILES.map(([name, label]) => (
          <form key={name} method="post" action={`${path}/${name}`}>
            <button type="submit" class="quiet small">
              <Icon shapes={download} />
              {label}
            </button>
          </form>
        ))}
      </div>
      <p class="fine-print after-actions">
        Thunderbird reads its file from the folder <code>isp</code>{" "}
        of its installation, named after your mail domain. Outlook has no file format that carries a
        password.
      </p>
      <h3>On a phone</h3>
      <div class="codes">
        <figure>
          <QrImage text={data.password} label="QR code of the app password" />
          <figcaption>The password alone, to be copied by the camera app.</figcaption>
        </figure>
        {data.thunderbird && (
          <figure>
            <QrImage text={data.thunderbird} label="QR code for Thunderbird on Android" />
            <figcaption>
              Thunderbird for Android: Add account, Import from Thunderbird (QR code).
            </figcaption>
          </figure>
        )}
      </div>
      {data.swaks && (
        <>
          <h3>In a terminal</h3>
          <p>This sends a test mail to yourself with swaks:</p>
          <CodeBlock id="swaks-command" caption="Command" text={data.swaks} />
        </>
      )}
    </details>
  );
}
