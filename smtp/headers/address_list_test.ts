import assert from "node:assert/strict";
import { parseAddressList } from "./address_list.ts";

Deno.test("parseAddressList() reads mailboxes with names, comments and folds", () => {
  const cases: [string, string, string | undefined][] = [
    ["a@b", "a@b", undefined],
    [" <a@b> ", "a@b", undefined],
    ["A B <a@b>", "a@b", "A B"],
    ['"A, B"\r\n <a@b>', "a@b", '"A, B"'],
    ["A.\r\n\tB <a@b>", "a@b", "A.\r\n\tB"],
    ["(x) A (y) B (z) <a@b>", "a@b", "A (y) B"],
    ["a@b (A (B))", "a@b", "A (B)"],
    ['"a\\"b"@[192.0.2.1]', '"a\\"b"@[192.0.2.1]', undefined],
    ["a . b (c) @ d . e", "a.b@d.e", "c"],
    ["<@x,@y:a@b>", "a@b", undefined],
    ["\xc3\xa9@\xc3\xa9", "\xc3\xa9@\xc3\xa9", undefined],
  ];
  for (const [value, address, name] of cases) {
    const list = parseAddressList(value);
    assert.deepEqual(list?.mailboxes.map((found) => [found.address, found.name]), [[
      address,
      name,
    ]]);
    assert.equal(list?.groupName, undefined, value);
  }
});

Deno.test("parseAddressList() reads lists and groups", () => {
  const addresses = (value: string) =>
    parseAddressList(value)?.mailboxes.map(({ address }) => address);
  assert.deepEqual(addresses("a@b, ,C <c@d>,"), ["a@b", "c@d"]);
  assert.deepEqual(addresses("G: a@b, <c@d>;, e@f"), ["a@b", "c@d", "e@f"]);
  assert.deepEqual(addresses("G:;"), []);
  assert.equal(parseAddressList('"My G": a@b;')?.groupName, '"My G"');
});

Deno.test("parseAddressList() takes nothing that does not follow the grammar", () => {
  const bad = [
    ...[
      "",
      " ",
      ",",
      "(x)",
      "a",
      "a@",
      "@b",
      "@",
      "a@b@c",
      "a..b@c",
      ".a@b",
      "a.@b",
      "a@b.",
      "a@.b",
    ],
    ...["A, B <a@b>", "A <a@b", "A a@b>", "<a@b> A", "A <a@b> <c@d>", "A [B] <a@b>", "a@b c@d"],
    ...[
      '"A <a@b>',
      "(A a@b",
      "A) <a@b>",
      "A\\B <a@b>",
      "a@b; c@d",
      "G: a@b",
      ": a@b;",
      "G: H: a@b;;",
    ],
    ...[
      "A\0B <a@b>",
      '"A\x07" <a@b>',
      "A\r\nB <a@b>",
      '"A\r\nB" <a@b>',
      '"A\nB" <a@b>',
      '"A\\\r\n" <a@b>',
    ],
    ...[
      "a@[b",
      "a@[b]]",
      "a@b.[c]",
      '"a"b@c',
      'a@"b"',
      "<>",
      "A <>",
      "<@x a@b>",
      "<@x:@y:a@b>",
      ". A <a@b>",
    ],
  ];
  for (const value of bad) assert.equal(parseAddressList(value), undefined, value);
});
