/**
 * Cookies (RFC 6265) as this program sets them: never for scripts, never for other sites, sealed.
 *
 * @module
 */
import {
  decodeBase64Url,
  encodeBase64Url,
  type SealPurpose,
  SecretError,
  type Secrets,
} from "../crypto/mod.ts";

/** Browsers keep no larger cookies (RFC 6265 section 6.1). */
const MAX_VALUE_LENGTH = 4096;
/** RFC 6265bis section 4.1.3.2: accepted only from the host itself, over HTTPS, for all paths. */
const HOST_PREFIX = "__Host-";

/**
 * A cookie whose value is sealed, under a name that starts with `__Host-` where the browser speaks HTTPS. The seal is bound
 * to the name: what was set over plain HTTP does not count over HTTPS.
 */
export class SealedCookie {
  readonly #name: string;
  readonly #purpose: SealPurpose;
  readonly #secrets: Secrets;

  constructor(name: string, purpose: SealPurpose, secrets: Secrets) {
    this.#name = name;
    this.#purpose = purpose;
    this.#secrets = secrets;
  }

  /**
   * Returns a `Set-Cookie` value.
   *
   * @param secure The browser speaks HTTPS with us.
   */
  set(content: Uint8Array, maxAgeS: number, secure: boolean): string {
    const name = this.#nameFor(secure);
    const value = encodeBase64Url(this.#secrets.seal(this.#purpose, name, content));
    return format(name, value, maxAgeS, secure);
  }

  /** Returns the `Set-Cookie` value that makes a browser forget the cookie. */
  clear(secure: boolean): string {
    return format(this.#nameFor(secure), "", 0, secure);
  }

  /** Returns the content of the cookie in a `Cookie` header, if it is genuine. */
  read(header: string | null): Uint8Array | undefined {
    for (const name of [this.#nameFor(true), this.#nameFor(false)]) {
      for (const value of valuesOf(name, header)) {
        const content = this.#open(name, value);
        if (content) return content;
      }
    }
    return undefined;
  }

  #nameFor(secure: boolean): string {
    return secure ? HOST_PREFIX + this.#name : this.#name;
  }

  #open(name: string, value: string): Uint8Array | undefined {
    const sealed = value.length <= MAX_VALUE_LENGTH ? decodeBase64Url(value) : undefined;
    if (!sealed) return undefined;
    try {
      return this.#secrets.open(this.#purpose, name, sealed).plaintext;
    } catch (error) {
      if (error instanceof SecretError) return undefined; // Forged, or from before a change of secrets.
      throw error;
    }
  }
}

/** Returns all values of a name: other programs on this host may have set cookies of the same name. */
function valuesOf(name: string, header: string | null): string[] {
  const pairs = header?.split(";").map((pair) => pair.trim()) ?? [];
  return pairs.filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}

function format(name: string, value: string, maxAgeS: number, secure: boolean): string {
  const attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeS}`;
  return `${name}=${value}; ${attributes}${secure ? "; Secure" : ""}`;
}
