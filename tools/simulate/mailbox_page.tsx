/**
 * The web page with the mail that has arrived at the simulated submission server.
 *
 * @module
 */
import PostalMime, { decodeWords, type Email } from "postal-mime";
import { LOOPBACK } from "./loopback.ts";
import type { EnvelopeAddress, MessageStore, ReceivedMessage } from "./message_store.ts";
import { renderPage } from "./page.tsx";

/** How much of a message's source the page shows; the download has it all. */
const SHOWN_SOURCE_OCTETS = 64 * 1024;
const LOCALE = "en-GB";
/** Nothing of a message may run or load anything. */
const CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** Settings of a {@linkcode MailboxPage}. */
export interface MailboxPageOptions {
  /** Default: a free one. */
  readonly port?: number;
}

/** Serves the page on the loopback interface only. */
export class MailboxPage implements AsyncDisposable {
  readonly #store: MessageStore;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(store: MessageStore, { port = 0 }: MailboxPageOptions) {
    this.#store = store;
    this.#server = Deno.serve(
      { hostname: LOOPBACK, port, onListen: () => {} },
      (request) => this.#handle(new URL(request.url)),
    );
  }

  /** Starts serving. @throws when the port is taken. */
  static start(store: MessageStore, options: MailboxPageOptions = {}): MailboxPage {
    return new MailboxPage(store, options);
  }

  /** Where a browser finds it. */
  get url(): string {
    return `http://localhost:${this.#server.addr.port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #handle({ pathname }: URL): Promise<Response> {
    if (pathname === "/") return html(listPage(this.#store));
    const [, number, source] = /^\/messages\/(\d+)(\/source)?$/.exec(pathname) ?? [];
    const message = this.#store.messages.find((one) => one.number === Number(number));
    if (!message) return html(notFoundPage(), 404);
    return source ? download(message) : html(await messagePage(message));
  }
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

function listPage({ messages, received }: MessageStore): string {
  return renderPage({
    title: "Sent mail",
    children: (
      <>
        <p>
          {received === 0
            ? "Nothing was sent so far. Reload this page after sending."
            : `Messages that arrived: ${received}`}
        </p>
        <table>
          <thead>
            <tr>
              <th>No.</th>
              <th>Time</th>
              <th>From mailbox</th>
              <th>Recipients</th>
              <th>Octets</th>
            </tr>
          </thead>
          <tbody>
            {messages.toReversed().map((message) => (
              <tr>
                <td>
                  <a href={`/messages/${message.number}`}>{message.number}</a>
                </td>
                <td>{message.receivedAt.toLocaleTimeString(LOCALE)}</td>
                <td>{message.mailbox}</td>
                <td>{message.recipients.map(({ address }) => address).join(", ")}</td>
                <td>{message.content.length}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </>
    ),
  });
}

async function messagePage(message: ReceivedMessage): Promise<string> {
  const { number, receivedAt, mailbox, sender, recipients, command, content } = message;
  const { headers, text, attachments } = await PostalMime.parse(new Uint8Array(content));
  return renderPage({
    title: `Message ${number}`,
    children: (
      <>
        <p>
          <a href="/">All messages</a>
        </p>
        <h2>Envelope</h2>
        <Rows
          rows={[
            ["Time", receivedAt.toLocaleString(LOCALE)],
            ["Signed in as", mailbox],
            ["Sender", describe(sender)],
            ...recipients.map((one) => ["Recipient", describe(one)] as const),
            ["Size", `${content.length} octets, by ${command}`],
          ]}
        />
        <h2>Headers</h2>
        <Rows rows={headers.map(({ originalKey, value }) => [originalKey, decodeWords(value)])} />
        <h2>Text</h2>
        <pre>{text}</pre>
        {attachments.length > 0 && <Attachments attachments={attachments} />}
        <h2>Source</h2>
        <p>
          <a href={`/messages/${number}/source`}>Download</a>
        </p>
        <pre>{new TextDecoder().decode(content.subarray(0, SHOWN_SOURCE_OCTETS))}</pre>
        {content.length > SHOWN_SOURCE_OCTETS && <p>The rest is in the download.</p>}
      </>
    ),
  });
}

function Rows({ rows }: { readonly rows: readonly (readonly [name: string, value: string])[] }) {
  return (
    <table>
      <tbody>
        {rows.map(([name, value]) => (
          <tr>
            <th>{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Attachments({ attachments }: Pick<Email, "attachments">) {
  return (
    <>
      <h2>Attachments</h2>
      <ul>
        {attachments.map(({ filename, mimeType }) => (
          <li>{`${filename ?? "unnamed"} (${mimeType})`}</li>
        ))}
      </ul>
    </>
  );
}

/** An address as in MAIL or RCPT. */
function describe({ address, parameters }: EnvelopeAddress): string {
  const shown = Object.entries(parameters).map(([name, value]) =>
    value === true ? name : `${name}=${value}`
  );
  return [`<${address}>`, ...shown].join(" ");
}

function notFoundPage(): string {
  return renderPage({
    title: "No such message",
    children: (
      <p>
        The simulation keeps its mail in memory only. <a href="/">All messages</a>
      </p>
    ),
  });
}
