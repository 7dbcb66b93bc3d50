/**
 * Access to the administration without an account, for installations without a sign-in on the web: a one-time link from the
 * command line opens a session.
 *
 * @module
 */
import { type Clock, HOUR_MS, MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import type { Secrets } from "../crypto/mod.ts";
import { SealedCookie } from "../http/mod.ts";
import type { AdminGrantStore } from "../store/mod.ts";
import { createToken, hashOf } from "./token.ts";

/** Long enough to get from the terminal to a browser. */
export const LINK_LIFETIME_MS = 15 * MINUTE_MS;
/** A working day. */
const SESSION_LIFETIME_MS = 12 * HOUR_MS;

/** Dependencies of {@linkcode AdminAccess}. */
export interface AdminAccessOptions {
  readonly store: AdminGrantStore;
  readonly secrets: Secrets;
  readonly clock: Pick<Clock, "now">;
  /** `SESSION_COOKIE`: the name of the cookie begins with it. */
  readonly cookieName: string;
}

/** Creates links, and opens, finds and ends their sessions. Only hashes are stored. */
export class AdminAccess {
  readonly #store: AdminGrantStore;
  readonly #clock: Pick<Clock, "now">;
  readonly #cookie: SealedCookie;

  constructor({ store, secrets, clock, cookieName }: AdminAccessOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#cookie = new SealedCookie(`${cookieName}-admin`, "cookie", secrets);
  }

  /** Returns the token of a new link, which works once within {@linkcode LINK_LIFETIME_MS}. */
  createLink(): Promise<string> {
    return this.#add("link", LINK_LIFETIME_MS);
  }

  /** Whether a link would work now. */
  async isLink(token: string): Promise<boolean> {
    const hash = hashOf(token);
    return hash !== undefined && await this.#store.has("link", hash, this.#clock.now());
  }

  /**
   * Uses a link, and opens a session.
   *
   * @param secure Whether the browser connects with HTTPS.
   * @returns The `Set-Cookie` value; `undefined` if the link has expired, was used or never existed.
   */
  async redeem(token: string, secure: boolean): Promise<string | undefined> {
    const hash = hashOf(token);
    if (!hash || !await this.#store.take("link", hash, this.#clock.now())) return undefined;
    const session = await this.#add("session", SESSION_LIFETIME_MS);
    const content = new TextEncoder().encode(session);
    return this.#cookie.set(content, SESSION_LIFETIME_MS / SECOND_MS, secure);
  }

  /** Whether a `Cookie` header belongs to an open session. */
  async has(cookieHeader: string | null): Promise<boolean> {
    const hash = this.#sessionIn(cookieHeader);
    return hash !== undefined && await this.#store.has("session", hash, this.#clock.now());
  }

  /** Ends the session of a `Cookie` header. Returns the `Set-Cookie` value that clears its cookie. */
  async end(cookieHeader: string | null, secure: boolean): Promise<string> {
    const hash = this.#sessionIn(cookieHeader);
    if (hash) await this.#store.take("session", hash, this.#clock.now());
    return this.#cookie.clear(secure);
  }

  #sessionIn(cookieHeader: string | null): Uint8Array | undefined {
    const content = this.#cookie.read(cookieHeader);
    return content && hashOf(new TextDecoder().decode(content));
  }

  async #add(kind: "link" | "session", lifetimeMs: number): Promise<string> {
    const token = createToken();
    const expiresAtMs = this.#clock.now() + lifetimeMs;
    await this.#store.add({ kind, hash: hashOf(token)!, expiresAtMs });
    return token;
  }
}
