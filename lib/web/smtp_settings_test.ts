import assert from "node:assert/strict";
import { type Endpoint, endpointsOf, swaksCommand } from "./smtp_settings.ts";

const ports = { plain: [25], tls: [], startTls: [], autoTls: [] };

Deno.test("endpointsOf() offers protected ports, and plain ones only where there is nothing else", () => {
  const smtp = { publicHost: "mail.example", ports };
  assert.deepEqual(
    endpointsOf({ ...smtp, publicTlsPorts: [465], publicStartTlsPorts: [587, 2587] }),
    [
      { port: 587, encryption: "STARTTLS" },
      { port: 2587, encryption: "STARTTLS" },
      { port: 465, encryption: "TLS" },
    ],
  );
  assert.deepEqual(endpointsOf({ ...smtp, publicTlsPorts: [], publicStartTlsPorts: [] }), [
    { port: 25, encryption: "none" },
  ]);
});

Deno.test("swaksCommand() speaks to the endpoint in its way", () => {
  const command = (endpoint: Endpoint) =>
    swaksCommand({
      ...{ host: "mail.example", endpoint, password: "abc-def" },
      ...{ username: "me@example.com", mailbox: "me@example.com" },
    });
  const login = "--auth PLAIN --auth-user me@example.com --auth-password abc-def " +
    "--from me@example.com --to me@example.com";
  assert.equal(
    command({ port: 587, encryption: "STARTTLS" }),
    `swaks --server mail.example --port 587 --tls ${login}`,
  );
  assert.equal(
    command({ port: 465, encryption: "TLS" }),
    `swaks --server mail.example --port 465 --tls-on-connect ${login}`,
  );
  assert.equal(
    command({ port: 25, encryption: "none" }),
    `swaks --server mail.example --port 25 ${login}`,
  );
});

Deno.test("W7: swaksCommand() quotes what a shell would take apart", () => {
  const command = swaksCommand({
    ...{ host: "::1", endpoint: { port: 25, encryption: "none" }, password: "a b" },
    ...{ username: "o'brien$(id)@example.com", mailbox: "`id`@example.com" },
  });
  assert.match(command, /--server ::1 /);
  assert.match(command, /--auth-user 'o'\\''brien\$\(id\)@example\.com' /);
  assert.match(
    command,
    /--auth-password 'a b' --from '`id`@example\.com' --to '`id`@example\.com'$/,
  );
});
