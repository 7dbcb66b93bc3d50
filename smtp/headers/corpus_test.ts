import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { addressParser } from "postal-mime";
import { Random } from "../testing/mutator.ts";
import { HeaderRewriter, SenderRefusedError } from "./mod.ts";
import { loadShapes, type Shape } from "./testing/corpus.ts";
import { referenceRead } from "./testing/reference.ts";

const SHAPES = loadShapes();
const RANDOM_CUTS = 5;

/** Outcome for a message, in the words of the corpus. */
interface Result {
  /** One character for each octet. */
  readonly output?: string;
  readonly refused?: string;
  readonly changes: string;
  readonly repairs: string;
  readonly authors: readonly string[];
  readonly senders: readonly string[];
  readonly original?: string;
}

function send({ rules }: Shape, pieces: readonly Uint8Array[]): Result {
  const rewriter = new HeaderRewriter(rules);
  const output: Uint8Array[] = [];
  try {
    pieces.forEach((piece, index) =>
      output.push(Buffer.concat(rewriter.push(piece, index === pieces.length - 1)))
    );
  } catch (error) {
    if (!(error instanceof SenderRefusedError)) throw error;
    const refused = [error.reason, error.field, ...error.addresses].join(" ");
    return { refused, changes: "", repairs: "", authors: [], senders: [], original: error.value };
  }
  const { authors, senders, changes, repairs, originalFrom } = rewriter.report!;
  return {
    output: Buffer.concat(output).toString("latin1"),
    changes: changes.map(({ field, action, count }) =>
      `${field} ${action}${count > 1 ? ` ${count}` : ""}`
    ).join(", "),
    repairs: repairs.join(", "),
    authors,
    senders,
    original: originalFrom,
  };
}

function expected(
  { output, refused, changes, repairs, authors, senders, original }: Shape,
): Result {
  const text = output && Buffer.from(output).toString("latin1");
  const told = { changes, repairs, authors, senders, original };
  return text === undefined ? { refused, ...told } : { output: text, ...told };
}

/** All ways to cut a message that may make a difference: octet by octet, at line ends and beside them, anywhere. */
function* cuts(input: Uint8Array, random: Random): Generator<Uint8Array[]> {
  yield [input];
  yield [input, new Uint8Array(0)];
  yield Array.from(input, (octet) => Uint8Array.of(octet)).concat(new Uint8Array(0));
  for (let at = 1; at < Math.min(input.length, 2_000); at++) {
    const nearLineEnd = input.subarray(at - 1, at + 2).some((octet) =>
      octet === 13 || octet === 10
    );
    if (nearLineEnd) yield [input.subarray(0, at), input.subarray(at)];
  }
  for (let count = 0; count < RANDOM_CUTS; count++) yield randomPieces(input, random);
}

function randomPieces(input: Uint8Array, random: Random): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < input.length;) {
    const end = at + random.below(60);
    pieces.push(input.subarray(at, end));
    at = end;
  }
  return [...pieces, new Uint8Array(0)];
}

function sha256(text: string): string {
  return createHash("sha256").update(Buffer.from(text, "latin1")).digest("hex");
}

Deno.test("the corpus has at least 300 shapes, each with a name of its own", () => {
  assert(SHAPES.length >= 300, `${SHAPES.length}`);
  assert.equal(new Set(SHAPES.map(({ name }) => name)).size, SHAPES.length);
});

Deno.test("HeaderRewriter makes of every shape what it should, however it is cut", () => {
  for (const shape of SHAPES) {
    const wanted = expected(shape);
    const random = new Random(shape.input.length);
    for (const pieces of cuts(shape.input, random)) {
      assert.deepEqual({ name: shape.name, ...send(shape, pieces) }, {
        name: shape.name,
        ...wanted,
      });
    }
  }
});

Deno.test("HeaderRewriter leaves every body of the corpus as it is, by its hash", () => {
  for (const shape of SHAPES) {
    const { output } = send(shape, [shape.input]);
    if (output === undefined) continue;
    const { body } = referenceRead(Buffer.from(shape.input).toString("latin1"));
    assert.equal(sha256(referenceRead(output).body), sha256(body), shape.name);
    assert.equal(sha256(output.slice(output.length - body.length)), sha256(body), shape.name);
  }
});

Deno.test("HeaderRewriter changes nothing more in what it gave out", () => {
  for (const shape of SHAPES) {
    const { output } = send(shape, [shape.input]);
    if (output === undefined) continue;
    const again = send(shape, [Buffer.from(output, "latin1")]);
    assert.deepEqual([again.output, again.changes, again.repairs], [output, "", ""], shape.name);
  }
});

Deno.test("another parser finds the mailbox alone in From where it is always the mailbox", () => {
  for (const shape of SHAPES.filter(({ rules }) => rules.sender.kind === "always")) {
    const { fields } = referenceRead(send(shape, [shape.input]).output!);
    const from = fields.filter(([name]) => name === "from");
    assert.equal(from.length, 1, shape.name);
    const value = Buffer.from(from[0]![1], "latin1").toString().replace(/\r\n(?=[ \t])/g, "")
      .trim();
    const found = addressParser(value).map(({ address }) => address?.toLowerCase());
    assert.deepEqual(found, [shape.rules.mailbox], shape.name);
  }
});
