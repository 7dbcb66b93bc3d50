/**
 * The fuzz target for headers: properties that hold for every message.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { pieces, type Random } from "../../testing/mutator.ts";
import { parseAddressList } from "../address_list.ts";
import {
  HEADER_LIMIT_OCTETS,
  type HeaderReport,
  HeaderRewriter,
  SenderRefusedError,
} from "../mod.ts";
import { MAILBOX, rulesOf } from "./corpus.ts";
import { referenceRead } from "./reference.ts";

const RULES = ["always", "any", "only *@example.com *@contoso.example"];

/** The rewritten message. */
export interface Outcome {
  /** One character for each octet. */
  readonly output: string;
  readonly report: HeaderReport;
}

/** Rewrites a message; returns the error if it is refused. */
export function rewrite(rule: string, input: readonly Uint8Array[]): Outcome | SenderRefusedError {
  const rewriter = new HeaderRewriter(rulesOf(rule));
  const output: Uint8Array[] = [];
  let taken = 0;
  try {
    input.forEach((piece, index) => {
      taken += piece.length;
      output.push(Buffer.concat(rewriter.push(piece, index === input.length - 1)));
      assert(rewriter.report !== undefined || taken <= HEADER_LIMIT_OCTETS, "holds too much");
    });
  } catch (error) {
    if (!(error instanceof SenderRefusedError)) throw error;
    assert.match(error.value, /^[^\p{C}]*$/u);
    return error;
  }
  return { output: Buffer.concat(output).toString("latin1"), report: rewriter.report! };
}

/** A message in any pieces, with a random rule. */
export function fuzzHeader(input: Uint8Array, random: Random): void {
  const rule = random.pick(RULES);
  const whole = rewrite(rule, [input]);
  assert.deepEqual(rewrite(rule, [...pieces(input, random), new Uint8Array(0)]), whole);
  if (whole instanceof SenderRefusedError) return;
  if (rule === "any" && whole.report.changes.length === 0) {
    assert.equal(whole.output, Buffer.from(input).toString("latin1"));
    return;
  }
  const before = referenceRead(Buffer.from(input).toString("latin1"));
  const after = referenceRead(whole.output);
  assert(whole.output.endsWith(before.body), "the body was changed");
  assert.equal(after.body, before.body);
  assert.equal(after.fields.length, before.fields.length + balance(whole.report));
  checkHeader(whole.output.slice(0, whole.output.length - before.body.length));
  checkAuthors(rule, after.fields);
  checkOthers(before.fields, after.fields);
  assert.match(whole.report.originalFrom ?? "", /^[^\p{C}]{0,256}$/u);
  const again = rewrite(rule, [Buffer.from(whole.output, "latin1")]) as Outcome;
  assert.equal(again.output, whole.output);
  assert.deepEqual([again.report.changes, again.report.repairs], [[], []]);
}

function balance({ changes }: HeaderReport): number {
  const counts = changes.map(({ action, count }) =>
    action === "added" ? count : action === "removed" ? -count : 0
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Checks that every line is a field or continues one, and ends with CR LF: there is only one way to read it. */
function checkHeader(header: string): void {
  assert.match(header, /^(?:[!-9;-~]+:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*)*(?:\r\n)?$/);
}

function checkAuthors(rule: string, fields: readonly (readonly [string, string])[]): void {
  const lists = (wanted: string) =>
    fields.filter(([name]) => name === wanted)
      .map(([, value]) => parseAddressList(value.replace(/\r\n$/, "")));
  for (const wanted of ["date", "message-id", "from"]) assert(lists(wanted).length > 0, wanted);
  if (rule === "any") return;
  const from = lists("from");
  const named = [...from, ...lists("sender")];
  const addresses = named.flatMap((list) => list?.mailboxes.map(({ address }) => address) ?? []);
  if (rule === "always") {
    assert.equal(from.length, 1);
    assert.equal(addresses.length, named.length);
    assert(addresses.every((address) => address.toLowerCase() === MAILBOX));
  }
  assert(addresses.every((address) => /@(?:example\.com|contoso\.example)$/i.test(address)));
}

/** Checks that all other fields stay in order and, except for line ends, as they are. */
function checkOthers(
  before: readonly (readonly [string, string])[],
  after: readonly (readonly [string, string])[],
): void {
  const others = (fields: typeof before) =>
    fields.filter(([name]) => !/^(?:from|sender|reply-to|date|message-id)$/.test(name))
      .map(([name, value]) => [name, value.replace(/[\r\n ]/g, "").trim()]);
  const wanted = others(before);
  const found = others(after);
  assert.deepEqual(found, wanted);
}
