import assert from "node:assert/strict";
import { thunderbirdQrText } from "./thunderbird_qr.ts";

Deno.test("thunderbirdQrText() writes one account in Thunderbird's format", () => {
  const text = thunderbirdQrText({
    host: "smtp.domain.example",
    endpoint: { port: 465, encryption: "TLS" },
    username: "user@domain.example",
    password: "secret",
    mailbox: "user@domain.example",
    displayName: "Jane Doe",
  });
  assert.deepEqual(JSON.parse(text), [
    1,
    [1, 1],
    [0, "outlook.office365.com", 993, 3, 6, "user@domain.example"],
    [[[0, "smtp.domain.example", 465, 3, 1, "user@domain.example", "secret"], [
      "user@domain.example",
      "Jane Doe",
    ]]],
  ]);
});
