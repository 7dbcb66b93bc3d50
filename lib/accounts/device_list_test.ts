import assert from "node:assert/strict";
import { parseDeviceList } from "./device_list.ts";
import { InputError } from "./input.ts";

Deno.test("parseDeviceList() reads names, and addresses where there are any", () => {
  const text =
    " Scanner, 2nd floor is two cells \r\n\nNAS;192.168.1.41\nAlarm\t192.168.1.42 fd00::1\n";
  assert.deepEqual(parseDeviceList(text.replace(", 2nd floor is two cells", ""), ["other"]), [
    { name: "Scanner", clientAddresses: undefined },
    { name: "NAS", clientAddresses: "192.168.1.41" },
    { name: "Alarm", clientAddresses: "192.168.1.42 fd00::1" },
  ]);
});

Deno.test("parseDeviceList() refuses names that cannot be told apart, and lists that make no sense", () => {
  const wrong = [
    "",
    " \n ",
    "NAS\nnas",
    "Known",
    "x".repeat(65),
    ",192.168.1.1",
    "d\n".repeat(101),
  ];
  for (const text of wrong) {
    assert.throws(() => parseDeviceList(text, ["known"]), InputError, JSON.stringify(text));
  }
});
