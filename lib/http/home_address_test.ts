import assert from "node:assert/strict";
import { homeAddress } from "./home_address.ts";

/** Where a browser is sent that visits `visited`, on a site whose own address is `home`. */
function target(visited: string, home: string, isFixed: boolean): string | undefined {
  return homeAddress(new URL(visited), new URL(home), isFixed)?.href;
}

Deno.test("homeAddress() leads from 127.0.0.1 to localhost where no address is fixed", () => {
  const cases: [visited: string, target: string | undefined][] = [
    ["http://127.0.0.1:3000/auth?next=%2Faccount", "http://localhost:3000/auth?next=%2Faccount"],
    ["http://[::1]:3000/auth", "http://localhost:3000/auth"],
    ["http://127.0.0.2/auth", "http://localhost/auth"],
    ["http://localhost:3000/auth", undefined],
    ["http://mail.lan/auth", undefined],
    ["https://127.0.0.1/auth", undefined],
    ["http://127.0.0.1.evil.example/auth", undefined],
  ];
  for (const [visited, expected] of cases) {
    assert.equal(target(visited, visited, false), expected, visited);
  }
});

Deno.test("homeAddress() leads from this machine's addresses to the fixed one, once", () => {
  const home = "https://mail.example/smtp/auth";
  const moved = "https://mail.example/smtp/auth?next=%2Faccount&moved=1";
  for (const host of ["127.0.0.1:3000", "localhost:3000", "[::1]:3000"]) {
    assert.equal(target(`http://${host}/auth?next=%2Faccount`, home, true), moved, host);
    assert.equal(target(`http://${host}/auth?next=%2Faccount&moved=1`, home, true), undefined);
  }
  assert.equal(target("http://other.example/auth", home, true), undefined);
  assert.equal(target("http://127.0.0.1:3000/auth", "http://127.0.0.1:3000/auth", true), undefined);
});
