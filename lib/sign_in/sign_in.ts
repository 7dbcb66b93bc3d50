/**
 * The sign-in with Microsoft in a browser: from the button to a web session.
 *
 * @module
 */
import { errorText } from "../base/mod.ts";
import type { Secrets } from "../crypto/mod.ts";
import type { Explanation, SignInExplanation } from "../explain/mod.ts";
import { safePath } from "../http/mod.ts";
import { getLogger, type LineDigest } from "../log/mod.ts";
import {
  type AdminConsentRequest,
  type AuthorizationRequest,
  type Microsoft,
  MicrosoftError,
  type MicrosoftFailure,
  readAdminConsent,
} from "../microsoft/mod.ts";
import { StoreError, type WebSession } from "../store/mod.ts";
import type { Tokens } from "../tokens/mod.ts";
import { CallbackLimit, type CallbackSource } from "./callback_limit.ts";
import {
  explainConsentGranted,
  explainRedirectUri,
  explainTooMany,
  explainTransaction,
  explainUnavailable,
} from "./problems.ts";
import type { Sessions } from "./session_cookie.ts";
import { NotAllowedError, signUp, type SignUpOptions } from "./sign_up.ts";
import { isSecure, type Transaction, Transactions, type UsedSignIns } from "./transaction.ts";

/** A request to sign in, from a page. */
export interface BeginSignIn {
  /** Our callback address as the browser sees it; registered with Microsoft. */
  readonly redirectUri: string;
  /** Path on this site to go to afterwards; anything else becomes `/`. */
  readonly returnTo?: string;
  /** E-mail address of the account that is to be renewed. */
  readonly loginHint?: string;
  /** The app registration of that account, if it is still configured. Default: the one for new accounts. */
  readonly registrationId?: string;
  /**
   * `none`: silently, for someone with a session at Microsoft. Default: `select_account`; with a login hint, what Microsoft
   * finds necessary.
   */
  readonly prompt?: AuthorizationRequest["prompt"];
  /** The token of the invitation by which the person has come. */
  readonly invitation?: string;
  /** The request's `Cookie` header: sign-ins in other tabs go on. */
  readonly cookies?: string | null;
}

/** The browser's next address. */
export interface Redirect {
  readonly location: string;
  /** Values of `Set-Cookie` headers. */
  readonly setCookies: readonly string[];
}

/** A sign-in that worked. */
export interface SignInResult extends Redirect {
  readonly accountId: string;
  readonly session: WebSession;
  /** Whether the account is new. */
  readonly created: boolean;
  /** The name of the invitation by which the person has come. */
  readonly invitation?: string;
}

/** The kind of a failed sign-in; it decides the page's status and offer. */
export type SignInFailure =
  /** Unknown, old, used or foreign `state`, or an answer that is not genuine: 400, offer to start again. */
  | "invalid-request"
  /** The person pressed cancel: no error, offer to start again. */
  | "cancelled"
  /** No sign-in: an administrator has consented for the organisation. No error, offer to sign in. */
  | "consent-granted"
  /** The sign-up policy does not allow this account: 403. */
  | "not-allowed"
  /** `prompt=none` needs the person after all: repeat without it. */
  | "interaction-required"
  /** Microsoft does not send browsers back to this address, which has no HTTPS: 400. */
  | "wrong-origin"
  /** Microsoft refused; the explanation tells. */
  | "refused"
  /** Heals by itself: 503. */
  | "temporary"
  /** The operator's to repair: 503. */
  | "registration";

/** A sign-in that did not work. */
export class SignInError extends Error {
  override readonly name = "SignInError";
  /** The address at which an administrator consents for the organisation, where that helps: to be copied. */
  readonly consentUrl?: string;

  /**
   * @param setCookies Values of `Set-Cookie` headers for the error page.
   * @param returnTo The goal of the sign-in, so that it can start again.
   */
  constructor(
    readonly failure: SignInFailure,
    readonly explanation: Explanation,
    readonly setCookies: readonly string[] = [],
    readonly returnTo = "/",
    options: ErrorOptions & { consentUrl?: string } = {},
  ) {
    super(explanation.title, options);
    this.consentUrl = options.consentUrl;
  }
}

/** Dependencies of {@linkcode SignIn}. */
export interface SignInOptions extends SignUpOptions {
  readonly microsoft: Pick<
    Microsoft,
    "authorizationUrl" | "adminConsentUrl" | "complete" | "hasRegistration" | "defaultClientId"
  >;
  readonly tokens: Pick<Tokens, "adopt">;
  readonly sessions: Sessions;
  readonly secrets: Secrets;
  /** `SESSION_COOKIE`. */
  readonly cookieName: string;
  /** Absent: this process is the only one. */
  readonly usedSignIns?: UsedSignIns;
  /** Takes the lines about sign-ins that fail: anybody can cause them. */
  readonly digest: Pick<LineDigest, "write">;
}

type Problem = Explanation & Pick<SignInExplanation, "adminConsent">;

/** The page's view of Microsoft's failures. */
const FAILURES: Readonly<Record<MicrosoftFailure, SignInFailure>> = {
  "temporary": "temporary",
  "sign-in-required": "refused",
  "registration": "registration",
  "cancelled": "cancelled",
  "refused": "refused",
  "untrusted": "invalid-request",
};

const log = getLogger("sign-in");

/** Sends browsers to Microsoft and receives them when they come back. */
export class SignIn {
  readonly #options: SignInOptions;
  readonly #transactions: Transactions;
  readonly #callbacks: CallbackLimit;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#transactions = new Transactions(
      options.cookieName,
      options.secrets,
      options.clock,
      options.usedSignIns,
    );
    this.#callbacks = new CallbackLimit(options.clock);
  }

  /**
   * Starts a sign-in.
   *
   * @throws {SignInError} `temporary`, `registration` or `wrong-origin`.
   */
  async begin(request: BeginSignIn): Promise<Redirect> {
    const { redirectUri, loginHint, registrationId = "", cookies = null } = request;
    const { microsoft } = this.#options;
    const returnTo = safePath(request.returnTo, "/");
    const problem = explainRedirectUri(redirectUri);
    if (problem) throw new SignInError("wrong-origin", problem, [], returnTo);
    const known = microsoft.hasRegistration(registrationId);
    const { transaction, setCookie } = this.#transactions.begin({
      clientId: known ? registrationId : microsoft.defaultClientId,
      prompt: request.prompt ?? (loginHint ? undefined : "select_account"),
      redirectUri,
      returnTo,
      loginHint,
      invitation: request.invitation,
    }, cookies);
    const url = await microsoft.authorizationUrl(transaction)
      .catch((error) => this.#fail(error, { transaction, cookies }));
    return { location: url.href, setCookies: [setCookie] };
  }

  /**
   * Ends a sign-in: checks the answer, makes or renews the account, and starts a new web session.
   *
   * @param callback The address that Microsoft sent the browser to, as the browser sees it.
   * @param cookieHeader The request's `Cookie` header.
   * @param client The IP address of the browser: refused sign-ins are bounded by network.
   * @throws {SignInError}
   */
  async complete(
    callback: URL,
    cookieHeader: string | null,
    client = "",
  ): Promise<SignInResult> {
    checkAdminConsent(callback);
    const transaction = this.#transactions.find(callback, cookieHeader);
    if (typeof transaction === "string") {
      throw new SignInError("invalid-request", explainTransaction(transaction, callback));
    }
    const { microsoft, tokens, sessions } = this.#options;
    const source = { address: client, browser: sessions.browserOf(cookieHeader) };
    try {
      // Only a code makes us call Microsoft; anybody can repeat an error at no cost.
      if (callback.searchParams.has("code")) await this.#admit(callback, transaction, source);
      const signedIn = await microsoft.complete(callback, transaction);
      this.#callbacks.succeeded(source);
      const { account, created, invitation } = await signUp(
        signedIn,
        this.#options,
        transaction.invitation,
      );
      await tokens.adopt(account);
      this.#callbacks.prove(source);
      const started = await this.#newSession(account.id, transaction, cookieHeader);
      return {
        accountId: account.id,
        session: started.session,
        ...{ created, invitation },
        location: transaction.returnTo,
        setCookies: [started.setCookie, this.#transactions.clear(transaction, cookieHeader)],
      };
    } catch (error) {
      return this.#fail(error, { transaction, cookies: cookieHeader, callback, client });
    }
  }

  /** Lets a code through to Microsoft: once for each sign-in, and not too many that fail. */
  async #admit(callback: URL, transaction: Transaction, source: CallbackSource): Promise<void> {
    if (!this.#callbacks.enter(source)) {
      throw new SignInError("temporary", explainTooMany(), [], transaction.returnTo);
    }
    if (await this.#transactions.use(transaction)) return;
    throw new SignInError("invalid-request", explainTransaction("used", callback));
  }

  /** Returns the address at which an administrator consents, if that helps against this error. */
  consentUrl(
    { adminConsent }: Pick<SignInExplanation, "adminConsent">,
    request: AdminConsentRequest,
  ): string | undefined {
    return adminConsent && this.#options.microsoft.adminConsentUrl(request)?.href;
  }

  /** A browser that was signed in already gets a new session, and the former one ends. */
  async #newSession(accountId: string, transaction: Transaction, cookieHeader: string | null) {
    const { sessions } = this.#options;
    const secure = isSecure(transaction);
    const former = await sessions.read(cookieHeader);
    if (former) await sessions.end(former, secure);
    return await sessions.create(accountId, secure);
  }

  #fail(error: unknown, attempt: Attempt): never {
    if (error instanceof SignInError) throw error;
    const { transaction, cookies } = attempt;
    const { returnTo, prompt } = transaction;
    const [failure, explanation] = describe(error, prompt === "none");
    this.#report(failure, error, attempt);
    const clear = this.#transactions.clear(transaction, cookies);
    const options = { cause: error, consentUrl: this.consentUrl(explanation, transaction) };
    throw new SignInError(failure, explanation, [clear], returnTo, options);
  }

  /** Anybody can make up an error in a callback's address; what Microsoft says about a code is true. */
  #report(failure: SignInFailure, error: unknown, { callback, client = "" }: Attempt): void {
    const properties = { failure, error: errorText(error), client: client || undefined };
    if (failure === "registration" && !callback?.searchParams.has("error")) {
      return log.error("sign-in failed", properties);
    }
    this.#options.digest.write({
      level: "info",
      message: "sign-in failed",
      reason: failure,
      address: client,
      properties,
    });
  }
}

/** A sign-in that has failed. */
interface Attempt {
  readonly transaction: Transaction;
  readonly cookies: string | null;
  /** Absent: the browser has not been at Microsoft yet. */
  readonly callback?: URL;
  readonly client?: string;
}

/** Ends a return from the admin consent page, which is no sign-in. It changes nothing, so it needs no state. */
function checkAdminConsent(callback: URL): void {
  try {
    if (!readAdminConsent(callback)) return;
  } catch (error) {
    const [failure, explanation] = describe(error, false);
    throw new SignInError(failure, explanation, [], "/", { cause: error });
  }
  throw new SignInError("consent-granted", explainConsentGranted());
}

/** @param silent Whether Microsoft was asked not to ask the person anything. */
function describe(error: unknown, silent: boolean): [SignInFailure, Problem] {
  if (error instanceof NotAllowedError) return ["not-allowed", error.explanation];
  if (error instanceof StoreError) return ["temporary", explainUnavailable()];
  if (!(error instanceof MicrosoftError)) throw error;
  const { failure, explanation } = error;
  const ask = silent && failure === "sign-in-required";
  return [ask ? "interaction-required" : FAILURES[failure], explanation];
}
