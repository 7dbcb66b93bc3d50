import { circleCheck, Icon } from "../../../lib/icons/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";
import { AuthorityNotice } from "../../(_components)/authority_notice.tsx";
import type { NewPasswordData } from "./account_data.ts";
import { Copyable, CopyableBlock } from "../../(_components)/copyable.tsx";
import { SmtpSettings } from "./smtp_settings.tsx";

/** A new app password, this one time, with everything else that has to be entered. */
export function NewPasswordView({ data, site }: { data: NewPasswordData; site: Site }) {
  return (
    <>
      <h1>
        <Icon shapes={circleCheck} class="good" />
        App password for “{data.name}”
      </h1>
      <section class="card notice success" aria-labelledby="new-password">
        <h2 id="new-password">Password</h2>
        <p class="new-password">
          <Copyable id="app-password" label="app password">{data.password}</Copyable>
        </p>
        <p>
          Enter it in your device or program now:{" "}
          <strong>it is not shown again</strong>. You need not remember it. If it gets lost, revoke
          it and create another one.
        </p>
      </section>
      <section class="card" aria-labelledby="settings">
        <h2 id="settings">The other settings</h2>
        <SmtpSettings data={data} />
        {data.ownAuthority && <AuthorityNotice site={site} />}
      </section>
      <p class="actions">
        <a class="button" href={site.path("/guides")}>Show me where to enter it</a>
        <a class="button quiet" href={site.path("/account")}>I have entered it</a>
      </p>
      {data.swaks && (
        <details class="card">
          <summary>Try it in a terminal</summary>
          <p>This sends a test mail to yourself with swaks:</p>
          <CopyableBlock id="swaks-command" label="command">{data.swaks}</CopyableBlock>
        </details>
      )}
    </>
  );
}
