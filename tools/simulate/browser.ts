/**
 * A minimal browser for scripts: cookies, redirects and plain forms.
 *
 * @module
 */

/** A page that was fetched, after all redirects. */
export interface FetchedPage {
  /** The last address. */
  readonly url: string;
  readonly status: number;
  readonly text: string;
}

interface PageRequest {
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams;
}

/** The most redirects that are followed: more are taken for a loop. */
const MAX_REDIRECTS = 20;

/** Keeps cookies for each host and port, and follows redirects. */
export class ScriptedBrowser {
  /** Cookies by origin, then by name. The port counts, since two programs of a test share the host name. */
  readonly #cookies = new Map<string, Map<string, string>>();
  readonly #stopAt: string | undefined;

  /** @param stopAt A redirect to an address that begins with this is not followed: it is the result. */
  constructor(stopAt?: string) {
    this.#stopAt = stopAt;
  }

  /** Opens a page. */
  get(url: string | URL): Promise<FetchedPage> {
    return this.#request(new URL(url), { method: "GET" });
  }

  /** Submits a form. */
  post(url: string | URL, fields: Record<string, string>): Promise<FetchedPage> {
    const target = new URL(url);
    return this.#request(target, {
      method: "POST",
      headers: { origin: target.origin },
      body: new URLSearchParams(fields),
    });
  }

  async #request(url: URL, init: PageRequest, redirects = 0): Promise<FetchedPage> {
    if (redirects > MAX_REDIRECTS) throw new Error(`Too many redirects, the last to ${url}.`);
    const response = await fetch(url, {
      ...init,
      redirect: "manual",
      headers: { ...init.headers, cookie: this.#cookieHeader(url), accept: "text/html" },
    });
    this.#remember(url, response.headers.getSetCookie());
    const location = response.headers.get("location");
    const text = await response.text();
    if (location === null) return { url: url.href, status: response.status, text };
    const target = new URL(location, url);
    if (this.#stopAt && target.href.startsWith(this.#stopAt)) {
      return { url: target.href, status: response.status, text };
    }
    return await this.#request(target, { method: "GET" }, redirects + 1);
  }

  #cookieHeader(url: URL): string {
    const cookies = this.#cookies.get(url.origin) ?? new Map<string, string>();
    return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  #remember(url: URL, setCookies: readonly string[]): void {
    const cookies = this.#cookies.get(url.origin) ?? new Map<string, string>();
    this.#cookies.set(url.origin, cookies);
    for (const setCookie of setCookies) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(setCookie) ?? [];
      const expired = /;\s*max-age=0\b|;\s*expires=thu, 01 jan 1970/i.test(setCookie);
      if (expired || value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
  }
}
