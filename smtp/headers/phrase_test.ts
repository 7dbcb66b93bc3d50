import assert from "node:assert/strict";
import { parseAddressList } from "./address_list.ts";
import { phraseOf, repairEncodedWords } from "./phrase.ts";

Deno.test("phraseOf() quotes what is not plain, and keeps encoded words", () => {
  const cases: [string, string | undefined][] = [
    ["Anna Berg", "Anna Berg"],
    ["Anna  \r\n Berg ", "Anna Berg"],
    ["Berg, Anna", '"Berg, Anna"'],
    ['An"na\\', '"An\\"na\\\\"'],
    ["=?utf-8?q?J=C3=B6rg?= (x)", '=?utf-8?q?J=C3=B6rg?= "(x)"'],
    ["=?utf-8?q?a?==?utf-8?b?Yg==?=", "=?utf-8?q?a?= =?utf-8?b?Yg==?="],
    ["A\r\nBcc: x@y", '"A Bcc: x@y"'],
    [" [x] Andr\xc3\xa0 ", '"[x] Andr\xc3\xa0"'],
    ["\0\x7f \t", undefined],
    ["", undefined],
  ];
  for (const [text, phrase] of cases) assert.equal(phraseOf(text), phrase, text);
});

Deno.test("phraseOf() folds long names at spaces, and nowhere else", () => {
  const words = Array.from({ length: 60 }, (_, index) => `word,${index} \\`).join(" ");
  const phrase = phraseOf(words)!;
  assert(phrase.split("\r\n").every((line) => line.length <= 78));
  assert.equal(phrase.replaceAll("\r\n", ""), `"${words.replaceAll("\\", "\\\\")}"`);
  assert.equal(parseAddressList(`${phrase} <a@b>`)?.mailboxes.length, 1);
  assert.equal(phraseOf("x".repeat(2_000)), "x".repeat(2_000));
});

Deno.test("repairEncodedWords() writes specials as RFC 2047 wants them in a phrase", () => {
  const cases: [string, string][] = [
    ["=?utf-8?Q?M=C3=BCller,_Anna?= <a@b>", "=?utf-8?Q?M=C3=BCller=2C_Anna?= <a@b>"],
    ['=?utf-8?q?<a@b> "x"?=', "=?utf-8?q?=3Ca=40b=3E_=22x=22?="],
    ["=?utf-8?B?SsO2 cmc=?=", "=?utf-8?B?SsO2cmc=?="],
    ["=?iso-8859-1*de?q?a-b_c=20d!?=", "=?iso-8859-1*de?q?a-b_c=20d!?="],
    ["=?utf-8?x?a,b?=", "=?utf-8?x?a,b?="],
    ["=?utf-8?q?a,b", "=?utf-8?q?a,b"],
  ];
  for (const [text, repaired] of cases) assert.equal(repairEncodedWords(text), repaired);
});
