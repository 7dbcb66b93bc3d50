/**
 * Rewriting the header of a message while it streams through.
 *
 * @module
 */
import { concat, latin1, octetsOf } from "../protocol/mod.ts";
import { isBareAddress } from "./addresses.ts";
import { type HeaderChange, HeaderDraft } from "./draft.ts";
import { type Header, type HeaderRepair, parseHeader } from "./header.ts";
import { readable, TOLD_LIMIT_OCTETS, utf8Octets } from "./text.ts";
import { applyRules, type HeaderRules } from "./rules.ts";

/**
 * The longest header that is read, in octets, with the empty line after it. RFC 5322 section 2.2 sets no limit; hundreds of
 * fields fit in. With the rule `any`, a message with a longer header passes unchanged.
 */
export const HEADER_LIMIT_OCTETS = 65_536;

/** The header is longer than {@linkcode HEADER_LIMIT_OCTETS}. No part of the message was passed on. */
export class HeaderTooLargeError extends Error {
  override readonly name = "HeaderTooLargeError";
  readonly limitOctets = HEADER_LIMIT_OCTETS;

  constructor() {
    super(`the header is longer than ${HEADER_LIMIT_OCTETS} octets`);
  }
}

/** The authors in a header, and how it was changed. */
export interface HeaderReport {
  /** The addresses in From as the client sent it, including those of groups, each once. */
  readonly authors: readonly string[];
  /** The addresses in Sender as the client sent it. */
  readonly senders: readonly string[];
  /** From as the client sent it, in one line, fit for logs and pages; missing if it was not rewritten or was empty. */
  readonly originalFrom?: string;
  /** Changes of fields, in the order they were made. */
  readonly changes: readonly HeaderChange[];
  /** Ambiguities that were repaired. */
  readonly repairs: readonly HeaderRepair[];
}

/** Up to this much of the body is copied behind the header, so that both are sent together. Another packet would cost more. */
const JOIN_LIMIT_OCTETS = 16_384;

const EMPTY = new Uint8Array(0);
const FIRST_BUFFER_OCTETS = 4_096;
const LF = 10;
const CR = 13;

/**
 * Holds the header of a message back until it is complete, then returns it as the rules want it. The body is passed on as it
 * is: the same octets in the same memory.
 *
 * ```ts
 * const rewriter = new HeaderRewriter(rules);
 * for (const { octets, last } of pieces) {
 *   for (const part of rewriter.push(octets, last)) send(part);
 * }
 * console.log(rewriter.report?.changes);
 * ```
 */
export class HeaderRewriter {
  readonly #rules: HeaderRules;
  readonly #hasAddress: boolean;
  #held = new Uint8Array(0);
  #heldCount = 0;
  #report: HeaderReport | undefined;

  /** @throws {TypeError} if the mailbox is not one address. With the rule `any`, nothing is added then. */
  constructor(rules: HeaderRules) {
    this.#hasAddress = isBareAddress(utf8Octets(rules.mailbox));
    if (!this.#hasAddress && rules.sender.kind !== "any") {
      throw new TypeError("the mailbox of a header rule is not an address");
    }
    this.#rules = rules;
  }

  /** Missing until the header is complete. */
  get report(): HeaderReport | undefined {
    return this.#report;
  }

  /**
   * Takes the next piece of the message and returns the parts that can be passed on: none while the header is incomplete,
   * then the header and the octets after it, then each piece itself. For the last piece, it is exactly one part.
   *
   * @param piece Plain octets, without the dots that SMTP adds (RFC 5321 section 4.5.2); may be empty. It is copied if it has
   * to be held.
   * @param last Whether the message ends here, complete.
   * @throws {HeaderTooLargeError}
   * @throws {SenderRefusedError}
   */
  push(piece: Uint8Array, last: boolean): readonly Uint8Array[] {
    if (this.#report !== undefined) return [piece];
    const room = HEADER_LIMIT_OCTETS - this.#heldCount;
    const scanned = this.#heldCount;
    const start = scanned === 0 ? piece.subarray(0, room) : this.#hold(piece.subarray(0, room));
    const whole = last && piece.length <= room;
    const end = endOfHeader(start, scanned);
    if (end < 0 && !whole && start.length < HEADER_LIMIT_OCTETS) {
      if (scanned === 0) this.#hold(piece);
      return [];
    }
    const text = latin1(end < 0 ? start : start.subarray(0, end));
    const header = parseHeader(text, whole && end < 0) ?? this.#unread();
    const rewritten = this.#rewrite(header, text);
    if (scanned === 0 && rewritten === text.slice(0, header.bodyStart)) return [piece];
    // What was held goes with the header; the rest of the piece may be large.
    const held = concat(octetsOf(rewritten), start.subarray(header.bodyStart, scanned));
    const rest = piece.subarray(Math.max(0, header.bodyStart - scanned));
    return last || rest.length <= JOIN_LIMIT_OCTETS ? [concat(held, rest)] : [held, rest];
  }

  /** Appends octets to the held ones, and returns all of them. */
  #hold(octets: Uint8Array): Uint8Array {
    const count = this.#heldCount + octets.length;
    if (count > this.#held.length) {
      const larger = new Uint8Array(Math.max(FIRST_BUFFER_OCTETS, 2 * this.#held.length, count));
      larger.set(this.#held.subarray(0, this.#heldCount));
      this.#held = larger;
    }
    this.#held.set(octets, this.#heldCount);
    this.#heldCount = count;
    return this.#held.subarray(0, count);
  }

  /** Returns a header that is too long to be read, if it can pass unread. @throws {HeaderTooLargeError} if not. */
  #unread(): Header {
    if (this.#rules.sender.kind !== "any") throw new HeaderTooLargeError();
    return { fields: [], separator: "", bodyStart: 0, repairs: [], unread: true };
  }

  /** Returns the rewritten header with its empty line. */
  #rewrite(header: Header, text: string): string {
    const draft = new HeaderDraft(header);
    const from = draft.values("From");
    const senders = draft.values("Sender");
    if (!header.unread && this.#hasAddress) applyRules(draft, this.#rules);
    // No permission depends on how this header is read. If nothing is added to it, it needs no repair.
    const asReceived = this.#rules.sender.kind === "any" && draft.changes.length === 0;
    const rewritten = draft.changes.some(({ field, action }) =>
      field === "From" && action === "rewritten"
    );
    this.#report = {
      authors: draft.addressesIn(from),
      senders: draft.addressesIn(senders),
      originalFrom: rewritten
        ? readable(from.join(", "), TOLD_LIMIT_OCTETS) || undefined
        : undefined,
      changes: draft.changes,
      repairs: asReceived ? [] : header.repairs,
    };
    this.#held = EMPTY;
    this.#heldCount = 0;
    return asReceived ? text.slice(0, header.bodyStart) : draft.text + header.separator;
  }
}

/** Returns the index behind the first empty line, or -1. Lines that end before `from` are known not to be empty. */
function endOfHeader(octets: Uint8Array, from: number): number {
  for (let lf = octets.indexOf(LF, from); lf >= 0; lf = octets.indexOf(LF, lf + 1)) {
    let before = lf - 1;
    while (octets[before] === CR) before--;
    if (before < 0 || octets[before] === LF) return lf + 1;
  }
  return -1;
}
