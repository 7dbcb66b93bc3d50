import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { findLeaks } from "./canaries.ts";

/** Has what every encoding treats differently. */
const AWKWARD = `<&"'+/=%\\ ü???`;
Deno.test("findLeaks() finds a secret in every encoding, and does not show it", () => {
  const value = `canary ${AWKWARD}`;
  const octets = Buffer.from(value);
  const contents = {
    "raw": `a ${value} b`,
    "base64": btoa(`\0user\0${octets.toString("latin1")}`),
    "base64url": Buffer.from(`12${value}3`).toString("base64url"),
    "hex": `x${octets.toString("hex")}x`,
    "URL-encoded": `https://example.com/?a=${encodeURIComponent(value)}&b`,
    "JSON": JSON.stringify({ a: [value] }),
    "HTML": `<p>${value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")}</p>`,
    "numbers": `Uint8Array(${octets.length}) [ ${octets.join(", ")} ]`,
  };
  const places = Object.entries(contents).map(([name, content]) => ({ name, content }));
  const leaks = findLeaks([{ kind: "canary", value }], places);
  const expected = Object.keys(contents).map((name) => [name, name]);
  assert.deepEqual(leaks.map(({ place, encoding }) => [place, encoding]), expected);
  assert.ok(!JSON.stringify(leaks).includes("canary <"));
  assert.deepEqual(findLeaks([{ kind: "canary", value: "another canary" }], places), []);
});
