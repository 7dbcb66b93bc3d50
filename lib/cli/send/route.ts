/**
 * The way upstream, as `send` needs it. It is wired outside, since it needs more than this folder may import.
 *
 * @module
 */
import type { Account, Login, Observer } from "../../../smtp/mod.ts";
import type { SubmissionReply } from "../../explain/mod.ts";
import type { Services } from "../../program/mod.ts";

/** The way upstream. */
export interface SubmissionRoute {
  /** Signs in at the submission server. @throws {LoginError} */
  login(): Promise<Login>;
  close(): void;
}

/** Hears of what the replies to a client do not tell. */
export interface RouteWatcher {
  /** The submission server has refused the sign-in with this reply. */
  readonly onRefusal: (reply: SubmissionReply) => void;
  readonly observe: Observer;
}

/** Makes the way upstream. */
export type OpenRoute = (
  services: Services,
  account: Account,
  watcher: RouteWatcher,
) => SubmissionRoute;
