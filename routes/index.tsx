import { page } from "fresh";
import {
  circleCheck,
  Icon,
  type IconShapes,
  keyRound,
  lock,
  printer,
  triangleAlert,
} from "../lib/icons/mod.ts";
import type { AlertKind } from "../lib/alerts/mod.ts";
import { endpointsOf, GUIDE_GROUPS } from "../lib/guides/mod.ts";
import { define, safePath, type State } from "../lib/web/mod.ts";
import { GuideLinks } from "./guides/(_components)/contents.tsx";
import { portsText } from "./account/(_components)/smtp_settings.tsx";
import { Enter } from "./(_components)/sign_in_button.tsx";

/** Alerts that stop mail for everybody. */
const SERVICE_ALERTS: readonly AlertKind[] = [
  ...["registration-refused", "identity-service-unreachable", "upstream-certificate"] as const,
  ...["store-failing"] as const,
];

export const handler = define.handlers({
  GET(ctx) {
    const { searchParams } = ctx.url;
    const { user, isExpired, services } = ctx.state;
    const next = safePath(searchParams.get("next"), "/account");
    const alerts = services.alerts.current().filter(({ kind }) => SERVICE_ALERTS.includes(kind));
    return page({
      isSentHere: searchParams.has("next") && !user,
      isExpired: isExpired && !user,
      // Who was signed in a moment ago may be so at Microsoft still, and need not choose an account again.
      signIn: `/auth?${isExpired ? "silent&" : ""}next=${encodeURIComponent(next)}`,
      hasTrouble: alerts.length > 0,
    });
  },
});

/** The start page: the purpose of the site, and the way in. */
export default define.page<typeof handler>(({ data, state }) => {
  const { site } = state;
  return (
    <>
      {data.isExpired && <Expired />}
      {data.isSentHere && !data.isExpired && (
        <p class="notice" role="status">Please sign in to see that page.</p>
      )}
      <section class="hero">
        <h1>Send mail from anything, through your Microsoft account</h1>
        <p class="lead">
          Outlook.com and Microsoft 365 no longer accept a user name and a password for sending
          mail. Printers, scanners, servers, Gmail and many mail programs know nothing else. This
          server stands in between.
        </p>
        <Enter state={state} signIn={data.signIn} />
        <Status state={state} hasTrouble={data.hasTrouble} />
      </section>
      <section aria-labelledby="how">
        <h2 id="how">How it works</h2>
        <ol class="tiles steps">
          <Step icon={lock} title="Sign in once">
            With your Microsoft account, on Microsoft's own page. This server never sees your
            Microsoft password.
          </Step>
          <Step icon={keyRound} title="Create an app password">
            One for each device or program. You can revoke each of them at any time.
          </Step>
          <Step icon={printer} title="Enter it in your device">
            As the password for outgoing mail (SMTP). Messages go straight to Microsoft; none is
            stored here.
          </Step>
        </ol>
      </section>
      <section aria-labelledby="works-with">
        <h2 id="works-with">Works with</h2>
        <GuideLinks
          class="chips"
          guides={GUIDE_GROUPS.flatMap(({ guides }) => guides)}
          site={site}
        />
      </section>
    </>
  );
});

function Expired() {
  return (
    <div class="notice warning" role="status">
      <p>
        <strong>Your session has expired.</strong>{" "}
        Please sign in again. Your devices are not affected: they go on sending.
      </p>
    </div>
  );
}

function Status({ state, hasTrouble }: { state: State; hasTrouble: boolean }) {
  const { publicHost } = state.services.smtp;
  const ports = portsText(endpointsOf(state.services.smtp));
  return (
    <p class="status">
      {hasTrouble
        ? (
          <>
            <Icon shapes={triangleAlert} class="bad" />
            There is trouble at the moment: mail may be delayed. The operator has been told.
          </>
        )
        : (
          <>
            <Icon shapes={circleCheck} class="good" />
            The mail server <code>{publicHost}</code> is up on port {ports}.
          </>
        )}
    </p>
  );
}

interface StepProps {
  readonly icon: IconShapes;
  readonly title: string;
  readonly children: string | string[];
}

function Step({ icon, title, children }: StepProps) {
  return (
    <li>
      <Icon shapes={icon} />
      <strong>{title}</strong>
      <span>{children}</span>
    </li>
  );
}
