import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { octets } from "../testing/assertions.ts";
import { mutate, Random } from "../testing/mutator.ts";
import { surelyHasAuthor } from "./author_scan.ts";
import { HeaderRewriter } from "./mod.ts";
import { loadShapes, rulesOf } from "./testing/corpus.ts";

const ANSWERS: readonly (readonly [start: string, answer: boolean])[] = [
  ["From: a@b\r\n\r\n", true],
  ["Received: by x;\r\n\tyesterday\r\nfrOM:\r\n a@b\r\nTo", true],
  ["Subject: From: a@b\r\n\r\n", false],
  ["From: a@b", false],
  ["From: a@b\r\n", false],
  ["From: \t\r\n \r\nTo: c@d\r\n\r\n", false],
  ["From : a@b\r\n\r\n", false],
  ["From a@b Mon Jan  1 00:00:00 2024\r\nFrom: a@b\r\n\r\n", false],
  ["Subject: a\nFrom: a@b\r\n\r\n", false],
  ["\r\nFrom: a@b\r\n\r\n", false],
  ["", false],
];

for (const [start, answer] of ANSWERS) {
  Deno.test(`surelyHasAuthor() says ${answer} of ${JSON.stringify(start)}`, () => {
    assert.equal(surelyHasAuthor(octets(start)), answer);
  });
}

Deno.test("surelyHasAuthor() says yes only where reading the header changes nothing", () => {
  const corpus = loadShapes().map(({ input }) => input);
  const random = new Random(1);
  const mutated = Array.from({ length: 5_000 }, () => mutate(corpus, random));
  const found = [...corpus, ...mutated].filter(surelyHasAuthor);
  assert(found.length > 1_000, `${found.length}`);
  for (const message of found) {
    const rewriter = new HeaderRewriter(rulesOf("any"));
    const output = Buffer.concat(rewriter.push(message, true));
    assert(output.equals(message), Buffer.from(message).toString("latin1"));
  }
});
