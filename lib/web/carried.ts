/**
 * Values that a browser carries from one page to the next, sealed: nothing is kept on the server, so that any process can
 * show the next page.
 *
 * @module
 */
import { type Clock, MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import type { Secrets } from "../crypto/mod.ts";
import { SealedCookie } from "../http/mod.ts";

/** A value in a sealed cookie that scripts cannot read, for a few minutes. */
export class Carried<Value> {
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
    const content: Sealed<Value> = { value, untilMs: this.#clock.now() + this.#lifetimeMs };
    const octets = new TextEncoder().encode(JSON.stringify(content));
    return this.#cookie.set(octets, this.#lifetimeMs / SECOND_MS, secure);
  }

  /** Returns the value in a `Cookie` header, if it is genuine and not too old, and when it ends. */
  read(header: string | null): Sealed<Value> | undefined {
    const octets = this.#cookie.read(header);
    if (!octets) return undefined;
    const content: Sealed<Value> = JSON.parse(new TextDecoder().decode(octets));
    return this.#clock.now() < content.untilMs ? content : undefined;
  }

  /** Returns the `Set-Cookie` value that makes the browser forget it. */
  clear(secure: boolean): string {
    return this.#cookie.clear(secure);
  }
}

/** A value with its end. */
export interface Sealed<Value> {
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

/** The values that browsers carry. */
export interface CarriedValues {
  /** The result of the last action, in a sentence. */
  readonly flash: Carried<string>;
  readonly newPassword: Carried<NewPassword>;
}

/** Long enough to walk to a printer, short enough for a browser that is left alone. */
const NEW_PASSWORD_LIFETIME_MS = 10 * MINUTE_MS;

/** @param cookieName `SESSION_COOKIE`: the names of the cookies begin with it. */
export function carriedValues(
  cookieName: string,
  secrets: Secrets,
  clock: Pick<Clock, "now">,
): CarriedValues {
  return {
    flash: new Carried(`${cookieName}-flash`, { secrets, clock, lifetimeMs: MINUTE_MS }),
    newPassword: new Carried(`${cookieName}-password`, {
      ...{ secrets, clock },
      lifetimeMs: NEW_PASSWORD_LIFETIME_MS,
    }),
  };
}
