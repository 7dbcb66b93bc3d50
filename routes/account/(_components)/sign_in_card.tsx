import LocalTime from "../../../islands/local_time.tsx";
import { circleCheck, Icon, refreshCw, triangleAlert } from "../../../lib/components/mod.ts";
import type { Explanation } from "../../../lib/explain/mod.ts";
import type { AccountRecord } from "../../../lib/store/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";
import type { SignInState } from "./account_data.ts";
import { ConsentLink } from "../../(_components)/consent_link.tsx";
import { ExplanationView, whoCanRepair } from "../../(_components)/explanation.tsx";
import { Row } from "../../(_components)/row.tsx";
import { NextSignIn } from "../../(_components)/sign_in_button.tsx";

interface SignInProps {
  readonly account: AccountRecord;
  readonly signIn: SignInState;
  readonly site: Site;
}

/** Says that no mail can be sent, why, and the one thing to do. Nothing while all is well. */
export function SignInBanner({ account, signIn, site }: SignInProps) {
  const { state, consentUrl, explanation } = signIn;
  if (!explanation) return null;
  const isRefused = state === "refused";
  const helps = explanation.fixer === "user" && !isRefused;
  return (
    <section class="card notice warning" aria-labelledby="sign-in">
      <h2 id="sign-in">
        <Icon shapes={triangleAlert} />
        {isRefused
          ? "Refused by Microsoft"
          : helps
          ? "Please sign in with Microsoft again"
          : "Signed out by Microsoft"}
      </h2>
      <p>
        No mail has been sent since{" "}
        <LocalTime ms={account.stateSinceMs} />. Your app passwords stay as they are.
        {isRefused && " As soon as Microsoft accepts the account again, sending resumes by itself."}
      </p>
      <h3>{explanation.title}</h3>
      <ExplanationView explanation={explanation} />
      {consentUrl && <ConsentLink url={consentUrl} />}
      {isRefused && explanation.fixer !== "user"
        ? null
        : <NextSignIn fixer={explanation.fixer} href={site.path("/auth")} />}
    </section>
  );
}

/** Says until when the sign-in is good. */
export function SignInCard({ account, signIn, site }: SignInProps) {
  const { delay, expiresAtMs } = signIn;
  const alerts = delay ? [] : signIn.alerts;
  return (
    <section class="card" aria-labelledby="sign-in">
      <h2 id="sign-in">
        <Icon shapes={circleCheck} class="good" />
        Signed in with Microsoft
      </h2>
      {delay && <Delay explanation={delay} signIn={signIn} />}
      {alerts.map(({ kind, text, fixer, remedy }) => (
        <p key={kind} class="notice warning">
          {text} <strong>{whoCanRepair(fixer)}:</strong> {remedy}
        </p>
      ))}
      {!delay && (
        <p>
          Your sign-in is valid until{" "}
          <LocalTime ms={expiresAtMs} part="date" />, and this server renews it by itself long
          before. You need not do anything.
        </p>
      )}
      <details>
        <summary>Details</summary>
        <SignInDates account={account} signIn={signIn} />
        <p class="actions">
          <a class="button quiet small" href={site.path("/auth")}>
            <Icon shapes={refreshCw} />
            Sign in again
          </a>
        </p>
      </details>
    </section>
  );
}

/** Says why the last renewal did not work, and whether mail goes on. */
function Delay(
  { explanation, signIn }: Pick<SignInProps, "signIn"> & { explanation: Explanation },
) {
  const { accessTokenExpiresAtMs = 0 } = signIn;
  return (
    <div class="notice warning">
      <p>
        The last renewal of your access did not work. It is retried automatically.{" "}
        {accessTokenExpiresAtMs > signIn.atMs
          ? "Mail can be sent until the current access ends."
          : "Until it works, no mail can be sent."}
      </p>
      <h3>{explanation.title}</h3>
      <ExplanationView explanation={explanation} />
    </div>
  );
}

function SignInDates({ account, signIn }: Omit<SignInProps, "site">) {
  const { accessTokenExpiresAtMs } = signIn;
  return (
    <dl class="settings compact">
      <Row label="Signed in">
        <LocalTime ms={account.signedInAtMs} />
      </Row>
      <Row label="Last renewed">
        <LocalTime ms={account.refreshedAtMs} />
      </Row>
      {accessTokenExpiresAtMs !== undefined && (
        <Row label="Current access ends">
          <LocalTime ms={accessTokenExpiresAtMs} />
        </Row>
      )}
    </dl>
  );
}
