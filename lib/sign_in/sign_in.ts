/**
 * Signing in with Microsoft in a browser: from the button to a web session.
 *
 * @module
 */
import { errorText } from "../base/mod.ts";
import type { Explanation } from "../explain/mod.ts";
import { getLogger } from "../log/mod.ts";
import { type Microsoft, MicrosoftError, type MicrosoftFailure } from "../microsoft/mod.ts";
import type { Secrets } from "../crypto/mod.ts";
import type { Session, Sessions } from "./session_cookie.ts";
import { Admission, type AdmissionOptions, NotAllowedError } from "./admission.ts";
import { explainRedirectUri, explainTransaction, explainUnavailable } from "./problems.ts";
import { isSecure, type Transaction, Transactions } from "./transaction.ts";
import { type AccountRecord, StoreError } from "../store/mod.ts";
import type { Tokens } from "../tokens/mod.ts";
import { safePath } from "../http/mod.ts";

/** What the page knows when someone wants to sign in. */
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
   * `none`: silently, for someone whose session at Microsoft still lives. Default: `select_account`, or whatever Microsoft
   * finds necessary where there is a login hint.
   */
  readonly prompt?: "select_account" | "none" | "consent" | "login";
}

/** Where to send the browser. */
export interface Redirect {
  readonly location: string;
  /** Values of `Set-Cookie` headers. */
  readonly setCookies: readonly string[];
}

/** A sign-in that worked. */
export interface SignInResult extends Redirect {
  readonly accountId: string;
  readonly session: Session;
  /** Whether the account is new. */
  readonly created: boolean;
}

/** Why a sign-in did not work; it decides the page's status and offer. */
export type SignInFailure =
  /** Unknown, old, used or foreign `state`, or an answer that is not genuine: 400, offer to start again. */
  | "invalid-request"
  /** The person pressed cancel: no error, offer to start again. */
  | "cancelled"
  /** The filters of the operator do not let this account in: 403. */
  | "not-allowed"
  /** `prompt=none` needs the person after all: repeat without it. */
  | "interaction-required"
  /** Microsoft does not send browsers back to this address (127.0.0.1 versus localhost, http). */
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

  /**
   * @param setCookies Values of `Set-Cookie` headers for the error page.
   * @param returnTo Where the sign-in was headed, so that it can start again.
   */
  constructor(
    readonly failure: SignInFailure,
    readonly explanation: Explanation,
    readonly setCookies: readonly string[] = [],
    readonly returnTo = "/",
    options?: ErrorOptions,
  ) {
    super(explanation.title, options);
  }
}

/** What {@linkcode SignIn} needs. */
export interface SignInOptions extends AdmissionOptions {
  readonly microsoft: Pick<
    Microsoft,
    "authorizationUrl" | "complete" | "hasRegistration" | "defaultClientId"
  >;
  readonly tokens: Pick<Tokens, "adopt">;
  readonly sessions: Sessions;
  readonly secrets: Secrets;
  /** `SESSION_COOKIE`. */
  readonly cookieName: string;
}

/** What a page makes of an error of Microsoft's. */
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
  readonly #admission: Admission;
  readonly #transactions: Transactions;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#admission = new Admission(options);
    this.#transactions = new Transactions(options.cookieName, options.secrets, options.clock);
  }

  /**
   * Starts a sign-in.
   *
   * @throws {SignInError} `temporary`, `registration` or `wrong-origin`.
   */
  async begin(request: BeginSignIn): Promise<Redirect> {
    const { redirectUri, loginHint } = request;
    const returnTo = safePath(request.returnTo, "/");
    const problem = explainRedirectUri(redirectUri);
    if (problem) throw new SignInError("wrong-origin", problem, [], returnTo);
    const { transaction, setCookie } = this.#transactions.begin({
      clientId: this.#clientId(request.registrationId),
      prompt: request.prompt ?? (loginHint ? undefined : "select_account"),
      redirectUri,
      returnTo,
      loginHint,
    });
    const url = await this.#options.microsoft.authorizationUrl(transaction)
      .catch((error) => this.#fail(error, transaction));
    return { location: url.href, setCookies: [setCookie] };
  }

  /**
   * Ends a sign-in: checks the answer, admits or renews the account, and starts a new web session.
   *
   * @param callback The address that Microsoft sent the browser to, as the browser sees it.
   * @param cookieHeader The request's `Cookie` header.
   * @throws {SignInError}
   */
  async complete(callback: URL, cookieHeader: string | null): Promise<SignInResult> {
    const transaction = this.#transactions.end(callback, cookieHeader);
    if (typeof transaction === "string") {
      throw new SignInError("invalid-request", explainTransaction(transaction, callback));
    }
    try {
      const signedIn = await this.#options.microsoft.complete(callback, transaction);
      const { account, created } = await this.#admission.admit(signedIn);
      await this.#options.tokens.adopt(account);
      const { session, setCookie } = await this.#newSession(account, transaction, cookieHeader);
      return {
        accountId: account.id,
        session,
        created,
        location: transaction.returnTo,
        setCookies: [setCookie, this.#transactions.clear(isSecure(transaction))],
      };
    } catch (error) {
      return this.#fail(error, transaction);
    }
  }

  /** A browser that was signed in already gets a new session, and the former one ends. */
  async #newSession(account: AccountRecord, transaction: Transaction, cookieHeader: string | null) {
    const { sessions } = this.#options;
    const secure = isSecure(transaction);
    const former = await sessions.read(cookieHeader);
    if (former) await sessions.end(former, secure);
    return await sessions.create(account.id, secure);
  }

  #clientId(wanted: string | undefined): string {
    const { microsoft } = this.#options;
    return wanted !== undefined && microsoft.hasRegistration(wanted)
      ? wanted
      : microsoft.defaultClientId;
  }

  #fail(error: unknown, transaction: Transaction): never {
    const { returnTo, prompt } = transaction;
    const cookies = [this.#transactions.clear(isSecure(transaction))];
    const [failure, explanation] = describe(error, prompt === "none");
    log[failure === "registration" ? "error" : "info"]("sign-in failed", {
      failure,
      error: errorText(error),
    });
    throw new SignInError(failure, explanation, cookies, returnTo, { cause: error });
  }
}

/** @param silent Whether Microsoft was asked not to ask the person anything. */
function describe(error: unknown, silent: boolean): [SignInFailure, Explanation] {
  if (error instanceof NotAllowedError) return ["not-allowed", error.explanation];
  if (error instanceof StoreError) return ["temporary", explainUnavailable()];
  if (!(error instanceof MicrosoftError)) throw error;
  const { failure, explanation } = error;
  const ask = silent && failure === "sign-in-required";
  return [ask ? "interaction-required" : FAILURES[failure], explanation];
}
