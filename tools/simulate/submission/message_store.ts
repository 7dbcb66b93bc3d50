/**
 * The messages that the simulated submission server has received, kept in memory within a bound.
 *
 * @module
 */

/** An address of the envelope with its parameters (RFC 5321 section 4.1.1.2), names in upper case. */
export interface EnvelopeAddress {
  readonly address: string;
  readonly parameters: Readonly<Record<string, string | true>>;
}

/** A message as it was submitted. */
export interface ReceivedMessage {
  /** Counts from 1, in the order of arrival. */
  readonly number: number;
  readonly receivedAt: Date;
  /** Primary address of the mailbox that it was sent from. */
  readonly mailbox: string;
  /** The name in XOAUTH2. */
  readonly username: string;
  /** The reverse-path; an empty address for `<>`. */
  readonly sender: EnvelopeAddress;
  /** The forward-paths. */
  readonly recipients: readonly EnvelopeAddress[];
  readonly command: "DATA" | "BDAT";
  /** The message's octets: dot-stuffing removed, the last line's CRLF included. */
  readonly content: Uint8Array;
}

/** Messages in the order of arrival. The oldest are dropped if they take too much memory. */
export class MessageStore {
  readonly #maxOctets: number;
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  #messages: ReceivedMessage[] = [];
  #storedOctets = 0;
  #received = 0;

  /** @param maxOctets The limit on the stored content. The newest message is always stored. */
  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets;
  }

  /** The stored messages, oldest first. */
  get messages(): readonly ReceivedMessage[] {
    return this.#messages;
  }

  /** The number of messages that have arrived, including dropped ones. */
  get received(): number {
    return this.#received;
  }

  /** The newest message. @throws if there is none. */
  get last(): ReceivedMessage {
    const last = this.#messages.at(-1);
    if (!last) throw new Error("No message has arrived.");
    return last;
  }

  /** Adds a message that has arrived completely. */
  add(message: Omit<ReceivedMessage, "number">): ReceivedMessage {
    const numbered = { ...message, number: ++this.#received };
    this.#messages.push(numbered);
    this.#storedOctets += message.content.length;
    this.#dropOldest();
    const due = this.#waiting.filter(({ count }) => count <= this.#received);
    for (const entry of due) {
      this.#waiting.splice(this.#waiting.indexOf(entry), 1);
      entry.resolve();
    }
    return numbered;
  }

  /** Waits until this number of messages has arrived in total. */
  arrived(count: number): Promise<void> {
    if (count <= this.#received) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** Drops the stored messages. The count continues. */
  clear(): void {
    this.#messages = [];
    this.#storedOctets = 0;
  }

  #dropOldest(): void {
    while (this.#storedOctets > this.#maxOctets && this.#messages.length > 1) {
      this.#storedOctets -= this.#messages.shift()!.content.length;
    }
  }
}
