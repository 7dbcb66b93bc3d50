/**
 * Cookies that take a value from one page to the next, sealed: the server keeps nothing, so any process can show the next
 * page.
 *
 * @module
 */
import { type Clock, MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import type { Secrets } from "../crypto/mod.ts";
import { SealedCookie } from "../http/mod.ts";

/** A value in a sealed cookie that scripts cannot read, for a few minutes. */
export class PageCookie<Value> {
  readonly #cookie: SealedCookie;
  readonly #clock: Pick<Clock, "now">;
  readonly #lifetimeMs: number;

  constructor(
    name: string,
    { secrets, clock, lifetimeMs }: {
      readonly secrets: Secrets;
      readonly clock: Pick<Clock, "now">;
      readonly lifetimeMs: number;
    },
  ) {
    this.#cookie = new SealedCookie(name, "page", secrets);
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
  }

  /** Returns the `Set-Cookie` value that gives the browser a value. @param secure It speaks HTTPS with us. */
  set(value: Value, secure: boolean): string {
    const content: Expiring<Value> = { value, untilMs: this.#clock.now() + this.#lifetimeMs };
    const octets = new TextEncoder().encode(JSON.stringify(content));
    return this.#cookie.set(octets, this.#lifetimeMs / SECOND_MS, secure);
  }

  /** Returns the value in a `Cookie` header, if it is genuine and not too old, and when it ends. */
  read(header: string | null): Expiring<Value> | undefined {
    const octets = this.#cookie.read(header);
    if (!octets) return undefined;
    const content: Expiring<Value> = JSON.parse(new TextDecoder().decode(octets));
    return this.#clock.now() < content.untilMs ? content : undefined;
  }

  /** Returns the `Set-Cookie` value that makes the browser forget it. */
  clear(secure: boolean): string {
    return this.#cookie.clear(secure);
  }
}

/** A value with its end. */
export interface Expiring<Value> {
  readonly value: Value;
  /** Milliseconds since the epoch. */
  readonly untilMs: number;
}

/** A new app password on its way to the page that shows it. */
export interface NewPassword {
  /** Id of the app password. */
  readonly id: string;
  readonly accountId: string;
  readonly password: string;
}

/** The cookies that take something to the next page. */
export interface PageCookies {
  /** The result of the last action, in a sentence. */
  readonly flash: PageCookie<string>;
  readonly newPassword: PageCookie<NewPassword>;
}

/** Long enough to walk to a printer, short enough for a browser that is left alone. */
const NEW_PASSWORD_LIFETIME_MS = 10 * MINUTE_MS;

/** Returns the cookies. @param cookieName `SESSION_COOKIE`: their names begin with it. */
export function pageCookies(
  cookieName: string,
  secrets: Secrets,
  clock: Pick<Clock, "now">,
): PageCookies {
  return {
    flash: new PageCookie(`${cookieName}-flash`, { secrets, clock, lifetimeMs: MINUTE_MS }),
    newPassword: new PageCookie(`${cookieName}-password`, {
      ...{ secrets, clock },
      lifetimeMs: NEW_PASSWORD_LIFETIME_MS,
    }),
  };
}
