import assert from "node:assert/strict";
import { parseDatabaseUrl } from "./database.ts";

Deno.test("parseDatabaseUrl() takes an address apart", () => {
  const address = parseDatabaseUrl("postgres://pro%40xy:p%2Fw@db.example.com/mail");
  assert.ok(!("fault" in address));
  const { password, ...others } = address;
  assert.deepEqual(others, {
    host: "db.example.com",
    port: 5432,
    user: "pro@xy",
    name: "mail",
    tls: true,
  });
  assert.equal(password.reveal(), "p/w");
});

Deno.test("parseDatabaseUrl() asks for no encryption on this machine alone", () => {
  const tlsOf = (text: string) => {
    const address = parseDatabaseUrl(text);
    return "fault" in address ? undefined : address.tls;
  };
  assert.equal(tlsOf("postgresql://u@127.0.0.1:5433/mail"), false);
  assert.equal(tlsOf("postgres://u@[::1]/mail?sslmode=disable"), false);
  assert.equal(tlsOf("postgres://u@localhost/mail?sslmode=verify-full"), true);
  assert.equal(tlsOf("postgres://u@10.0.0.1/mail?sslmode=verify-full"), true);
});

for (
  const [text, fault] of [
    ["mysql://u:hunter2@db/mail", /postgres:\/\//],
    ["hunter2", /postgres:\/\//],
    ["postgres://:hunter2@db.example.com/mail", /no user/],
    ["postgres://u:hunter2@db.example.com", /no database/],
    ["postgres://u:hunter2@/mail", /postgres:\/\/|no host/],
    ["postgres://u:hunter2%zz@db.example.com/mail", /bad %/],
    ["postgres://u:hunter2@db.example.com/mail?sslmode=disable", /not verified/],
    ["postgres://u:hunter2@db.example.com/mail?sslmode=require", /not verified/],
    ["postgres://u:hunter2@127.0.0.1/mail?sslmode=prefer", /not verified/],
    ["postgres://u:hunter2@db.example.com/mail?host=/tmp", /parameters/],
  ] as const
) {
  Deno.test(`parseDatabaseUrl() refuses ${text}, and shows no secret`, () => {
    const address = parseDatabaseUrl(text);
    assert.ok("fault" in address);
    assert.match(address.fault, fault);
    assert.doesNotMatch(address.fault + address.remedy, /hunter2/);
  });
}
