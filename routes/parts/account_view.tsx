import type { AppPassword } from "../../lib/store/store.ts";
import type { Endpoint } from "../../lib/web/smtp_settings.ts";
import type { Site } from "../../lib/web/site.ts";
import type { AccountData, NewPassword } from "./account_data.ts";
import { Copyable } from "./copyable.tsx";
import { Time } from "./time.tsx";

interface AccountViewProps {
  readonly data: AccountData;
  readonly site: Site;
}

/** The account page. */
export function AccountView({ data, site }: AccountViewProps) {
  return (
    <>
      <h1>Your account</h1>
      {data.account.state === "sign-in-required" && <SignInAgain data={data} site={site} />}
      {data.created && <Created created={data.created} />}
      <Settings data={data} />
      <Passwords data={data} site={site} />
      <DeleteAccount site={site} />
    </>
  );
}

function SignInAgain({ data, site }: AccountViewProps) {
  return (
    <section class="notice warning" aria-labelledby="sign-in-again">
      <h2 id="sign-in-again">Please sign in with Microsoft again</h2>
      <p>
        Microsoft no longer accepts the sign-in from <Time ms={data.account.signedInAtMs} />
        {data.account.stateReason && (
          <>
            (<code>{data.account.stateReason}</code>)
          </>
        )}. Until then no mail is sent. Your app passwords stay as they are.
      </p>
      <p>
        <a class="button" href={site.path("/auth")}>Sign in again</a>
      </p>
    </section>
  );
}

function Created({ created }: { created: NewPassword }) {
  return (
    <section class="notice success" aria-labelledby="new-password" role="status">
      <h2 id="new-password">App password for “{created.name}”</h2>
      <p>
        <Copyable id="app-password">{created.password}</Copyable>
      </p>
      <p>Enter it in your device or program now. It is not shown again.</p>
      {created.swaks && (
        <details open>
          <summary>Try it in a terminal</summary>
          <p>This sends a test mail to yourself with swaks:</p>
          <Copyable id="swaks-command">{created.swaks}</Copyable>
        </details>
      )}
    </section>
  );
}

function Settings({ data }: { data: AccountData }) {
  return (
    <section aria-labelledby="settings">
      <h2 id="settings">Settings for outgoing mail (SMTP)</h2>
      <dl class="settings">
        <dt>Server</dt>
        <dd>
          <Copyable id="smtp-host">{data.host}</Copyable>
        </dd>
        {[...Map.groupBy(data.endpoints, ({ port }) => port)].map(([port, endpoints]) => (
          <Port key={port} port={port} endpoints={endpoints} />
        ))}
        <dt>User name</dt>
        <dd>
          <Copyable id="smtp-username">{data.account.email}</Copyable>
        </dd>
        <dt>Password</dt>
        <dd>an app password, made below</dd>
      </dl>
    </section>
  );
}

const ENCRYPTION_TEXT: Readonly<Record<Endpoint["encryption"], string>> = {
  STARTTLS: "STARTTLS",
  TLS: "SSL/TLS",
  none: "without encryption: trusted networks only",
};

interface PortProps {
  readonly port: number;
  /** More than one where the port serves several kinds of encryption. */
  readonly endpoints: readonly Endpoint[];
}

function Port({ port, endpoints }: PortProps) {
  return (
    <>
      <dt>Port</dt>
      <dd>
        <Copyable id={`smtp-port-${port}`}>{port}</Copyable>{" "}
        {endpoints.map(({ encryption }) => ENCRYPTION_TEXT[encryption]).join(" or ")}
      </dd>
    </>
  );
}

function Passwords({ data: { passwords, problem }, site }: AccountViewProps) {
  return (
    <section aria-labelledby="passwords">
      <h2 id="passwords">App passwords</h2>
      <p>One for each device or program, so that you can revoke them one by one.</p>
      {passwords.length > 0 && (
        <ul class="cards">
          {passwords.map((password) => (
            <PasswordCard key={password.id} password={password} site={site} />
          ))}
        </ul>
      )}
      {problem && <p class="notice warning" role="alert">{problem}</p>}
      <form class="row" method="post" action={site.path("/account/passwords")}>
        <label>
          Name
          <input
            name="name"
            required
            placeholder="Gmail, printer, …"
            autocomplete="off"
          />
        </label>
        <button type="submit">Make an app password</button>
      </form>
    </section>
  );
}

function PasswordCard({ password, site }: { password: AppPassword; site: Site }) {
  const { id, name, createdAtMs, lastUsedAtMs, lastUsedAddress } = password;
  return (
    <li>
      <div>
        <strong>{name}</strong>
        <p class="fine-print">
          Made <Time ms={createdAtMs} />. {lastUsedAtMs === undefined ? "Not used yet." : (
            <>
              Last used <Time ms={lastUsedAtMs} /> from {lastUsedAddress}.
            </>
          )}
        </p>
      </div>
      <form method="post" action={site.path(`/account/passwords/${id}/revoke`)}>
        <button type="submit" class="danger" aria-label={`Revoke ${name}`}>Revoke</button>
      </form>
    </li>
  );
}

function DeleteAccount({ site }: { site: Site }) {
  return (
    <section aria-labelledby="delete">
      <h2 id="delete">Delete account</h2>
      <p>
        Removes your account, your app passwords and everything else that is kept about you here.
        Your mailbox at Microsoft is not touched.
      </p>
      <form class="row" method="post" action={site.path("/account/delete")}>
        <label class="check">
          <input type="checkbox" name="confirm" value="yes" required />
          Yes, delete my account here
        </label>
        <button type="submit" class="danger">Delete account</button>
      </form>
    </section>
  );
}
