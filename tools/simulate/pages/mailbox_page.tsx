/**
 * The pages with the mail that has arrived at the simulated submission server.
 *
 * @module
 */
import PostalMime, { decodeWords, type Email } from "postal-mime";
import { headerOf } from "../submission/header.ts";
import type {
  EnvelopeAddress,
  MessageStore,
  ReceivedMessage,
} from "../submission/message_store.ts";
import { renderPage } from "./page.tsx";

/** The part of a message's source that the page shows. The download has all of it. */
const SHOWN_SOURCE_OCTETS = 64 * 1024;
/** The most messages that the list shows. */
const SHOWN_MESSAGES = 200;
const LOCALE = "en-GB";
const NO_SUBJECT = "(no subject)";
const SIZES = [["MB", 1_000_000], ["kB", 1_000], ["octets", 1]] as const;

/** Renders the list of messages, the newest first. A script adds new ones. */
export async function listPage({ messages, received }: MessageStore): Promise<string> {
  const shown = messages.toReversed().slice(0, SHOWN_MESSAGES);
  const subjects = await Promise.all(shown.map(subjectOf));
  return renderPage({
    title: "Sent mail",
    place: "/",
    events: `/events?after=${received}`,
    children: (
      <>
        <p class="live">
          <span id="count" role="status">{countText(received)}</span>
          <span class="now">Live: new ones appear by themselves</span>
          <noscript>Reload this page to see new ones.</noscript>
        </p>
        <div id="messages">
          {shown.length === 0
            ? <p class="empty">What devices and programs send through the product appears here.</p>
            : <MessageTable messages={shown} subjects={subjects} />}
        </div>
      </>
    ),
  });
}

function countText(received: number): string {
  if (received === 0) return "Nothing has been sent yet.";
  return received === 1 ? "1 message has arrived." : `${received} messages have arrived.`;
}

interface MessageTableProps {
  readonly messages: readonly ReceivedMessage[];
  readonly subjects: readonly string[];
}

function MessageTable({ messages, subjects }: MessageTableProps) {
  return (
    <div class="table">
      <table class="stacked">
        <thead>
          <tr>
            <th scope="col">Subject</th>
            <th scope="col">From mailbox</th>
            <th scope="col">To</th>
            <th scope="col">Time</th>
            <th scope="col">Size</th>
          </tr>
        </thead>
        <tbody>
          {messages.map((message, index) => (
            <MessageRow message={message} subject={subjects[index]!} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MessageRow({ message, subject }: { message: ReceivedMessage; subject: string }) {
  const { number, receivedAt, mailbox, recipients, content } = message;
  const [first, ...others] = recipients.map(({ address }) => address);
  return (
    <tr>
      <td class="subject">
        <a id={`message-${number}`} href={`/messages/${number}`}>{subject}</a>
      </td>
      <td data-label="From mailbox">{mailbox}</td>
      <td data-label="To">{others.length > 0 ? `${first} and ${others.length} more` : first}</td>
      <td class="time" data-label="Time">{receivedAt.toLocaleTimeString(LOCALE)}</td>
      <td class="number" data-label="Size">{sizeOf(content)}</td>
    </tr>
  );
}

/** Renders one message: text, envelope, header and source. */
export async function messagePage(message: ReceivedMessage): Promise<string> {
  const { number, receivedAt, mailbox, username, sender, recipients, command, content } = message;
  const { subject, headers, text, html, attachments } = await PostalMime.parse(
    new Uint8Array(content),
  );
  return renderPage({
    title: subject || NO_SUBJECT,
    place: "/messages",
    children: (
      <>
        {text ? <pre class="text">{text}</pre> : <p class="empty">{noText(html)}</p>}
        {attachments.length > 0 && <Attachments attachments={attachments} />}
        <h2>Envelope</h2>
        <Rows
          rows={[
            ["Time", receivedAt.toLocaleString(LOCALE)],
            ["Mailbox", mailbox],
            ["Signed in as", username],
            ["MAIL FROM", describe(sender)],
            ...recipients.map((one) => ["RCPT TO", describe(one)] as const),
            ["Size", `${content.length} octets, by ${command}`],
          ]}
        />
        <h2>Header</h2>
        <Rows rows={headers.map(({ originalKey, value }) => [originalKey, decodeWords(value)])} />
        <h2>Source</h2>
        <p>
          <a class="button" href={`/messages/${number}/source`} download>Download the source</a>
        </p>
        <details>
          <summary>Show the source</summary>
          <pre tabIndex={0}>
            {new TextDecoder().decode(content.subarray(0, SHOWN_SOURCE_OCTETS))}
          </pre>
          {content.length > SHOWN_SOURCE_OCTETS && <p>The rest is in the download.</p>}
        </details>
      </>
    ),
  });
}

function noText(html: string | undefined): string {
  return html
    ? "The message has HTML only: it is in the source."
    : "The message has no text to show.";
}

/** Renders the page for a message that is not stored any longer. */
export function notFoundPage(): string {
  return renderPage({
    title: "No such message",
    place: "/messages",
    children: <p>The simulation keeps its mail in memory only.</p>,
  });
}

async function subjectOf({ content }: ReceivedMessage): Promise<string> {
  const { subject } = await PostalMime.parse(new Uint8Array(headerOf(content)));
  return subject || NO_SUBJECT;
}

function sizeOf({ length }: Uint8Array): string {
  const [unit, octets] = SIZES.find(([, least]) => length >= least) ?? ["octets", 1];
  return `${Math.round(length / octets)} ${unit}`;
}

function Rows({ rows }: { readonly rows: readonly (readonly [name: string, value: string])[] }) {
  return (
    <div class="table">
      <table class="stacked">
        <tbody>
          {rows.map(([name, value]) => (
            <tr>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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

/** Formats an address as in MAIL or RCPT. */
function describe({ address, parameters }: EnvelopeAddress): string {
  const shown = Object.entries(parameters).map(([name, value]) =>
    value === true ? name : `${name}=${value}`
  );
  return [`<${address}>`, ...shown].join(" ");
}
