import assert from "node:assert/strict";
import { InputError } from "./input.ts";
import { parseRestrictions, type RestrictionChoice } from "./restrictions.ts";

const NETWORKS = ["192.168.0.0/16", "fd00::/8"];

function refused(field: string, choice: RestrictionChoice, networks: readonly string[] = NETWORKS) {
  assert.throws(
    () => parseRestrictions(choice, networks),
    (error) => error instanceof InputError && error.field === field,
    JSON.stringify(choice),
  );
}

Deno.test("parseRestrictions() restricts nothing where nothing is entered", () => {
  const none = { allowedRecipients: undefined, dailyLimit: undefined, clientAddresses: undefined };
  assert.deepEqual(parseRestrictions({}, []), none);
  const blank = { allowedRecipients: " , ", dailyLimit: " ", clientAddresses: "\n" };
  assert.deepEqual(parseRestrictions(blank, []), none);
});

Deno.test("parseRestrictions() reads addresses, domains and patterns of recipients", () => {
  const allowedRecipients = "Anna@Example.com, example.org;@Example.NET\nscan-*@example.com";
  assert.equal(
    parseRestrictions({ allowedRecipients }, []).allowedRecipients,
    "anna@example.com *@example.org *@example.net scan-*@example.com",
  );
  for (const entry of ["anna", "a@b@c", "<a@b.example>", "*", "a\u0007@b.example"]) {
    refused("allowed-recipients", { allowedRecipients: `example.com, ${entry}` });
  }
  refused("allowed-recipients", { allowedRecipients: "a.example ".repeat(51) });
});

Deno.test("parseRestrictions() reads the daily number of messages", () => {
  assert.equal(parseRestrictions({ dailyLimit: " 200 " }, []).dailyLimit, 200);
  for (const dailyLimit of ["0", "-1", "1.5", "many", "1000001", "1e3"]) {
    refused("daily-limit", { dailyLimit });
  }
});

Deno.test("parseRestrictions() reads client addresses within the permitted networks", () => {
  const clientAddresses = "192.168.1.40, 192.168.2.0/28 fd00::40, 192.168.1.40";
  assert.equal(
    parseRestrictions({ clientAddresses }, NETWORKS).clientAddresses,
    "192.168.1.40/32 192.168.2.0/28 fd00::40/128",
  );
  for (const entry of ["10.0.0.1", "192.0.0.0/8", "fe80::1", "printer.local", "loopback", "::/0"]) {
    refused("client-addresses", { clientAddresses: entry });
  }
  refused("client-addresses", { clientAddresses: "192.168.1.40" }, []);
});
