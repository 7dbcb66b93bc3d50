import LocalTime from "../../../islands/local_time.tsx";
import { circleCheck, Icon, refreshCw, triangleAlert } from "../../../lib/icons/mod.ts";
import type { Explanation } from "../../../lib/explain/mod.ts";
import type { AccountRecord } from "../../../lib/store/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";
import type { SignInState } from "./account_data.ts";
import { ConsentLink } from "../../(_components)/consent_link.tsx";
import { ExplanationView } from "../../(_components)/explanation.tsx";
import { Row } from "../../(_components)/row.tsx";
import { NextSignIn } from "../../(_components)/sign_in_button.tsx";

interface SignInCardProps {
  readonly account: AccountRecord;
  readonly signIn: SignInState;
  readonly site: Site;
}

/** Says whether mail can be sent, and if not, why and what to do. */
export function SignInCard(props: SignInCardProps) {
  const { explanation } = props.signIn;
  return explanation ? <Broken {...props} explanation={explanation} /> : <Working {...props} />;
}

interface BrokenProps extends SignInCardProps {
  readonly explanation: Explanation;
}

function Broken({ account, signIn: { state, consentUrl }, explanation, site }: BrokenProps) {
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
        {isRefused && " As soon as Microsoft lets the account in again, this ends by itself."}
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

function Working({ account, signIn, site }: SignInCardProps) {
  const { state, expiresAtMs, accessTokenExpiresAtMs, alerts } = signIn;
  return (
    <section class="card" aria-labelledby="sign-in">
      <h2 id="sign-in">
        <Icon shapes={circleCheck} class="good" />
        Signed in with Microsoft
      </h2>
      {state === "delayed" && (
        <p class="notice">
          The last renewal did not work. It is tried again by itself; mail goes on as long as the
          current access lasts.
        </p>
      )}
      {alerts.map(({ kind, text, remedy }) => (
        <p key={kind} class="notice warning">{text} {remedy}</p>
      ))}
      <dl class="settings compact">
        <Row label="Signed in">
          <LocalTime ms={account.signedInAtMs} />
        </Row>
        <Row label="Last renewed">
          <LocalTime ms={account.refreshedAtMs} />
        </Row>
        {accessTokenExpiresAtMs !== undefined && (
          <Row label="Present access ends">
            <LocalTime ms={accessTokenExpiresAtMs} />
          </Row>
        )}
        <Row label="Without renewal, sign-in ends">
          <LocalTime ms={expiresAtMs} />
        </Row>
      </dl>
      <p>This server renews all of it by itself, ahead of time.</p>
      <p class="actions">
        <a class="button quiet" href={site.path("/auth")}>
          <Icon shapes={refreshCw} />
          Sign in again
        </a>
      </p>
    </section>
  );
}
