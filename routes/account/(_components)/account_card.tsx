import type { AccountRecord } from "../../../lib/store/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";
import type { FormProblem } from "./account_data.ts";
import { ConfirmedForm } from "../../(_components)/confirmed_form.tsx";
import { FormError } from "./form_error.tsx";

interface AccountCardProps {
  readonly account: AccountRecord;
  readonly site: Site;
  readonly problem?: FormProblem;
}

/** The short user name, and the ways out. */
export function AccountCard({ account, site, problem }: AccountCardProps) {
  return (
    <section class="card" aria-labelledby="account">
      <h2 id="account">This account</h2>
      <ShortName action={site.path("/account/short-name")} account={account} problem={problem} />
      <h3>Leave</h3>
      <div class="actions">
        <form method="post" action={site.path("/account/sign-out-everywhere")}>
          <button type="submit" class="quiet small">Sign out of all browsers</button>
        </form>
        <ConfirmedForm
          action={site.path("/account/delete")}
          label="Delete account"
          confirm="Delete my account here"
        >
          Removes your app passwords, your activity and everything else that is kept about you here.
          Devices that send through this server stop. Your mailbox at Microsoft is not touched.
        </ConfirmedForm>
      </div>
      <p class="fine-print after-actions">
        Signing out does not stop your devices: they go on sending.
      </p>
    </section>
  );
}

interface ShortNameProps {
  readonly action: string;
  readonly account: AccountRecord;
  readonly problem?: FormProblem;
}

function ShortName({ action, account, problem }: ShortNameProps) {
  const entered = problem?.form === "short-name" ? problem.entered.get("short-name") : null;
  return (
    <form method="post" action={action}>
      <FormError problem={problem} form="short-name" />
      <div class="row">
        <label>
          Short SMTP user name (optional)
          <input
            name="short-name"
            value={entered ?? account.shortName ?? ""}
            maxLength={32}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            aria-describedby="short-name-help"
          />
        </label>
        <button type="submit" class="quiet">Save</button>
      </div>
      <p class="fine-print" id="short-name-help">
        For devices that have no room for your whole address as the user name. Your address keeps
        working.
      </p>
    </form>
  );
}
