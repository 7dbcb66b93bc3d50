/**
 * The web session: a sealed cookie that names a row on the server, so that it can be revoked.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { type Clock, DAY_MS, SECOND_MS } from "../base/mod.ts";
import { SealedCookie } from "../http/mod.ts";
import { encodeBase64Url, type Secrets } from "../crypto/mod.ts";
import type { WebSession, WebSessionStore } from "../store/mod.ts";

/** Dependencies of {@linkcode Sessions}. */
export interface SessionsOptions {
  readonly store: WebSessionStore;
  readonly secrets: Secrets;
  readonly clock: Pick<Clock, "now">;
  /** `SESSION_COOKIE`. */
  readonly cookieName: string;
  /** Called when somebody has signed out. */
  readonly onEnd?: (accountId: string) => void;
}

/** Signing in again costs one click while the browser is signed in to Microsoft. */
const LIFETIME_MS = 7 * DAY_MS;
const ID_OCTETS = 32;

/** Starts, finds and ends web sessions. */
export class Sessions {
  readonly #store: WebSessionStore;
  readonly #clock: Pick<Clock, "now">;
  readonly #cookie: SealedCookie;
  readonly #onEnd: SessionsOptions["onEnd"];

  constructor(options: SessionsOptions) {
    this.#onEnd = options.onEnd;
    this.#store = options.store;
    this.#clock = options.clock;
    this.#cookie = new SealedCookie(options.cookieName, "cookie", options.secrets);
  }

  /**
   * Starts a session.
   *
   * @param secure Whether the browser speaks HTTPS with us.
   * @returns The session with the `Set-Cookie` value for it.
   */
  async create(
    accountId: string,
    secure: boolean,
  ): Promise<{ session: WebSession; setCookie: string }> {
    const id = randomBytes(ID_OCTETS);
    const createdAtMs = this.#clock.now();
    const expiresAtMs = createdAtMs + LIFETIME_MS;
    const session = { idHash: hash(id), accountId, createdAtMs, expiresAtMs };
    await this.#store.deleteExpired(createdAtMs);
    await this.#store.add(session);
    return { session, setCookie: this.#cookie.set(id, LIFETIME_MS / SECOND_MS, secure) };
  }

  /** Returns the session of a `Cookie` header, if it is genuine, alive and not revoked. */
  async read(cookieHeader: string | null): Promise<WebSession | undefined> {
    const id = this.#cookie.read(cookieHeader);
    return id && await this.#store.get(hash(id), this.#clock.now());
  }

  /** Returns a name for a browser in which somebody has signed in before, even if that session has ended. */
  browserOf(cookieHeader: string | null): string | undefined {
    const id = this.#cookie.read(cookieHeader);
    return id && encodeBase64Url(hash(id));
  }

  /** Signs this browser out. Returns the `Set-Cookie` value that clears its cookie. */
  async end(session: WebSession, secure: boolean): Promise<string> {
    await this.#store.delete(session.idHash);
    this.#onEnd?.(session.accountId);
    return this.#cookie.clear(secure);
  }
}

/** Only the hash is kept: a stolen database opens no session. */
function hash(id: Uint8Array): Uint8Array {
  return createHash("sha256").update(id).digest();
}
