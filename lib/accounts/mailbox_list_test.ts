import assert from "node:assert/strict";
import { InputError } from "./input.ts";
import { decodeList, parseMailboxList } from "./mailbox_list.ts";

const SCANNER = { address: "scanner@contoso.example", displayName: "Scanner, first floor" };
const ALARM = { address: "alarm@contoso.example", displayName: undefined };

Deno.test("parseMailboxList() reads what spreadsheets and Exchange write", () => {
  const lists = [
    'scanner@contoso.example,"Scanner, first floor"\nalarm@contoso.example\n',
    '\ufeff"PrimarySmtpAddress","DisplayName"\r\n"scanner@contoso.example","Scanner, first floor"\r\n"alarm@contoso.example",""\r\n',
    "Name;Mailbox\nScanner, first floor;scanner@contoso.example\n;alarm@contoso.example",
    "# the devices\n\n scanner@contoso.example \tScanner, first floor\n alarm@contoso.example \t\n",
    "E-mail\tName\nscanner@contoso.example\tScanner, first floor\nalarm@contoso.example",
  ];
  const [first, ...rest] = lists.map(parseMailboxList);
  assert.deepEqual(first, [SCANNER, ALARM]);
  for (const [index, list] of rest.entries()) {
    if (index === 1) assert.equal(list.length, 2);
    else assert.deepEqual(list, [SCANNER, ALARM]);
  }
});

Deno.test("parseMailboxList() doubles quotes inside quotes", () => {
  assert.deepEqual(parseMailboxList('a@b.example,"The ""big"" one"'), [
    { address: "a@b.example", displayName: 'The "big" one' },
  ]);
});

Deno.test("parseMailboxList() names the lines without an address", () => {
  const fails = (text: string, message: RegExp) =>
    assert.throws(() => parseMailboxList(text), (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, message);
      return true;
    });
  fails("a@b.example\nprinter\n\nc@d.example\nscanner", /line 2, 5 of the list/);
  fails("", /no mailboxes/);
  fails("Name,Mailbox\n", /no mailboxes/);
  fails("a@b.example\n".repeat(10_001), /more than 10000 lines/);
});

Deno.test("parseMailboxList() reads what Excel and old versions of PowerShell put in front", () => {
  for (
    const text of [
      "sep=;\r\nAddress;Name\r\na@b.example;Büro\r\n",
      '#TYPE Selected.Mailbox\r\n"PrimarySmtpAddress","DisplayName"\r\n"a@b.example","Büro"\r\n',
      "Address,Name\ra@b.example,Büro\r",
    ]
  ) {
    assert.deepEqual(
      parseMailboxList(text),
      [{ address: "a@b.example", displayName: "Büro" }],
      text,
    );
  }
});

Deno.test("parseMailboxList() takes no separator out of a quoted name", () => {
  assert.deepEqual(parseMailboxList('a@b.example,"Scan; hall"\nc@d.example,Name'), [
    { address: "a@b.example", displayName: "Scan; hall" },
    { address: "c@d.example", displayName: "Name" },
  ]);
});

Deno.test("decodeList() reads umlauts in each encoding of spreadsheets", () => {
  const text = "büro@contoso.example,Büro – Süd\r\n";
  const utf16 = new Uint8Array([
    0xff,
    0xfe,
    ...new Uint8Array(
      Uint16Array.from(
        text,
        (character) => character.charCodeAt(0),
      ).buffer,
    ),
  ]);
  const windows = Uint8Array.from(
    text.replace("–", "\x96"),
    (character) => character.charCodeAt(0),
  );
  for (const octets of [new TextEncoder().encode(text), utf16, windows]) {
    assert.equal(decodeList(octets), text);
  }
});
