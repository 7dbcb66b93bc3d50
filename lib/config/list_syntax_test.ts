import assert from "node:assert/strict";
import { ListSyntaxError, parseList, parsePairs } from "./list_syntax.ts";

Deno.test("parsePairs() reads the syntax of APP_SECRETS", () => {
  const cases: [text: string, pairs: [string, string][]][] = [
    ["", []],
    [" { } ", []],
    ["id:secret", [["id", "secret"]]],
    ["id-1:secret-1,id-2:secret-2", [["id-1", "secret-1"], ["id-2", "secret-2"]]],
    ["{id-1:secret-1, id-2 : secret-2}", [["id-1", "secret-1"], ["id-2", "secret-2"]]],
    [",,a: 1,, b: 2,,", [["a", "1"], ["b", "2"]]],
    ["a: 1\r\n  b: two words  ", [["a", "1"], ["b", "two words"]]],
    ["id:se:cr~et", [["id", "se:cr~et"]]],
    ["id:}{", [["id", "}{"]]],
    ['id:pass\\word with "', [["id", 'pass\\word with "']]],
    ['"id":"a,b:c}"', [["id", "a,b:c}"]]],
    ['{"id" : "my \\"secret:,\\u0041\\\\;" , id-2:plain}', [
      ["id", 'my "secret:,A\\;'],
      ["id-2", "plain"],
    ]],
    ['"with:colon,comma": " spaces "', [["with:colon,comma", " spaces "]]],
    ['\n{\n"a"\n:\n"b"\n}\n', [["a", "b"]]],
  ];
  for (const [text, pairs] of cases) assert.deepEqual(parsePairs(text), pairs, text);
});

Deno.test("parseList() reads the syntax of SESSION_SECRET", () => {
  const cases: [text: string, items: string[]][] = [
    ["", []],
    ["[]", []],
    ["one", ["one"]],
    ["new key, old-key,", ["new key", "old-key"]],
    ["[new key, old-key]", ["new key", "old-key"]],
    ['[" ^key*, with \\"special\\" @characters$ "]', [' ^key*, with "special" @characters$ ']],
    ['"a,b" , c]d', ["a,b", "c]d"]],
    ["a\nb", ["a", "b"]],
  ];
  for (const [text, items] of cases) assert.deepEqual(parseList(text), items, text);
});

Deno.test("K1: parsePairs() and parseList() reject what is no list, without quoting it", () => {
  const cases: [parse: (text: string) => unknown, text: string, message: string][] = [
    [parsePairs, "hunter2", 'expected ":" after a name (at character 8)'],
    [parsePairs, "id,hunter2:x", 'expected ":" after a name (at character 3)'],
    [parsePairs, "{id:}", "expected a value (at character 5)"],
    [parsePairs, "id:,x:hunter2", "expected a value (at character 4)"],
    [parsePairs, ":hunter2", "expected a value (at character 1)"],
    [parsePairs, "{id:hunter2", 'the closing "}" is missing (at character 12)'],
    [parsePairs, "{id:x} hunter2", "unexpected text after the closing one (at character 8)"],
    [parsePairs, 'id:"hunter2', "the quotes are not closed (at character 4)"],
    [parsePairs, 'id:"a"hunter2', "unexpected text after quotes (at character 7)"],
    [
      parseList,
      '"hunter2\\x"',
      "the text in quotes breaks the rules of JSON strings (at character 1)",
    ],
    [parseList, '"hunter2\n"', "the quotes are not closed (at character 1)"],
    [parseList, "[hunter2", 'the closing "]" is missing (at character 9)'],
  ];
  for (const [parse, text, message] of cases) {
    assert.throws(() => parse(text), new ListSyntaxError(message), text);
  }
});
