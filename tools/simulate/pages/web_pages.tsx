/**
 * The simulator's own web pages: sent mail, and the panel with what goes wrong; the panel's switches are there for programs
 * as well, as JSON.
 *
 * @module
 */
import type { Directory } from "../directory.ts";
import { LOOPBACK } from "../loopback.ts";
import type { MessageStore, ReceivedMessage } from "../submission/message_store.ts";
import { isTroubleId, type Troubles } from "../troubles/troubles.ts";
import { listPage, messagePage, notFoundPage } from "./mailbox_page.tsx";
import { decodeScope, encodeScope, LATE, panelPage, switchOptions } from "./panel_page.tsx";
import { switchByJson } from "./switches.ts";

/** Nothing of a message may run or load anything; the list alone has a script, which hears of new messages. */
const CONTENT_SECURITY_POLICY = [
  ...["default-src 'none'", "script-src 'self'", "connect-src 'self'", "img-src data:"],
  ...["style-src 'unsafe-inline'", "form-action 'self'", "frame-ancestors 'none'"],
].join("; ");
const LIVE_SCRIPT = Deno.readTextFileSync(new URL("live.js", import.meta.url));
/** As slow as Microsoft was seen to refuse. */
const LATE_MS = 6_000;

/** Parts that the pages show and change. */
interface WebPagesParts {
  readonly directory: Directory;
  readonly troubles: Troubles;
  readonly submissionServer: { readonly store: MessageStore; refusalDelayMs: number };
}

/** Serves the pages on the loopback interface only. */
export class WebPages implements AsyncDisposable {
  readonly #parts: WebPagesParts;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** Ends the streams of events. */
  readonly #end = Promise.withResolvers<void>();

  private constructor(parts: WebPagesParts, port: number) {
    this.#parts = parts;
    this.#server = Deno.serve(
      { hostname: LOOPBACK, port, onListen: () => {} },
      (request) => this.#handle(request),
    );
  }

  /** Starts serving. @param port Default: a free one. @throws when the port is taken. */
  static start(parts: WebPagesParts, port = 0): WebPages {
    return new WebPages(parts, port);
  }

  /** Where a browser finds them. */
  get url(): string {
    return `http://localhost:${this.#server.addr.port}/`;
  }

  /** Where a browser finds the panel. */
  get panelUrl(): string {
    return `${this.url}troubles`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.resolve();
    await this.#server.shutdown();
  }

  async #handle(request: Request): Promise<Response> {
    const { pathname, origin, searchParams } = new URL(request.url);
    const sender = request.headers.get("origin") ?? origin;
    const isForged = request.method !== "GET" && sender !== origin;
    if (isForged) return new Response("Another site has sent this form.", { status: 403 });
    if (pathname === "/api/troubles") return await switchByJson(this.#parts.troubles, request);
    if (pathname === "/troubles") {
      return request.method === "POST"
        ? this.#switch(await request.formData())
        : this.#panel(searchParams.get("for"));
    }
    if (pathname === "/live.js") return script(LIVE_SCRIPT);
    if (pathname === "/events") return this.#events(Number(searchParams.get("after")));
    return await this.#mail(pathname);
  }

  /** Tells of each message after the first so many, until the reader or the simulation goes. */
  #events(seen: number): Response {
    const { store } = this.#parts.submissionServer;
    const end = this.#end.promise.then(() => "end");
    const body = new ReadableStream<string>({
      // The browser then knows at once that the stream is open.
      start: (controller) => controller.enqueue(": open\n\n"),
      async pull(controller) {
        if (await Promise.race([store.arrived(seen + 1), end]) === "end") return controller.close();
        seen = store.received;
        controller.enqueue(`data: ${seen}\n\n`);
      },
    }, { highWaterMark: 0 });
    return new Response(body.pipeThrough(new TextEncoderStream()), {
      headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
    });
  }

  async #mail(pathname: string): Promise<Response> {
    const { store } = this.#parts.submissionServer;
    if (pathname === "/") return html(await listPage(store));
    const [, number, source] = /^\/messages\/(\d+)(\/source)?$/.exec(pathname) ?? [];
    const message = store.messages.find((one) => one.number === Number(number));
    if (!message) return html(notFoundPage(), 404);
    return source ? download(message) : html(await messagePage(message));
  }

  #panel(text: string | null): Response {
    const { directory, troubles, submissionServer } = this.#parts;
    const [first] = directory.people;
    const scope = decodeScope(text ?? "") ?? { mailbox: first?.signInName ?? "" };
    const areRefusalsLate = submissionServer.refusalDelayMs > 0;
    return html(panelPage({ directory, troubles, scope, areRefusalsLate }));
  }

  #switch(form: FormData): Response {
    const { troubles, submissionServer } = this.#parts;
    const [text, id, position] = ["for", "trouble", "switch"].map((name) => `${form.get(name)}`);
    const scope = decodeScope(text!) ?? "everyone";
    if (position === "all-off") troubles.clear();
    else if (id === LATE) submissionServer.refusalDelayMs = position === "on" ? LATE_MS : 0;
    else if (!isTroubleId(id!)) return new Response("There is no such trouble.", { status: 400 });
    else if (position === "on") troubles.set(scope, id, switchOptions(scope, id));
    else troubles.clear(scope, id);
    const location = `/troubles?for=${encodeURIComponent(encodeScope(scope))}`;
    return new Response(null, { status: 303, headers: { location } });
  }
}

function script(text: string): Response {
  return new Response(text, { headers: { "content-type": "text/javascript; charset=utf-8" } });
}

function html(page: string, status = 200): Response {
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": CONTENT_SECURITY_POLICY,
  };
  return new Response(page, { status, headers });
}

function download({ content, number }: ReceivedMessage): Response {
  return new Response(new Uint8Array(content), {
    headers: {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename="message-${number}.eml"`,
      "x-content-type-options": "nosniff",
    },
  });
}
