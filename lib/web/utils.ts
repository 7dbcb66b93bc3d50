import { createDefine } from "fresh";
import type { WebSession } from "../store/mod.ts";
import type { AccountRecord } from "../store/mod.ts";
import type { WebServices } from "./services.ts";
import type { Site } from "./site.ts";

/** Someone who is signed in. */
export interface SignedInUser {
  readonly session: WebSession;
  readonly account: AccountRecord;
}

/** The data that everything that handles one request shares. */
export interface State {
  services: WebServices;
  site: Site;
  /** IP address of the browser, as far as it is known. */
  client?: string;
  /** Absent: nobody is signed in. */
  user?: SignedInUser;
  /** The browser has come by a one-time link: it may administrate, and do nothing else. */
  hasAdminLink?: boolean;
  /** The browser shows a session that has ended. */
  isExpired?: boolean;
  /** The result of the last action, in a sentence. */
  flash?: string;
  /** The page uses the width of large screens. */
  isWide?: boolean;
  /** Title of the page; the app wrapper appends the product's name. */
  title?: string;
}

/** Fresh's functions for our {@linkcode State}. */
export const define = createDefine<State>();
