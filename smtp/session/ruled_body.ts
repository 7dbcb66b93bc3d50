/**
 * A message whose header is made to follow the sender rule of the app password.
 *
 * @module
 */
import type { Account, BodyChunk, BodyForm, MessageBody } from "../backend.ts";
import type { Clock } from "../clock.ts";
import {
  HEADER_LIMIT_OCTETS,
  type HeaderReport,
  HeaderRewriter,
  type HeaderRules,
  HeaderTooLargeError,
  SenderRefusedError,
  type SenderRule,
  surelyHasAuthor,
} from "../headers/mod.ts";
import {
  concat,
  LineScanner,
  matchesPattern,
  Reply,
  sanitise,
  SmtpError,
} from "../protocol/mod.ts";
import { inForm } from "./body.ts";
import type { MissingHeaders } from "./limits.ts";

const HEADER_TOO_LARGE = new Reply(
  552,
  "5.3.4",
  `The header of the message is larger than ${HEADER_LIMIT_OCTETS} octets`,
);

/** A refusal names this many addresses at most, since its line is limited. */
const TOLD_ADDRESSES = 3;
const TOLD_LENGTH = 100;

const EMPTY = new Uint8Array(0);

/** Returns the rules for the header of an account's messages; undefined if no header has to be changed or checked. */
export function headerRules(
  account: Account,
  { missingHeaders, clock, date = () => clock.now() }: {
    readonly missingHeaders: MissingHeaders;
    readonly clock: Pick<Clock, "now">;
    readonly date?: () => number;
  },
): HeaderRules | undefined {
  const { mailbox } = account;
  const sender = senderRule(account);
  if (sender.kind === "any" && missingHeaders === "leave") return undefined;
  return {
    sender,
    mailbox,
    now: date,
    newMessageId: () => `${crypto.randomUUID()}${mailbox.slice(mailbox.lastIndexOf("@"))}`,
  };
}

function senderRule({ allowedSender, forcedSender }: Account): SenderRule {
  if (forcedSender) return { kind: "always" };
  if (allowedSender === undefined) return { kind: "any" };
  return { kind: "only", allows: (address) => matchesPattern(address, allowedSender) };
}

/**
 * Holds the header back until it is complete, then passes it on according to the rules. The rest is passed on unchanged and
 * without a copy.
 */
export class RuledBody implements MessageBody {
  readonly #body: MessageBody;
  readonly #rules: HeaderRules;
  /** Missing until octets have arrived, and if the header need not be read. */
  #rewriter: HeaderRewriter | undefined;
  #passing = false;

  /** @param body The message as the client sends it. */
  constructor(body: MessageBody, rules: HeaderRules) {
    this.#body = body;
    this.#rules = rules;
  }

  /** The authors in the header, and how it was changed; missing until it is complete, and if it was not read. */
  get report(): HeaderReport | undefined {
    return this.#rewriter?.report;
  }

  get arrivedCount(): number | undefined {
    return this.#body.arrivedCount;
  }

  /** @throws {SmtpError} 550 5.7.1 for a sender that is not allowed, 552 5.3.4 for a header that is too large. */
  next(form: BodyForm): BodyChunk | Promise<BodyChunk> {
    if (this.#passing) return this.#body.next(form);
    const chunk = this.#body.next("plain");
    return chunk instanceof Promise
      ? chunk.then((arrived) => this.#hold(arrived, form))
      : this.#hold(chunk, form);
  }

  #hold({ octets, last }: BodyChunk, form: BodyForm): BodyChunk {
    const parts = this.#push(octets, last);
    if (parts.length === 0) return { octets: EMPTY, last };
    const plain = parts.length === 1 ? parts[0]! : concat(...parts);
    if (form === "plain") return { octets: plain, last };
    // The octets begin a line: they are the start of the message.
    const scanner = new LineScanner(false);
    scanner.scan(plain);
    return { octets: inForm(plain, scanner, form, last), last };
  }

  /** Whether the start of a message shows that its header needs neither additions nor checks. */
  #isComplete(start: Uint8Array): boolean {
    return this.#rules.sender.kind === "any" && surelyHasAuthor(start);
  }

  #push(octets: Uint8Array, last: boolean): readonly Uint8Array[] {
    if (this.#rewriter === undefined && this.#isComplete(octets)) {
      this.#passing = true;
      return [octets];
    }
    this.#rewriter ??= new HeaderRewriter(this.#rules);
    try {
      const parts = this.#rewriter.push(octets, last);
      this.#passing = this.#rewriter.report !== undefined;
      return parts;
    } catch (error) {
      if (error instanceof HeaderTooLargeError) {
        throw new SmtpError(HEADER_TOO_LARGE, { cause: error });
      }
      if (error instanceof SenderRefusedError) {
        throw new SmtpError(refusalOf(error), { cause: error });
      }
      throw error;
    }
  }
}

function refusalOf({ field, reason, addresses }: SenderRefusedError): Reply {
  const named = addresses.slice(0, TOLD_ADDRESSES).join(", ");
  const told = sanitise(named.slice(0, TOLD_LENGTH));
  const text = reason === "forbidden"
    ? `This app password may not send from ${told}, which the ${field} header names`
    : `The ${field} header does not say clearly who sends the message`;
  return new Reply(550, "5.7.1", text);
}
