/**
 * The common parts of the tokens of accounts and of applications: when one is usable, and the error when none is.
 *
 * @module
 */
import { LoginError } from "../../smtp/mod.ts";
import { type Clock, MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import { SecretError } from "../crypto/mod.ts";
import type { Fixer } from "../explain/mod.ts";
import { type Microsoft, MicrosoftError, temporary } from "../microsoft/mod.ts";
import {
  type AccountStore,
  StoreError,
  type TokenStore,
  type TokenVault,
  type ValueVault,
} from "../store/mod.ts";
import type { BackoffLimits, Random } from "./backoff.ts";
import type { CircuitBreaker } from "./circuit_breaker.ts";
import type { TokenLease } from "./lease.ts";
import type { TokenReporter } from "./reporter.ts";
import { type AccessToken, condition } from "./renewal_schedule.ts";

/** Dependencies that the tokens of all accounts and applications share. */
export interface TokenDependencies {
  readonly store: {
    readonly accounts: Pick<AccountStore, "get">;
    readonly tokens: Pick<TokenStore, "requireSignIn">;
  };
  readonly vault: Pick<TokenVault, "load" | "replace">;
  /** Absent: no other process renews the tokens of accounts. */
  readonly lease?: TokenLease;
  /** Keeps applications' tokens for a restart, and for other replicas. Absent: they live in memory alone. */
  readonly values?: Pick<ValueVault, "load" | "replace">;
  /** Absent: no other process fetches the tokens of applications. */
  readonly valueLease?: TokenLease;
  readonly microsoft: Pick<Microsoft, "refresh" | "applicationToken">;
  readonly breaker: CircuitBreaker;
  readonly reporter: TokenReporter;
  readonly clock: Clock;
  readonly random: Random;
  /** Address of the web pages, where it is known: for the text that asks to sign in. */
  readonly publicUrl?: string;
}

/** The state of an account's tokens, or of an application's. */
export interface TokenStatus {
  /** `delayed`: the last renewal failed and will be repeated. */
  readonly state: "ok" | "delayed" | "sign-in-required";
  /** Why the last renewal failed; for explanations. */
  readonly error?: unknown;
  /** Milliseconds since the epoch; absent: no access token in memory that the submission server takes, as far as is known. */
  readonly accessTokenExpiresAtMs?: number;
  /** Milliseconds since the epoch. Absent: none is planned. */
  readonly nextRenewalAtMs?: number;
}

/** The longest wait of a login for its token: Gmail allows 10 seconds for the whole login. */
export const TOKEN_TIMEOUT_MS = 5 * SECOND_MS;

/** Pauses after a refusal of one account or application, which may last. */
export const OWN_LIMITS: BackoffLimits = { firstMs: MINUTE_MS, maxMs: 60 * MINUTE_MS };

/** A rejected token that is newer than this is not replaced: the next one would fare no better. */
const NEW_TOKEN_MS = MINUTE_MS;

/** The token that a login asks for. */
interface WantedToken {
  /** The least acceptable condition. */
  readonly least: "fresh" | "stale";
  /** The token that the submission server has just rejected, if any. */
  readonly rejected: string | undefined;
  readonly nowMs: number;
}

/** Returns an access token if it is good enough; `undefined` if another one has to be fetched. */
export function usableToken(
  token: AccessToken,
  issuedAtMs: number,
  { least, rejected, nowMs }: WantedToken,
): string | undefined {
  if (token.accessToken === rejected && nowMs - issuedAtMs >= NEW_TOKEN_MS) return undefined;
  const state = condition(token, nowMs);
  return state === "fresh" || state === least ? token.accessToken : undefined;
}

/** Returns the error of a login that has to wait for a token. @param error Absent: Microsoft has not answered yet. */
export function delayed(error: unknown): LoginError {
  const cause = error ?? temporary("no_answer");
  return new LoginError("temporary", temporaryText(cause), { cause });
}

const UNAVAILABLE = "The proxy cannot get an access token at the moment; try again later";
const NOT_OPENED = "The proxy cannot open the stored sign-in; ask its operator";
const STORE_FAILING = "The proxy cannot read its database at the moment; try again later";

/** The advice for a client whose account has no token at the moment. */
const ADVICE: Readonly<Record<Fixer, string>> = {
  "user": "look at the proxy's web page",
  "tenant-admin": "ask your organisation's administrator",
  "operator": "ask the proxy's operator",
  "nobody": "try again later",
};

function temporaryText(error: unknown): string {
  if (error instanceof StoreError) return STORE_FAILING;
  if (error instanceof SecretError) return NOT_OPENED;
  if (!(error instanceof MicrosoftError)) return UNAVAILABLE;
  const { fixer, smtpText, code } = error.explanation;
  return `${smtpText}${smtpText.includes(code) ? "" : ` (${code})`}; ${ADVICE[fixer]}`;
}
