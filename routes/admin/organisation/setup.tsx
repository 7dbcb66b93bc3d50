import { page } from "fresh";
import { exchangeLines } from "../../../lib/setup/mod.ts";
import { define } from "../../../lib/web/mod.ts";
import { CopyableBlock } from "../../(_components)/copyable.tsx";

/** Mailboxes of which the lines are shown at once. */
const MAX_MAILBOXES = 500;
/** Stands where no app registration is known yet. */
const UNKNOWN_ID = "APPLICATION-ID";
const EXAMPLE = "scans@contoso.example";

export const handler = define.handlers({
  async GET({ state }) {
    state.title = "Rights at Microsoft";
    const { store, mailboxes } = state.services;
    const [registration] = mailboxes.registrations();
    const clientId = registration?.clientId ?? UNKNOWN_ID;
    const accounts = await store.accounts.list({ appOnly: true, limit: MAX_MAILBOXES });
    const addresses = accounts.map(({ email }) => email);
    const lines = exchangeLines(
      { clientId },
      addresses.length > 0 ? addresses : [EXAMPLE],
    );
    return page({ lines, hasRegistration: registration !== undefined });
  },
});

/** The lines that an administrator pastes to give the app registration its rights. */
export default define.page<typeof handler>(({ data: { lines, hasRegistration }, state }) => (
  <>
    <p class="back">
      <a href={state.site.path("/admin/organisation")}>Organisation</a>
    </p>
    <h1>Rights at Microsoft</h1>
    {!hasRegistration && (
      <section class="card" aria-labelledby="registration">
        <h2 id="registration">1. The app registration</h2>
        <p>
          Register an application in the Microsoft Entra admin center, for accounts in this
          organisation only; a redirect URI is not needed. Give it the <em>application</em>{" "}
          permission <code>SMTP.SendAsApp</code>{" "}
          of Office 365 Exchange Online, grant admin consent, and add a certificate or a client
          secret.
        </p>
        <p>
          Then name it in the settings of this server, as{" "}
          <code>APP_SECRETS=application-id@tenant-id:secret</code>, and restart it.
        </p>
      </section>
    )}
    <section class="card" aria-labelledby="rights">
      <h2 id="rights">{hasRegistration ? "" : "2. "}The right to send for mailboxes</h2>
      <p>
        Paste these lines into Exchange Online PowerShell. They make the application known there,
        let it send for each mailbox, and switch SMTP AUTH on for it. Rights may take up to an hour
        to spread.
      </p>
      <CopyableBlock id="exchange-lines" label="commands">{lines.join("\n")}</CopyableBlock>
    </section>
  </>
));
