import LocalTime from "../../../islands/local_time.tsx";
import { Icon, keyRound } from "../../../lib/icons/mod.ts";
import type { AppPassword } from "../../../lib/store/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";
import type { FormProblem } from "./account_data.ts";
import { ConfirmedForm } from "../../(_components)/confirmed_form.tsx";
import { RestrictionFields, RestrictionsText } from "../../(_components)/restrictions.tsx";
import { FormError } from "./form_error.tsx";

interface AppPasswordsProps {
  readonly passwords: readonly AppPassword[];
  readonly site: Site;
  readonly problem?: FormProblem;
}

/** The app passwords, and a form for a new one. */
export function AppPasswords({ passwords, site, problem }: AppPasswordsProps) {
  return (
    <section class="card" aria-labelledby="passwords">
      <h2 id="passwords">App passwords</h2>
      <p>One for each device or program, so that you can revoke them one by one.</p>
      <CreateForm action={site.path("/account/passwords")} problem={problem} />
      <FormError problem={problem} form="rename" />
      {passwords.length > 0 && (
        <ul class="cards">
          {passwords.map((password) => (
            <PasswordCard key={password.id} password={password} site={site} />
          ))}
        </ul>
      )}
    </section>
  );
}

function CreateForm({ action, problem }: { action: string; problem?: FormProblem }) {
  const entered = problem?.form === "app-password" ? problem.entered : undefined;
  return (
    <form method="post" action={action}>
      <FormError problem={problem} form="app-password" />
      <div class="row">
        <label>
          Name of the device or program
          <input
            name="name"
            required
            maxLength={64}
            placeholder="Printer, Gmail, …"
            value={entered?.get("name") ?? ""}
            autocomplete="off"
          />
        </label>
        <button type="submit">
          <Icon shapes={keyRound} />
          Create an app password
        </button>
      </div>
      <SenderChoice entered={entered} />
      <RestrictionFields entered={entered} />
    </form>
  );
}

const SENDER_CHOICES = [
  ["any", "Any sender: Microsoft checks whether the mailbox may use it"],
  ["only", "Only these senders"],
  ["always", "Always the mailbox, for devices whose sender cannot be set"],
] as const;

/** Without JavaScript the field is there for each choice, and a contradiction is explained. */
function SenderChoice({ entered }: { entered?: URLSearchParams }) {
  const sender = entered?.get("allowed-sender") ?? "";
  const chosen = entered?.get("sender-rule") ?? "any";
  return (
    <details class="more" open={sender !== "" || chosen !== "any"}>
      <summary>Choose the sender</summary>
      <fieldset class="choices">
        <legend>Sender of its messages</legend>
        {SENDER_CHOICES.map(([rule, text]) => (
          <label key={rule} class="choice">
            <input type="radio" name="sender-rule" value={rule} checked={rule === chosen} />
            {text}
          </label>
        ))}
      </fieldset>
      <label>
        Senders it may use, for the second choice
        <input
          name="allowed-sender"
          maxLength={254}
          value={sender}
          placeholder="printer@example.com or *@example.com"
          autocomplete="off"
          aria-describedby="allowed-sender-help"
        />
      </label>
      <p class="fine-print" id="allowed-sender-help">
        Messages with another sender, in the envelope or in the From header, are refused. An
        asterisk stands for any characters. With the third choice, the sender and the From header
        become the mailbox's address; the name stays, and replies go to the original address.
      </p>
    </details>
  );
}

function PasswordCard({ password, site }: { password: AppPassword; site: Site }) {
  const { id, name, createdAtMs, lastUsedAtMs, lastUsedAddress } = password;
  const path = site.path(`/account/passwords/${id}`);
  return (
    <li>
      <div class="password-head">
        <strong id={`name-${id}`}>{name}</strong>
        <p class="fine-print">
          {lastUsedAtMs === undefined ? "Not used yet." : (
            <>
              Last used <LocalTime ms={lastUsedAtMs} /> from {lastUsedAddress}.
            </>
          )} Created <LocalTime ms={createdAtMs} />.
          <SenderText password={password} />
          <RestrictionsText password={password} />
        </p>
      </div>
      <div class="actions">
        <RenameForm action={`${path}/rename`} password={password} />
        <ConfirmedForm
          action={`${path}/revoke`}
          label="Revoke"
          confirm={`Revoke “${name}”`}
          describedBy={`name-${id}`}
        >
          The device or program that uses it can no longer send. This cannot be undone.
        </ConfirmedForm>
      </div>
    </li>
  );
}

function SenderText({ password: { allowedSender, forcedSender } }: { password: AppPassword }) {
  if (forcedSender) return <>{" "}Always sends as the mailbox.</>;
  if (allowedSender === undefined) return null;
  return (
    <>
      {" "}Only for the sender <code>{allowedSender}</code>.
    </>
  );
}

function RenameForm({ action, password: { id, name } }: { action: string; password: AppPassword }) {
  return (
    <details>
      <summary aria-describedby={`name-${id}`}>Rename</summary>
      <form class="row" method="post" action={action}>
        <label>
          New name
          <input name="name" required maxLength={64} value={name} autocomplete="off" />
        </label>
        <button type="submit">Rename</button>
      </form>
    </details>
  );
}
