import { type Context, page } from "fresh";
import {
  isAdmin,
  NotAllowedError,
  type Redirect,
  SignInError,
  type SignInFailure,
  type SignInResult,
} from "../lib/sign_in/mod.ts";
import { homeAddress } from "../lib/http/mod.ts";
import { define, safePath, setCookies, type State } from "../lib/web/mod.ts";
import { ExplanationView } from "./(_components)/explanation.tsx";
import { ConsentLink } from "./(_components)/consent_link.tsx";
import { NextSignIn, SignInButton } from "./(_components)/sign_in_button.tsx";

const STATUS: Readonly<Record<SignInFailure, number>> = {
  "invalid-request": 400,
  "cancelled": 200,
  "consent-granted": 200,
  "not-allowed": 403,
  "interaction-required": 400,
  "wrong-origin": 400,
  "refused": 403,
  "temporary": 503,
  "registration": 503,
};

/** Parameters of an authorization response (RFC 6749 section 4.1.2), and of Microsoft's admin consent page. */
const RESPONSE_PARAMETERS = ["code", "error", "state", "admin_consent"];

/**
 * The redirect URI that is registered with Microsoft. A visit without an authorization response starts the sign-in: it
 * changes nothing here, and a form would not do, since browsers hold the redirects that follow it to `form-action`.
 */
export const handler = define.handlers({
  async GET(ctx) {
    const { searchParams } = ctx.url;
    const isResponse = RESPONSE_PARAMETERS.some((name) => searchParams.has(name));
    const home = homeAddress(ctx.url, ctx.state.site.url("/auth"), isFixed(ctx.state));
    if (!isResponse && home) return ctx.redirect(home.href);
    try {
      return isResponse ? await complete(ctx) : await begin(
        ctx,
        ctx.state.site.path(safePath(searchParams.get("next"), "/account")),
        searchParams.has("silent") ? "none" : undefined,
        searchParams.get("invitation") ?? undefined,
      );
    } catch (error) {
      if (error instanceof SignInError) return failed(ctx, error);
      throw error;
    }
  },
});

function isFixed({ services }: State): boolean {
  return services.site.publicUrl !== undefined;
}

/** @param prompt `none`: without a question, for whose session at Microsoft still lives (OpenID Connect section 3.1.2.1). */
async function begin(
  ctx: Context<State>,
  returnTo: string,
  prompt?: "none",
  invitation?: string,
): Promise<Response> {
  const { services, site, user } = ctx.state;
  const redirect = await services.signIn.begin({
    redirectUri: site.url("/auth").href,
    returnTo,
    loginHint: user?.account.signInName,
    registrationId: user?.account.clientId,
    cookies: ctx.req.headers.get("cookie"),
    ...{ prompt, invitation },
  });
  return follow(ctx, redirect);
}

async function complete(ctx: Context<State>): Promise<Response> {
  const { services, site, client } = ctx.state;
  const callback = site.url("/auth");
  callback.search = ctx.url.search;
  try {
    const cookie = ctx.req.headers.get("cookie");
    const result = await services.signIn.complete(callback, cookie, client);
    await recordSignIn(ctx.state, result);
    return follow(ctx, result);
  } catch (error) {
    await recordRefusal(ctx.state, error);
    const silentFailed = error instanceof SignInError && error.failure === "interaction-required";
    if (!silentFailed) throw error;
    // Microsoft has no session to go on with: the person has to do something after all.
    return await begin(ctx, error.returnTo);
  }
}

/** Tells the audit trail who has signed in, and of an administrator who is none, since the address is not proven. */
async function recordSignIn(
  { services: { store, audit, adminEmails } }: State,
  { accountId, created, invitation }: SignInResult,
): Promise<void> {
  const account = await store.accounts.get(accountId);
  if (!account) return;
  const { email } = account;
  if (created) await audit.record(email, "added an account", email);
  await audit.record(email, "signed in", email);
  if (invitation !== undefined) {
    await audit.record(email, "came by an invitation", `“${invitation}”`);
  }
  if (!adminEmails.includes(email.toLowerCase()) || isAdmin(account, adminEmails)) return;
  await audit.record(email, "was not accepted as an administrator", email);
}

/** Tells the audit trail of somebody whom the account filters have refused. */
async function recordRefusal({ services: { audit } }: State, error: unknown): Promise<void> {
  const cause = error instanceof SignInError ? error.cause : undefined;
  if (!(cause instanceof NotAllowedError)) return;
  await audit.record(cause.email, "was refused at the sign-in", cause.email);
}

function follow(ctx: Context<State>, redirect: Redirect): Response {
  const response = ctx.redirect(redirect.location);
  setCookies(response.headers, redirect.setCookies);
  return response;
}

function failed(ctx: Context<State>, error: SignInError) {
  const headers = setCookies(new Headers(), error.setCookies);
  const { explanation, failure, returnTo, consentUrl } = error;
  ctx.state.title = explanation.title;
  const wanted = ctx.state.site.localPath(returnTo);
  const next = wanted === "/" ? "/account" : wanted;
  return page({ explanation, next, failure, consentUrl }, { status: STATUS[failure], headers });
}

/** Why the sign-in did not work, and a way to start again where that helps. */
export default define.page<typeof handler>(({ data, state: { site } }) => {
  const { explanation, next, failure, consentUrl } = data;
  const href = site.path(`/auth?next=${encodeURIComponent(next)}`);
  return (
    <>
      <h1>{explanation.title}</h1>
      <section class="card">
        <ExplanationView explanation={explanation} />
        {consentUrl && <ConsentLink url={consentUrl} />}
        {failure === "not-allowed"
          ? <SignInButton href={href} />
          : <NextSignIn fixer={explanation.fixer} href={href} />}
      </section>
      <p>
        <a href={site.path("/")}>To the start page</a>
      </p>
    </>
  );
});
