import assert from "node:assert/strict";
import { parseMailbox, parseMailboxes } from "./mailbox.ts";

const FORMS: readonly (readonly [text: string, name: string, address: string])[] = [
  ["nora@outlook.example", "", "nora@outlook.example"],
  [" <nora@outlook.example> ", "", "nora@outlook.example"],
  ["Nora Lindqvist <nora@outlook.example>", "Nora Lindqvist", "nora@outlook.example"],
  ['"Lindqvist, Nora" <nora@outlook.example>', "Lindqvist, Nora", "nora@outlook.example"],
  ['"Nora \\"N\\"" <nora@outlook.example>', 'Nora "N"', "nora@outlook.example"],
  ["nora", "", "nora"],
];

for (const [text, name, address] of FORMS) {
  Deno.test(`parseMailbox() reads ${text}`, () => {
    assert.deepEqual(parseMailbox(text), { name, address });
  });
}

Deno.test("parseMailboxes() takes no comma in quotes for a separator", () => {
  assert.deepEqual(
    parseMailboxes('"Lindqvist, Nora" <nora@outlook.example>, a@example.com').map(({ address }) =>
      address
    ),
    ["nora@outlook.example", "a@example.com"],
  );
});
