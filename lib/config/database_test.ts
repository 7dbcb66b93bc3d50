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

for (
  const [text, password] of [
    ["postgres://u:p%40%3A%2F%3F%23%25%26%2B%20%C3%A4@db/mail", "p@:/?#%&+ \u00e4"],
    ["postgres://u:p@ss@db/mail", "p@ss"],
    ["postgres://u:a:b+c&d=e!$'()*,;~@db/mail", "a:b+c&d=e!$'()*,;~"],
    ["postgres://u:\u00e4\u20ac@db/mail", "\u00e4\u20ac"],
    ["postgres://u@db/mail", ""],
  ] as const
) {
  Deno.test(`parseDatabaseUrl() reads the password of ${text}`, () => {
    const address = parseDatabaseUrl(text);
    assert.ok(!("fault" in address));
    assert.equal(address.password.reveal(), password);
    assert.deepEqual([address.host, address.name, address.user], ["db", "mail", "u"]);
  });
}

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
    ["postgres://u:hunter2@/mail", /is not an address/],
    ["postgres://u:hunter2%zz@db.example.com/mail", /bad %/],
    ["postgres://u:hunter2@db.example.com/mail?sslmode=disable", /not verified/],
    ["postgres://u:hunter2@db.example.com/mail?sslmode=require", /not verified/],
    ["postgres://u:hunter2@127.0.0.1/mail?sslmode=prefer", /not verified/],
    ["postgres://u:hunter2@db.example.com/mail?options=-c", /parameters/],
    ["postgres://u:hunter2@db.example.com/mail?host=/tmp", /names a socket/],
    ["postgres://u:hunter2@%2Fvar%2Frun%2Fpostgresql/mail", /names a socket/],
    ["postgres://u:hunter2@db1,db2/mail", /no host/],
    ["postgres://u:hunter2#@db/mail", /is not an address/],
    ["postgres://u:hunter2/x@db/mail", /is not an address/],
    ["postgres://hunter2/mail", /no user/],
    ["postgres://u:hunter2@db.example.com/mail?sslmode=verify-ca", /not verified/],
  ] as const
) {
  Deno.test(`parseDatabaseUrl() refuses ${text}, and shows no secret`, () => {
    const address = parseDatabaseUrl(text);
    assert.ok("fault" in address);
    assert.match(address.fault, fault);
    assert.doesNotMatch(address.fault + address.remedy, /hunter2/);
  });
}
