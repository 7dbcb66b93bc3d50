import { page } from "fresh";
import { CodeBlock } from "../../../islands/copy_button.tsx";
import { PROGRAM } from "../../../lib/base/mod.ts";
import {
  exchangeLines,
  organisationRegistrationScript,
  peopleRegistrationScript,
} from "../../../lib/setup/mod.ts";
import { define } from "../../../lib/web/mod.ts";
import { BackLink } from "../../(_components)/back_link.tsx";

/** Mailboxes of which the lines are shown at once. */
const MAX_MAILBOXES = 500;

export const handler = define.handlers({
  async GET({ state }) {
    state.title = "Set up at Microsoft – Admin";
    state.isWide = true;
    const { services: { store, mailboxes: registered }, site } = state;
    const accounts = await store.accounts.list({ appOnly: true, limit: MAX_MAILBOXES });
    const mailboxes = accounts.map(({ email }) => email);
    const [registration] = registered.registrations();
    const redirectUri = site.url("/auth").href;
    return page({
      organisation: organisationRegistrationScript({ name: PROGRAM, mailboxes }),
      people: peopleRegistrationScript({ name: PROGRAM, redirectUri, tenant: "consumers" }),
      rights: registration && mailboxes.length > 0
        ? exchangeLines({ clientId: registration.clientId }, mailboxes)
        : undefined,
    });
  },
});

/** The lines that an administrator pastes at Microsoft, with the values of this installation. */
export default define.page<typeof handler>(({ data: { organisation, people, rights }, state }) => (
  <>
    <BackLink href={state.site.path("/admin/organisation")}>Organisation</BackLink>
    <h1>Set up at Microsoft</h1>
    {rights && (
      <section class="card" aria-labelledby="rights">
        <h2 id="rights">Rights on your mailboxes</h2>
        <p>
          Paste these lines into Exchange Online PowerShell. They make the application known there,
          give it the right on each mailbox, and switch SMTP AUTH on for it. A right may take an
          hour to spread.
        </p>
        <Lines id="exchange-lines" lines={rights} />
      </section>
    )}
    <details class="card" open={!rights}>
      <summary>App registration of an organisation, for mailboxes that nobody signs in to</summary>
      <p>
        Paste this into Azure Cloud Shell (Bash) as an administrator. It makes the registration with
        its permission and consent, and prints the lines for the settings of this server and for
        Exchange Online PowerShell. No redirect URI is needed.
      </p>
      <Lines id="organisation-script" lines={organisation} />
    </details>
    <details class="card">
      <summary>App registration for people who sign in with personal accounts</summary>
      <p>
        Paste this into Azure Cloud Shell (Bash). Its redirect URI is the address at which you see
        this page: use the one that people use.
      </p>
      <Lines id="people-script" lines={people} />
    </details>
  </>
));

function Lines({ id, lines }: { id: string; lines: readonly string[] }) {
  return <CodeBlock id={id} caption="Commands" text={lines.join("\n")} />;
}
