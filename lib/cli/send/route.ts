/**
 * The way upstream, as `send` needs it. It is wired outside, since it needs more than this folder may import.
 *
 * @module
 */
import type { Account, Login, Observer, Reply } from "../../../smtp/mod.ts";
import type { Services } from "../../program/mod.ts";

/** The way upstream. */
export interface SubmissionRoute {
  /** Signs in at the submission server. @throws {SmtpError} */
  login(): Promise<Login>;
  close(): void;
}

/** Hears of what the replies to a client do not tell. */
export interface RouteWatcher {
  /** The submission server has refused the sign-in with this reply. */
  readonly onRefusal: (reply: Reply) => void;
  readonly observe: Observer;
}

/** Makes the way upstream. */
export type OpenRoute = (
  services: Services,
  account: Account,
  watcher: RouteWatcher,
) => SubmissionRoute;
